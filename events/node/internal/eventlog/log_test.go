package eventlog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"
)

func openLog(t *testing.T, dir string) *Log {
	t.Helper()
	l, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func someEvents(n int) []Event {
	events := make([]Event, n)
	for i := range events {
		events[i] = Event{ID: ID(uuid.New()), Type: "Happened", Data: []byte{byte(i)}}
	}
	return events
}

func mustAppend(t *testing.T, l *Log, stream string, n int) Appended {
	t.Helper()
	a, err := l.Append(context.Background(), stream, Any, someEvents(n))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestRecordSwappedInPlace: Pebble's own checksums hold, ours do not.
func TestRecordSwappedInPlace(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(db *pebble.DB) error
	}{
		{"other bytes", func(db *pebble.DB) error { return db.Set(recordKey(2), []byte("not a record"), pebble.Sync) }},
		{"another record", func(db *pebble.DB) error { return copyKey(db, recordKey(3), recordKey(2)) }},
		{"an index that points elsewhere", func(db *pebble.DB) error { return copyKey(db, indexKey(1, 2), indexKey(1, 1)) }},
		{"an index that points at nothing", func(db *pebble.DB) error { return db.Delete(recordKey(2), pebble.Sync) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLog(t, dir)
			mustAppend(t, l, "swapped", 4)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			tamper(t, dir, c.change)
			l = openLog(t, dir)
			view, err := l.Stream("swapped")
			if err != nil {
				t.Fatal(err)
			}
			var page Page
			if err := l.ReadStream(&page, view, StreamScan{Limit: PageEvents}); !errors.Is(err, ErrCorrupt) {
				t.Errorf("read of the stream: %v", err)
			}
			if n := len(page.Records); n > 2 {
				t.Errorf("%d records", n)
			}
		})
	}
}

// tamper changes a closed log, as one that knows Pebble but not us.
func tamper(t *testing.T, dir string, change func(db *pebble.DB) error) {
	t.Helper()
	if err := breakSeal(dir); err != nil {
		t.Fatal(err)
	}
	db, err := pebble.Open(filepath.Join(dir, pebbleDir), pebbleOptions(&failure{logger: slog.New(slog.DiscardHandler)}))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(change(db), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func copyKey(db *pebble.DB, from, to []byte) error {
	value, closer, err := db.Get(from)
	if err != nil {
		return err
	}
	return errors.Join(db.Set(to, value, pebble.Sync), closer.Close())
}

// TestAnsweredIsVisible: who was answered reads what was written, which is no
// older than the question, and nobody reads past the head.
func TestAnsweredIsVisible(t *testing.T) {
	l := openLog(t, t.TempDir())
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			stream := fmt.Sprintf("visible-%d", w)
			var page Page
			for i := range int64(50) {
				sent := ticks(time.Now())
				a, err := l.Append(context.Background(), stream, Expected(i-1), someEvents(1))
				if err != nil || a.Revision != i {
					t.Errorf("append %d: %+v, %v", i, a, err)
					return
				}
				if head := l.Head(); head < a.Position {
					t.Errorf("answered %d, the head is at %d", a.Position, head)
				}
				r, err := l.Event(&page, stream, i)
				if err != nil || r.Position != a.Position {
					t.Errorf("event %d: %+v, %v", i, r, err)
				}
				if r.Created < sent {
					t.Errorf("event %d is older than its append, by %d ticks", i, sent-r.Created)
				}
			}
		})
	}
	wg.Wait()
	if l.Head() != 16*50 {
		t.Errorf("the head is at %d", l.Head())
	}
}

