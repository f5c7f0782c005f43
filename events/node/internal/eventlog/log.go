// Package eventlog is the log under the node: streams of events in one total
// order, on Pebble. It knows nothing of gRPC.
//
// One goroutine writes. It takes the appends that wait, decides each against
// the ones before it, commits them all in one synced batch, moves the head,
// wakes the watchers and only then answers. So
//
//   - an answered append is on the disk;
//   - what a reader sees is on the disk, because no reader looks past the head;
//   - positions rise by one along the log, in the order in which appends are
//     answered; the first is 1. Only a scavenge leaves gaps;
//   - who was answered reads what was written.
//
// Readers take pages: the events are copied out and nothing of Pebble is held
// while a slow client takes its time. Every record is checked against its
// checksum each time it is read.
package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrClosed is the answer to whatever comes after Close.
var ErrClosed = errors.New("the log is closed")

// ErrFailed is the answer to an append after the disk refused a commit: how
// much of that commit is stored is known only after the log has opened its
// files again, which later appends make it try. It can be read meanwhile.
var ErrFailed = errors.New("the log takes no appends since a write to the disk went wrong")

// A Log is an open event log. Its methods are safe for concurrent use.
type Log struct {
	files files
	db    *pebble.DB // nil: lost, see mend
	head  atomic.Uint64
	fell  atomic.Uint64 // creation times rise after this position
	cache *stateCache
	hub   *hub

	// queue is bounded: when it is full, Append waits for room or its context.
	queue      chan *request
	stop       chan struct{} // closed by Close: the writer ends after its group
	writerDone chan struct{}
	failure    *failure
	room       *room
	meter      meter

	// use is read-locked while Pebble is read; Close takes the write lock.
	use    sync.RWMutex
	closed bool

	scavenging sync.Mutex // held by the one that runs
}

// queueSize appends may wait for the writer: far more than a group takes.
const queueSize = 4096

// files is where a log lives.
type files struct {
	dir  string
	fs   vfs.FS // of Pebble
	lock *os.File
}

// Open opens the log in dir, or starts one there. The logger gets what goes
// wrong in the background. Errors: ErrInUse, ErrVersion, ErrCorrupt.
func Open(dir string, logger *slog.Logger) (*Log, error) {
	return OpenOn(vfs.Default, dir, logger)
}

// OpenOn is Open with Pebble's files on another file system.
func OpenOn(fs vfs.FS, dir string, logger *slog.Logger) (*Log, error) {
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	l, err := openLocked(files{dir: dir, fs: fs, lock: lock}, logger)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return l, nil
}

func openLocked(files files, logger *slog.Logger) (*Log, error) {
	found, err := checkVersion(files.dir)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(checkSeal(files.dir), removeBackups(files.dir)); err != nil {
		return nil, err
	}
	if err := breakSeal(files.dir); err != nil {
		return nil, fmt.Errorf("break the seal: %w", err)
	}
	l := &Log{
		files:      files,
		cache:      newStateCache(),
		hub:        newHub(),
		queue:      make(chan *request, queueSize),
		stop:       make(chan struct{}),
		writerDone: make(chan struct{}),
		failure:    &failure{logger: logger},
		room:       &room{fs: files.fs, dir: files.dir},
	}
	full := l.room.opens()
	if full != nil { // it can be read, and appends mend it when there is room
		if found == versionUnlinked || !errors.Is(full, ErrFull) {
			return nil, full
		}
		logger.Error("event log: opened to be read only", "error", l.failure.set(full))
	}
	if err := l.openPebble(full != nil); err != nil {
		return nil, errors.Join(full, err)
	}
	w, err := newWriter(l)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the end of the log: %w", err), l.db.Close())
	}
	if found == versionUnlinked {
		if err := errors.Join(w.linkAll(), writeVersion(files.dir)); err != nil {
			return nil, errors.Join(fmt.Errorf("write the system streams of an older log: %w", err), l.db.Close())
		}
	}
	go w.run()
	return l, nil
}

func (l *Log) openPebble(readOnly bool) error {
	options := pebbleOptions(l.failure)
	options.FS, options.ReadOnly = l.files.fs, readOnly
	db, err := pebble.Open(filepath.Join(l.files.dir, pebbleDir), options)
	if err != nil {
		return fmt.Errorf("open pebble: %w", markCorrupt(err))
	}
	l.db = db
	return nil
}

// Close waits for the appends that are being written, answers the rest with
// ErrClosed and closes the files. Only the first call does anything.
func (l *Log) Close() error {
	l.use.Lock()
	first := !l.closed
	l.closed = true
	l.use.Unlock()
	if !first {
		return nil
	}
	close(l.stop)
	<-l.writerDone
	l.use.Lock() // waits for the pages that are being read
	defer l.use.Unlock()
	if l.db == nil {
		return l.files.lock.Close()
	}
	return errors.Join(l.closeFiles(), l.files.lock.Close())
}

