package eventlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"
)

// readLinksOf is all that a system stream lists, in pages of the size given.
func readLinksOf(t *testing.T, l *Log, stream string, backwards bool, page int) []string {
	t.Helper()
	view, err := l.Stream(stream)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	scan := StreamScan{Backwards: backwards, Limit: page}
	if backwards {
		scan.From = view.Last
	}
	var found []string
	for p := (Page{}); ; {
		if err := l.ReadStream(&p, view, scan); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Records {
			if string(r.Stream) != stream || string(r.Type) != TypeLink {
				t.Fatalf("%s has %s in %s", stream, r.Type, r.Stream)
			}
			found = append(found, fmt.Sprintf("%d:%s", r.Revision, r.Data))
		}
		if !p.More {
			return found
		}
		if scan.From = int64(p.Last) + 1; backwards {
			scan.From = int64(p.Last) - 1
		}
	}
}

func TestSystemStreams(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	put := func(stream, kind, metadata, data string) {
		t.Helper()
		e := Event{ID: ID(uuid.New()), Type: kind, Metadata: []byte(metadata), Data: []byte(data)}
		if _, err := l.Append(context.Background(), stream, Any, []Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	put("game-1", "Began", `{"$correlationId":"c"}`, "")
	put("game-2", "Began", `{"$correlationId":7}`, "")
	put("game-1", "Ended", `{"a":{"$correlationId":"c"}}`, "")
	put("game", "Began", `{"$correlationId":"c"}`, "")
	put("list-1", TypeLink, `{"$correlationId":"c"}`, "1@game-1")
	put("-x", "Odd", `not json "$correlationId"`, "")
	put("$own-1", "Own", "", "")
	if _, err := l.Append(context.Background(), "$$game-1", Any, []Event{{ID: ID(uuid.New()), Type: typeMetadata, Data: []byte(`{"$maxCount":9}`)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Tombstone(context.Background(), "game-2", Any); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"$ce-game":           {"0:0@game-1", "1:0@game-2", "2:1@game-1"},
		"$ce-list":           {"0:1@game-1"},
		"$ce-":               nil,
		"$ce-$own":           nil,
		"$et-Began":          {"0:0@game-1", "1:0@game-2", "2:0@game"},
		"$et-Ended":          {"0:1@game-1"},
		"$et-$>":             nil,
		"$et-$metadata":      {"0:0@$$game-1"},
		"$et-$streamDeleted": nil,
		"$bc-c":              {"0:0@game-1", "1:0@game"},
		"$bc-7":              nil,
		"$streams":           {"0:0@game-1", "1:0@game-2", "2:0@game", "3:0@list-1", "4:0@-x", "5:0@$own-1", "6:0@$$game-1"},
	}
	check := func(when string) {
		t.Helper()
		for stream, links := range want {
			for _, page := range []int{1, 2, PageEvents} {
				if got := readLinksOf(t, l, stream, false, page); !slices.Equal(got, links) {
					t.Errorf("%s, %s: %q, want %q", when, stream, got, links)
				}
				backwards := slices.Clone(links)
				slices.Reverse(backwards)
				if got := readLinksOf(t, l, stream, true, page); !slices.Equal(got, backwards) {
					t.Errorf("%s, %s backwards: %q, want %q", when, stream, got, backwards)
				}
			}
		}
	}
	check("written")
	reopen := func() {
		t.Helper()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = openLog(t, dir)
	}
	reopen()
	check("opened again")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	unlinkAll(t, dir)
	reopen()
	check("upgraded")
	put("game-3", "Began", "", "")
	want["$ce-game"] = append(want["$ce-game"], "3:0@game-3")
	want["$et-Began"] = append(want["$et-Began"], "3:0@game-3")
	want["$streams"] = append(want["$streams"], "7:0@game-3")
	reopen()
	check("gone on")
}

// unlinkAll makes the closed log one from before system streams were kept.
func unlinkAll(t *testing.T, dir string) {
	t.Helper()
	tamper(t, dir, func(db *pebble.DB) error {
		return errors.Join(
			db.DeleteRange([]byte{prefixLinks}, []byte{prefixLinks + 1}, pebble.Sync),
			db.DeleteRange(nameKey("$ce-"), nameKey("$ce."), pebble.Sync),
			db.DeleteRange(nameKey("$et-"), nameKey("$et."), pebble.Sync))
	})
	if err := os.WriteFile(filepath.Join(dir, versionFile), []byte(versionUnlinked), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestManyLinks reads a system stream of several blocks from every place.
func TestManyLinks(t *testing.T) {
	l := openLog(t, t.TempDir())
	total := 0
	for i, n := range []int{1, 2, blockLinks, blockLinks + 1, 3 * blockLinks, 5} {
		mustAppend(t, l, fmt.Sprintf("many-%d", i), n)
		mustAppend(t, l, "other", 3)
		total += n
	}
	view, err := l.Stream("$ce-many")
	if err != nil || view.Last != int64(total-1) {
		t.Fatalf("%+v, %v", view, err)
	}
	var p Page
	for from := range int64(total) {
		for _, backwards := range []bool{false, true} {
			if err := l.ReadStream(&p, view, StreamScan{From: from, Backwards: backwards, Limit: 3}); err != nil {
				t.Fatal(err)
			}
			step, left := int64(1), int64(total)-from
			if backwards {
				step, left = -1, from+1
			}
			if len(p.Records) != int(min(3, left)) || p.More != (left > 3) {
				t.Fatalf("from %d: %d records, more: %t", from, len(p.Records), p.More)
			}
			for i, r := range p.Records {
				if r.Revision != from+step*int64(i) {
					t.Fatalf("from %d: revision %d in place %d", from, r.Revision, i)
				}
			}
		}
		if r, err := l.Event(&p, "$ce-many", from); err != nil || r.Revision != from {
			t.Fatalf("event %d: %+v, %v", from, r, err)
		}
	}
	first, err := l.Event(&p, "$ce-many", 7)
	id := first.ID
	if again, err2 := l.Event(&p, "$ce-many", 7); errors.Join(err, err2) != nil || again.ID != id {
		t.Errorf("its id is %x and then %x", id, again.ID)
	}
}

func TestSystemStreamsTakeNothing(t *testing.T) {
	l := openLog(t, t.TempDir())
	for _, stream := range []string{"$ce-a", "$et-a", "$bc-a", "$streams"} {
		_, appended := l.Append(context.Background(), stream, Any, someEvents(1))
		_, deleted := l.Delete(context.Background(), stream, Any)
		_, ended := l.Tombstone(context.Background(), stream, Any)
		for _, err := range []error{appended, deleted, ended} {
			if !errors.Is(err, ErrReserved) {
				t.Errorf("%s: %v", stream, err)
			}
		}
	}
	for _, stream := range []string{"$ce", "$streams-a", "ce-a", "$$$ce-a"} {
		mustAppend(t, l, stream, 1)
	}
	if l.Head() != 4 {
		t.Errorf("the head is at %d", l.Head())
	}
}

// TestDamagedLinks: a link that is not what was written is told, not shown.
func TestDamagedLinks(t *testing.T) {
	for name, change := range map[string]func(db *pebble.DB, key []byte) error{
		"another block": func(db *pebble.DB, key []byte) error {
			return db.Set(key, encodeBlock(key, []link{{0, 2}}), pebble.Sync)
		},
		"no block": func(db *pebble.DB, key []byte) error { return db.Set(key, []byte{1, 2, 3, 4, 5}, pebble.Sync) },
		"nothing":  func(db *pebble.DB, key []byte) error { return db.Set(key, nil, pebble.Sync) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLog(t, dir)
			mustAppend(t, l, "one-1", 1)
			mustAppend(t, l, "two-1", 1)
			number, err := l.number([]byte("$ce-one"))
			if err = errors.Join(err, l.Close()); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, func(db *pebble.DB) error { return change(db, linkKey(number, 0)) })
			report, err := Verify(context.Background(), dir)
			if err != nil || report.Faults == 0 {
				t.Errorf("verify: %+v, %v", report, err)
			}
			l = openLog(t, dir)
			var p Page
			if _, err := l.Event(&p, "$ce-one", 0); !errors.Is(err, ErrCorrupt) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzDecodeBlock(f *testing.F) {
	key := linkKey(3, 5)
	f.Add(encodeBlock(key, nil)[4:])
	f.Add(encodeBlock(key, []link{{5, 9}, {6, 10}, {9, 1 << 60}})[4:])
	f.Fuzz(func(t *testing.T, content []byte) {
		stored := append(make([]byte, 4), content...)
		sum := blockSum(key, stored)
		stored[0], stored[1], stored[2], stored[3] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		links, err := decodeBlock(nil, key, stored)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		for i := 1; i < len(links); i++ {
			if links[i].revision <= links[i-1].revision || links[i].position <= links[i-1].position {
				t.Fatalf("%v does not rise", links)
			}
		}
		again, err := decodeBlock(nil, key, encodeBlock(key, links))
		if err != nil || !slices.Equal(again, links) {
			t.Fatalf("%v became %v, %v", links, again, err)
		}
		stored[len(stored)-1] ^= 1
		if _, err := decodeBlock(nil, key, stored); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("a flipped bit: %v", err)
		}
	})
}