func TestStreamsAreFoundWithoutTheCache(t *testing.T) {
	l := openLog(t, t.TempDir())
	mustAppend(t, l, "forgotten", 3)
	if _, err := l.Append(context.Background(), "$$forgotten", Any, []Event{{ID: ID(uuid.New()), Type: typeMetadata, JSON: true, Data: []byte(`{"$maxCount":2}`)}}); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, l, "ended", 1)
	if _, err := l.Tombstone(context.Background(), "ended", Any); err != nil {
		t.Fatal(err)
	}
	want, err := l.Stream("forgotten")
	if err != nil {
		t.Fatal(err)
	}
	for range 2*cacheGeneration + 1 { // two generations push everything out
		l.cache.put(map[string]*state{uuid.NewString(): {last: -1}})
	}
	if got, err := l.Stream("forgotten"); err != nil || got != want || got.First != 1 {
		t.Errorf("from the disk %+v, %v; from the cache %+v", got, err, want)
	}
	var deleted *DeletedError
	if _, err := l.Stream("$$ended"); !errors.As(err, &deleted) {
		t.Errorf("metadata of the ended stream: %v", err)
	}
	if a := mustAppend(t, l, "forgotten", 1); a.Revision != 3 {
		t.Errorf("goes on at %d", a.Revision)
	}
}

func TestOldIDsAreForgotten(t *testing.T) {
	r := newRecentIDs()
	id := func(n int) ID { return ID{byte(n), byte(n >> 8), byte(n >> 16)} }
	for n := range recentCount + 10 {
		r.add(id(n), written{position: uint64(n)})
	}
	if len(r.at) != recentCount {
		t.Errorf("%d ids", len(r.at))
	}
	for n, want := range map[int]bool{0: false, 9: false, 10: true, recentCount + 9: true} {
		if _, ok := r.at[id(n)]; ok != want {
			t.Errorf("id %d is known: %t", n, ok)
		}
	}
}

func TestAfterClose(t *testing.T) {
	l := openLog(t, t.TempDir())
	mustAppend(t, l, "closed", 1)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var page Page
	_, appendErr := l.Append(context.Background(), "closed", Any, someEvents(1))
	_, streamErr := l.Stream("closed")
	_, eventErr := l.Event(&page, "closed", 0)
	for _, err := range []error{appendErr, streamErr, eventErr, l.ReadAll(&page, Scan{Head: 9})} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	}
}

// TestGivenUpAppend: a caller that leaves takes nothing along.
func TestGivenUpAppend(t *testing.T) {
	l := openLog(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 100 {
		if _, err := l.Append(ctx, "given-up", Any, someEvents(1)); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	mustAppend(t, l, "given-up", 1)
	view, err := l.Stream("given-up")
	if err != nil {
		t.Fatal(err)
	}
	var page Page
	if err := l.ReadStream(&page, view, StreamScan{Limit: PageEvents}); err != nil {
		t.Fatal(err)
	}
	if int64(len(page.Records)) != view.Last+1 || uint64(len(page.Records)) != l.Head() {
		t.Errorf("%d events, the stream is at %d, the head at %d", len(page.Records), view.Last, l.Head())
	}
}

func TestParseMetadata(t *testing.T) {
	for data, want := range map[string]metadata{
		``: {}, `null`: {}, `[1]`: {}, `{`: {}, `{"$tb":"7"}`: {}, `{"$maxCount":-1}`: {},
		`{"$maxCount":3,"$tb":7}`:      {maxCount: 3, truncateBefore: 7},
		`{"$maxAge":2}`:                {maxAge: 20_000_000},
		`{"$maxAge":1e30}`:             {},
		`{"$tb":9223372036854775807}`:  {truncateBefore: softDeleted},
		`{"$tb":18446744073709551615}`: {truncateBefore: softDeleted},
	} {
		if got := parseMetadata([]byte(data)); got != want {
			t.Errorf("%s: %+v, want %+v", data, got, want)
		}
	}
	kept := withTruncateBefore([]byte(`{"$maxCount":3,"owner":"me","$tb":1}`), 9)
	if got := parseMetadata(kept); got != (metadata{maxCount: 3, truncateBefore: 9}) || string(kept) != `{"$maxCount":3,"$tb":9,"owner":"me"}` {
		t.Errorf("changed to %s", kept)
	}
}
