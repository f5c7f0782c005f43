package eventlog

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
)

// TestVerifyTampered: Pebble finds each of these stores in order. Verify must
// not, and must say where.
func TestVerifyTampered(t *testing.T) {
	t.Parallel()
	del := func(keys ...[]byte) func(*pebble.DB) error {
		return func(db *pebble.DB) error {
			for _, k := range keys {
				if err := db.Delete(k, pebble.Sync); err != nil {
					return err
				}
			}
			return nil
		}
	}
	set := func(key, value []byte) func(*pebble.DB) error {
		return func(db *pebble.DB) error { return db.Set(key, value, pebble.Sync) }
	}
	// Stream "a", number 1, has positions 1 to 4; "b", number 4, 5 to 8.
	// "$et-Happened" and "$streams", numbers 2 and 3, list them.
	for _, c := range []struct {
		name   string
		change func(*pebble.DB) error
		says   string
	}{
		{"nothing", del(), ""},
		{"another record", func(db *pebble.DB) error { return copyKey(db, recordKey(3), recordKey(2)) }, "position 2"},
		{"no record", set(recordKey(6), []byte("x")), "position 6"},
		{"a record is gone", del(recordKey(2)), "no record at position 2"},
		{"an index entry is gone", del(indexKey(4, 1)), `"b"@1`},
		{"both are gone", del(recordKey(6), indexKey(4, 1)), `"b" has no revisions 1 to 1`},
		{"the end of a stream is gone", del(recordKey(4), indexKey(1, 3)), "no record at position 4"},
		{"a stream is gone", del(recordKey(1), recordKey(2), recordKey(3), recordKey(4), indexKey(1, 0), indexKey(1, 1), indexKey(1, 2), indexKey(1, 3), nameKey("a")), "no record at position 3"},
		{"an index entry points elsewhere", func(db *pebble.DB) error { return copyKey(db, indexKey(1, 2), indexKey(1, 1)) }, `"a"@1`},
		{"an index entry too many", set(indexKey(1, 4), []byte{0, 0, 0, 0, 0, 0, 0, 8}), "9 index entries"},
		{"an index entry too short", set(indexKey(1, 2), []byte{8}), `"a"@2`},
		{"a stream of no name", set(indexKey(9, 0), []byte{0, 0, 0, 0, 0, 0, 0, 8}), "9 index entries"},
		{"a name is gone", del(nameKey("b")), `"b"@0`},
		{"a name has another number", func(db *pebble.DB) error { return copyKey(db, nameKey("a"), nameKey("b")) }, `"b"@0`},
		{"a name is cut off", set(nameKey("b"), []byte{2}), `"b"`},
		{"a link is gone", set(linkKey(2, 4), encodeBlock(linkKey(2, 4), []link{{4, 5}, {5, 6}, {6, 7}})), "9 links, and the events want 10"},
		{"a link to another event", set(linkKey(3, 1), encodeBlock(linkKey(3, 1), []link{{1, 6}})), `"$streams"@1 points at`},
		{"links out of order", set(linkKey(2, 3), encodeBlock(linkKey(2, 3), []link{{3, 8}})), `"$et-Happened"@4 is out of order`},
		{"links of other bytes", set(linkKey(2, 4), []byte("links")), `"$et-Happened": links`},
		{"a note that was changed", set(takenKey(4), make([]byte, takenSize)), `"b": what was taken`},
		{"a key of no kind", set([]byte("zebra"), nil), "no kind"},
		{"a key of no kind, the first", set([]byte{0}, nil), "no kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l := openLog(t, dir)
			mustAppend(t, l, "a", 4)
			mustAppend(t, l, "b", 4)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, c.change)
			report, err := Verify(context.Background(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(report.Damage, "\n"); (report.Faults > 0) != (c.says != "") || !strings.Contains(said, c.says) {
				t.Errorf("it says %q, want %q", said, c.says)
			}
		})
	}
}

// TestVerifyShortenedLog: a log whose end is gone without a trace is told from
// a shorter one by its seal.
func TestVerifyShortenedLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := openLog(t, dir)
	mustAppend(t, l, "a", 4)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, dir, func(db *pebble.DB) error {
		return db.DeleteRange(recordKey(4), recordKey(5), pebble.Sync)
	})
	tamper(t, dir, func(db *pebble.DB) error { return db.Delete(indexKey(1, 3), pebble.Sync) })
	if err := sealDir(dir, 4); err != nil {
		t.Fatal(err)
	}
	report, err := Verify(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(report.Damage, "\n"); !strings.Contains(said, "ends at position 3") {
		t.Errorf("it says %q", said)
	}
}

func FuzzDecodeSeal(f *testing.F) {
	s := seal{head: 7, files: []sealed{{name: "VERSION", size: 16}, {tail: true, name: "log/000001.sst", size: 1 << 40}}}
	f.Add(s.encode())
	f.Add([]byte("sum "))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := decodeSeal(content)
		if err == nil && !bytes.Equal(s.encode(), content) {
			t.Errorf("%q reads as %+v", content, s)
		}
	})
}
