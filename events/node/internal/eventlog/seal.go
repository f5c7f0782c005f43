package eventlog

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A seal says what a directory holds that nobody writes to: the files, their
// sizes and sums, and how far the log goes. A log that closes seals its
// directory, and breaks the seal when it opens again; a backup keeps its seal.
// It is what tells a log that ends early from one whose end was cut off, which
// Pebble can't: a crash may tear the end of its own files. Its lines:
//
//	playcast-node seal 1
//	head <position>                        the log goes at least so far
//	whole <sha256> <size> <file>           of all of the file
//	tail <sha256> <size> <file>            of its last tailBytes
//	sum <sha256>                           of the lines before
//
// The tables of a closed log have a tail only, so that closing does not read
// the store: what is before it has checksums of Pebble's.
const (
	sealFile   = "SEAL"
	sealHeader = "playcast-node seal 1"
	tableExt   = ".sst"
	tailBytes  = 128
)

type seal struct {
	head  uint64
	files []sealed
}

type sealed struct {
	tail bool // the sum is of the last bytes only
	sum  [sha256.Size]byte
	size int64
	name string // relative to the directory, with slashes
}

// filesOf lists what a store's directory holds, without the locks.
func filesOf(dir string) ([]string, error) {
	names := []string{versionFile}
	entries, err := os.ReadDir(filepath.Join(dir, pebbleDir))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() != lockFile && e.Type().IsRegular() {
			names = append(names, pebbleDir+"/"+e.Name())
		}
	}
	return names, nil
}

// sealDir writes the seal of a directory that nobody has open.
func sealDir(dir string, head uint64) error {
	names, err := filesOf(dir)
	if err != nil {
		return err
	}
	s := seal{head: head}
	for _, name := range names {
		f, err := sumFile(dir, name, filepath.Ext(name) == tableExt)
		if err != nil {
			return err
		}
		s.files = append(s.files, f)
	}
	return writeSynced(filepath.Join(dir, sealFile), string(s.encode()))
}

// breakSeal says that the directory is about to change.
func breakSeal(dir string) error {
	err := os.Remove(filepath.Join(dir, sealFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, syncDir(dir))
}

func sumFile(dir, name string, tail bool) (sealed, error) {
	s := sealed{tail: tail, name: name}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	s.size = info.Size()
	if tail {
		if _, err := f.Seek(max(0, s.size-tailBytes), io.SeekStart); err != nil {
			return s, err
		}
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return s, err
	}
	s.sum = [sha256.Size]byte(sum.Sum(nil))
	return s, nil
}

func (s *seal) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nhead %d\n", sealHeader, s.head)
	for _, f := range s.files {
		kind := "whole"
		if f.tail {
			kind = "tail"
		}
		fmt.Fprintf(&b, "%s %x %d %s\n", kind, f.sum, f.size, f.name)
	}
	fmt.Fprintf(&b, "sum %x\n", sha256.Sum256(b.Bytes()))
	return b.Bytes()
}

// readSeal is nil where the directory has none. Error: ErrCorrupt.
func readSeal(dir string) (*seal, error) {
	content, err := os.ReadFile(filepath.Join(dir, sealFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeSeal(content)
}

func decodeSeal(content []byte) (*seal, error) {
	damaged := fmt.Errorf("%s is not as it was written: %w", sealFile, ErrCorrupt)
	at := bytes.LastIndex(content, []byte("sum "))
	if at < 0 || string(content[at:]) != fmt.Sprintf("sum %x\n", sha256.Sum256(content[:at])) {
		return nil, damaged
	}
	s := &seal{}
	lines := bufio.NewScanner(bytes.NewReader(content[:at]))
	if !lines.Scan() || lines.Text() != sealHeader {
		return nil, fmt.Errorf("%s: %w: it begins with %.40q, this node reads %q", sealFile, ErrVersion, lines.Text(), sealHeader)
	}
	if !lines.Scan() {
		return nil, damaged
	}
	if _, err := fmt.Sscanf(lines.Text(), "head %d", &s.head); err != nil {
		return nil, damaged
	}
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 4 || fields[0] != "whole" && fields[0] != "tail" {
			return nil, damaged
		}
		f := sealed{tail: fields[0] == "tail", name: fields[3]}
		sum, err := hex.DecodeString(fields[1])
		if err != nil || len(sum) != sha256.Size {
			return nil, damaged
		}
		copy(f.sum[:], sum)
		if _, err := fmt.Sscanf(fields[2], "%d", &f.size); err != nil {
			return nil, damaged
		}
		s.files = append(s.files, f)
	}
	if lines.Err() != nil || !bytes.Equal(s.encode(), content) {
		return nil, damaged
	}
	return s, nil
}

// check compares the directory with its seal and returns what differs. With
// tables it looks at these too; the reads that meet a damaged one say so.
func (s *seal) check(dir string, tables bool) []string {
	var found []string
	for _, want := range s.files {
		if filepath.Ext(want.name) == tableExt && !tables {
			continue
		}
		got, err := sumFile(dir, want.name, want.tail)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, want.name+" is missing")
		case err != nil:
			found = append(found, err.Error())
		case got.size != want.size:
			found = append(found, fmt.Sprintf("%s has %d bytes, it was closed with %d", want.name, got.size, want.size))
		case got.sum != want.sum:
			found = append(found, want.name+" is not as it was closed")
		}
	}
	names, err := filesOf(dir)
	if err != nil {
		return append(found, err.Error())
	}
	for _, name := range names {
		if !slices.ContainsFunc(s.files, func(f sealed) bool { return f.name == name }) {
			found = append(found, name+" was not there when it was closed")
		}
	}
	return found
}

// checkSeal is what Open looks at: the small files. A log whose tables are
// damaged opens, so that the rest of it can be saved.
func checkSeal(dir string) error {
	s, err := readSeal(dir)
	if err != nil || s == nil {
		return err
	}
	if found := s.check(dir, false); len(found) > 0 {
		return fmt.Errorf("%s: %w: %s: restore a backup, or remove the file %s to open what can still be read",
			dir, ErrCorrupt, strings.Join(found, ", "), sealFile)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
