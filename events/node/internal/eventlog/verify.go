package eventlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// A Report is what Verify found.
type Report struct {
	Head    uint64 // position of the last event
	Events  uint64 // records read
	Streams uint64 // names, those of metadata too
	Cut     uint64 // positions whose events were scavenged
	Tables  int    // files of Pebble's whose blocks were checked
	Sealed  bool   // the store was closed; otherwise the end of its write-ahead log can't be told from a torn write

	Damage []string // what is wrong, up to maxDamage lines
	Faults int      // how much is wrong
}

// maxDamage bounds the lines of a report.
const maxDamage = 100

func (r *Report) fault(format string, args ...any) {
	if r.Faults++; len(r.Damage) < maxDamage {
		r.Damage = append(r.Damage, fmt.Sprintf(format, args...))
	}
}

// Verify reads all of a store that no process has open, and changes nothing:
//
//   - the files against their seal, where there is one;
//   - the checksum of every block of every table, and of every record;
//   - that positions rise, and that those which are missing are as many as the
//     events that scavenges have taken;
//   - that the index has each record and nothing else, that each stream's
//     revisions are without gap, and that every system stream has its links.
//
// The error is for what kept it from looking; damage is in the report.
func Verify(ctx context.Context, dir string) (Report, error) {
	var report Report
	if _, err := os.Stat(filepath.Join(dir, versionFile)); errors.Is(err, fs.ErrNotExist) {
		return report, fmt.Errorf("%s holds no event store", dir)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return report, err
	}
	defer lock.Close()
	v := &verifier{ctx: ctx, dir: dir, report: &report}
	err = v.run(lock)
	return report, err
}

type verifier struct {
	ctx    context.Context
	dir    string
	report *Report
	log    *Log
	sealed *seal

	// How many links the records want, how many there are, and whether scavenges
	// have taken links whose events are there.
	wanted, linked uint64
	unlinked       bool
}