// flushGrace is how long the last flush may take. On a disk that takes nothing
// Pebble would try it for ever; the write-ahead log has it all as well.
const flushGrace = 10 * time.Second

// closeFiles turns the write-ahead log into a table, so that the next start
// need not read it, closes Pebble and seals the directory. A log that failed
// is closed as it is.
func (l *Log) closeFiles() error {
	failed := l.failure.get() != nil
	if !failed {
		if flushed, err := l.db.AsyncFlush(); err == nil {
			grace := time.NewTimer(flushGrace)
			defer grace.Stop()
			select {
			case <-flushed:
			case <-grace.C:
			}
		}
	}
	if err := l.db.Close(); err != nil || failed || l.files.fs != vfs.Default {
		return err
	}
	if err := sealDir(l.files.dir, l.Head()); err != nil {
		return fmt.Errorf("seal the directory: %w", err)
	}
	return nil
}

// Head is the position of the last event that can be read; 0 in an empty log.
func (l *Log) Head() uint64 { return l.head.Load() }

// Watch is woken after events were appended to the stream, or, when the name
// is empty, to any. It is woken after they can be read.
func (l *Log) Watch(stream string) *Watch { return l.hub.watch(stream) }

// enter holds the files open until leave.
func (l *Log) enter() error {
	l.use.RLock()
	if l.closed {
		l.use.RUnlock()
		return ErrClosed
	}
	if l.db == nil {
		l.use.RUnlock()
		return fmt.Errorf("%w: and can't be read until it is opened again", ErrFailed)
	}
	return nil
}

func (l *Log) leave() { l.use.RUnlock() }

// number is what stands for the stream in the index; 0 if it has no events.
func (l *Log) number(name []byte) (uint64, error) {
	stored, closer, err := l.db.Get(nameKey(string(name)))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, markCorrupt(err)
	}
	if len(stored) != 8 {
		return 0, errors.Join(fmt.Errorf("number of stream %q: %w", name, ErrCorrupt), closer.Close())
	}
	return binary.BigEndian.Uint64(stored), closer.Close()
}

// load reads a stream's state from the index, as of the head given.
func (l *Log) load(name string, head uint64) (state, error) {
	s := state{last: -1}
	number, err := l.number([]byte(name))
	if err != nil || number == 0 {
		return s, err
	}
	s.number = number
	if System(name) {
		it, err := newLinkIter(l.db, number)
		if err != nil {
			return s, err
		}
		s.last, err = lastLink(it, head)
		return s, errors.Join(err, markCorrupt(it.Close()))
	}
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: indexKey(s.number, 0), UpperBound: indexEnd(s.number)})
	if err != nil {
		return s, markCorrupt(err)
	}
	for ok := it.Last(); ok; ok = it.Prev() {
		entry, err := decodeIndex(it)
		if err != nil {
			return s, errors.Join(err, it.Close())
		}
		if entry.position <= head {
			s.last = entry.revision
			break
		}
	}
	return s, markCorrupt(it.Close())
}

// loadState is load with the metadata that belongs to the stream.
func (l *Log) loadState(name string, head uint64) (state, error) {
	s, err := l.load(name, head)
	if err != nil {
		return s, err
	}
	if _, ok := described(name); ok {
		s.meta = metadata{maxCount: 1} // a metastream shows its last event
		return s, nil
	}
	data, err := l.rawMetadata(name, head)
	if err != nil {
		return s, err
	}
	if data != nil {
		s.meta = parseMetadata(data)
	}
	return s, nil
}

// rawMetadata is the data of the stream's last metadata event, nil without one.
func (l *Log) rawMetadata(name string, head uint64) ([]byte, error) {
	m, err := l.load(metastream(name), head)
	if err != nil || m.last < 0 {
		return nil, err
	}
	if m.tombstoned() {
		return nil, nil
	}
	var page Page
	r, err := l.at(&page, m.number, m.last)
	if err != nil {
		return nil, fmt.Errorf("metadata of %q: %w", name, err)
	}
	return r.Data, nil
}

// indexEntry is one key and value of the index.
type indexEntry struct {
	revision int64
	position uint64
}

func decodeIndex(it *pebble.Iterator) (indexEntry, error) {
	key := it.Key()
	value, err := it.ValueAndErr()
	if err != nil {
		return indexEntry{}, markCorrupt(err)
	}
	if len(key) != indexKeySize || len(value) != 8 {
		return indexEntry{}, fmt.Errorf("index entry %x: %w", key, ErrCorrupt)
	}
	revision := binary.BigEndian.Uint64(key[9:])
	if revision > math.MaxInt64 {
		return indexEntry{}, fmt.Errorf("index entry %x: %w", key, ErrCorrupt)
	}
	return indexEntry{revision: int64(revision), position: binary.BigEndian.Uint64(value)}, nil
}