func (v *verifier) run(lock *os.File) error {
	found, err := checkVersion(v.dir)
	if errors.Is(err, ErrVersion) {
		v.report.fault("%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	v.unlinked = found == versionUnlinked
	if v.sealed, err = readSeal(v.dir); err != nil {
		v.report.fault("%v", err)
	} else if v.sealed != nil {
		v.report.Sealed = true
		for _, found := range v.sealed.check(v.dir, true) {
			v.report.fault("%s", found)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	v.log = &Log{files: files{dir: v.dir, fs: vfs.Default, lock: lock}, cache: newStateCache(), failure: &failure{logger: quiet}}
	if err := v.log.openPebble(true); err != nil {
		v.report.fault("%v", err)
		return nil
	}
	for _, check := range []func() error{v.tables, v.records, v.streams, v.links} {
		if err = check(); err != nil {
			break
		}
	}
	// What Pebble has met on the way is in the report already.
	_ = v.log.db.Close()
	return err
}

// tables checks the blocks of each table that the log consists of.
func (v *verifier) tables() error {
	levels, err := v.log.db.SSTables()
	if err != nil {
		v.report.fault("list the tables: %v", err)
		return nil
	}
	options := pebbleOptions(v.log.failure)
	options.EnsureDefaults()
	for _, level := range levels {
		for _, table := range level {
			if err := v.ctx.Err(); err != nil {
				return err
			}
			name := fmt.Sprintf("%06d%s", uint64(table.FileNum), tableExt)
			if err := checkTable(v.ctx, filepath.Join(v.dir, pebbleDir, name), options.MakeReaderOptions()); err != nil {
				v.report.fault("%s/%s: %v", pebbleDir, name, err)
			}
			v.report.Tables++
		}
	}
	return nil
}

func checkTable(ctx context.Context, path string, options sstable.ReaderOptions) error {
	f, err := vfs.Default.Open(path)
	if err != nil {
		return err
	}
	readable, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	reader, err := sstable.NewReader(ctx, readable, options) // closes it, when it fails
	if err != nil {
		return err
	}
	return errors.Join(reader.ValidateBlockChecksums(), reader.Close())
}

// records reads the log in its order and looks each record up in the index.
func (v *verifier) records() error {
	it, err := v.over(prefixRecord)
	if it == nil {
		return err
	}
	numbers := map[string]uint64{}
	for ok := it.First(); ok; ok = it.Next() {
		if v.report.Events%4096 == 0 && v.ctx.Err() != nil {
			return errors.Join(v.ctx.Err(), it.Close())
		}
		v.report.Events++
		stored, err := it.ValueAndErr()
		if err != nil {
			break // the iterator keeps it
		}
		if len(it.Key()) != recordKeySize {
			v.report.fault("record key %x is none", it.Key())
			continue
		}
		position := binary.BigEndian.Uint64(it.Key()[1:])
		v.report.Head = position
		r, err := decodeRecord(position, stored)
		if err != nil {
			v.report.fault("%v", err)
			continue
		}
		if len(numbers) > cacheGeneration {
			clear(numbers)
		}
		number, known := numbers[string(r.Stream)]
		if !known {
			if number, err = v.log.number(r.Stream); err != nil {
				v.report.fault("stream %q: %v", r.Stream, err)
				continue
			}
			numbers[string(r.Stream)] = number
		}
		v.indexed(&r, number)
		v.wanted += uint64(len(memberOf(string(r.Stream), string(r.Type), r.Revision, correlationOf(r.Metadata)).names()))
	}
	v.end(it, "records after position %d can't be read: %v", v.report.Head)
	if v.sealed != nil && v.report.Head < v.sealed.head {
		v.report.fault("the log ends at position %d, and it was closed at %d", v.report.Head, v.sealed.head)
	}
	return nil
}

func (v *verifier) indexed(r *Record, number uint64) {
	entry, closer, err := v.log.db.Get(indexKey(number, r.Revision))
	switch {
	case number == 0 || errors.Is(err, pebble.ErrNotFound):
		v.report.fault("the record at position %d, %q@%d, is not in the index", r.Position, r.Stream, r.Revision)
	case err != nil:
		v.report.fault("index of %q@%d: %v", r.Stream, r.Revision, err)
	case len(entry) != 8 || binary.BigEndian.Uint64(entry) != r.Position:
		v.report.fault("the index has %q@%d elsewhere than at position %d", r.Stream, r.Revision, r.Position)
	}
	if closer != nil {
		_ = closer.Close() // of a value that is in memory
	}
}

// streams reads the index by its names, and counts what they leave out.
func (v *verifier) streams() error {
	total, err := v.count(prefixIndex)
	if err != nil {
		return err
	}
	it, err := v.over(prefixName)
	if it == nil {
		return err
	}
	var found, cut uint64
	for ok := it.First(); ok; ok = it.Next() {
		if v.report.Streams%4096 == 0 && v.ctx.Err() != nil {
			return errors.Join(v.ctx.Err(), it.Close())
		}
		v.report.Streams++
		s, err := v.stream(string(it.Key()[1:]))
		if err != nil {
			v.report.fault("stream %q: %v", it.Key()[1:], err)
			continue
		}
		found, cut = found+s.entries, cut+s.cut
	}
	v.end(it, "names after %d streams can't be read: %v", v.report.Streams)
	if v.linked > v.wanted || v.linked < v.wanted && !v.unlinked {
		v.report.fault("system streams have %d links, and the events want %d", v.linked, v.wanted)
	}
	v.report.Cut = v.report.Head - min(v.report.Head, v.report.Events)
	switch {
	case v.report.Faults > 0: // the sums follow from what is reported already
	case found != total || found != v.report.Events:
		v.report.fault("there are %d records, %d index entries, and %d of them belong to a stream", v.report.Events, total, found)
	case v.report.Cut != cut:
		v.report.fault("%d positions are empty, but scavenges have taken %d events", v.report.Cut, cut)
	}
	return nil
}

// revisions is what the index has of a stream.
type revisions struct {
	entries uint64
	cut     uint64 // that scavenges have taken
}

func (v *verifier) stream(name string) (revisions, error) {
	var found revisions
	s, err := v.log.loadState(name, v.report.Head)
	if err != nil {
		return found, err
	}
	if System(name) {
		return found, v.system(name, s.number)
	}
	taken, err := v.log.taken(s.number)
	if err != nil {
		return found, err
	}
	found.cut = uint64(taken.count)
	it, err := v.log.db.NewIter(&pebble.IterOptions{LowerBound: indexKey(s.number, 0), UpperBound: indexEnd(s.number)})
	if err != nil {
		return found, err
	}
	next := int64(0)
	for ok := it.First(); ok; ok = it.Next() {
		entry, err := decodeIndex(it)
		if err != nil {
			return found, errors.Join(err, it.Close())
		}
		found.entries++
		if entry.revision == tombstoneRevision {
			break
		}
		if entry.revision != next {
			if entry.revision > taken.before {
				v.report.fault("stream %q has no revisions %d to %d", name, max(next, taken.before), entry.revision-1)
			}
		}
		next = entry.revision + 1
	}
	return found, it.Close()
}

// over iterates the keys with a prefix; nil, with the fault reported, where
// that is not possible.
func (v *verifier) over(prefix byte) (*pebble.Iterator, error) {
	it, err := v.log.db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefix}, UpperBound: []byte{prefix + 1}})
	if err != nil {
		v.report.fault("read keys %c: %v", prefix, err)
		return nil, nil
	}
	return it, nil
}

// end closes the iterator and reports why it ended early.
func (v *verifier) end(it *pebble.Iterator, format string, at uint64) {
	err := it.Error()
	if closed := it.Close(); err == nil {
		err = closed
	}
	if err != nil {
		v.report.fault(format, at, err)
	}
}

func (v *verifier) count(prefix byte) (n uint64, err error) {
	it, err := v.over(prefix)
	if it == nil {
		return 0, err
	}
	for ok := it.First(); ok; ok = it.Next() {
		if n++; n%4096 == 0 && v.ctx.Err() != nil {
			return n, errors.Join(v.ctx.Err(), it.Close())
		}
	}
	v.end(it, "index entries after %d can't be read: %v", n)
	return n, nil
}

// links looks for keys that nobody could have written.
func (v *verifier) links() error {
	it, err := v.log.db.NewIter(nil)
	if err != nil {
		v.report.fault("read all keys: %v", err)
		return nil
	}
	known := string([]byte{prefixIndex, prefixName, prefixRecord, prefixLinks, prefixTaken, prefixMark})
	for ok := it.First(); ok; {
		prefix := it.Key()[0]
		if !strings.ContainsRune(known, rune(prefix)) {
			v.report.fault("key %x is of no kind", it.Key())
		}
		if prefix == math.MaxUint8 {
			break
		}
		ok = it.SeekGE([]byte{prefix + 1})
	}
	v.end(it, "kinds of keys, %d known: %v", uint64(len(known)))
	return nil
}
