package eventlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func describe(t *testing.T, l *Log, stream, data string) {
	t.Helper()
	e := Event{ID: ID(uuid.New()), Type: typeMetadata, JSON: true, Data: []byte(data)}
	if _, err := l.Append(context.Background(), metastream(stream), Any, []Event{e}); err != nil {
		t.Fatal(err)
	}
}

// positionsLeft is every position of the log that holds a record.
func positionsLeft(t *testing.T, l *Log) []uint64 {
	t.Helper()
	var found []uint64
	for p, from := (Page{}), uint64(1); ; from = p.Last + 1 {
		if err := l.ReadAll(&p, Scan{From: from, Head: l.Head(), Limit: 7}); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Records {
			found = append(found, r.Position)
		}
		if !p.More {
			return found
		}
	}
}

func TestScavenge(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir)
	mustAppend(t, l, "kept-1", 2)    // 1, 2
	mustAppend(t, l, "counted-1", 5) // 3..7
	describe(t, l, "counted-1", `{"$maxCount":2}`)
	mustAppend(t, l, "cut-1", 4) // 9..12
	describe(t, l, "cut-1", `{"$tb":1}`)
	describe(t, l, "cut-1", `{"$tb":3}`) // 14, over 13
	mustAppend(t, l, "deleted-1", 3)     // 15..17
	if _, err := l.Delete(context.Background(), "deleted-1", Any); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, l, "ended-1", 3) // 19..21
	if _, err := l.Tombstone(context.Background(), "ended-1", Any); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, l, "kept-1", 1) // 23

	done, err := l.Scavenge(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	// counted 3, cut 3 and its first metadata, deleted 2, ended 3
	if done.Events != 12 || done.Bytes == 0 || done.Links == 0 || done.Resumed || done.Disk == 0 {
		t.Errorf("%+v", done)
	}
	left := []uint64{1, 2, 6, 7, 8, 12, 14, 17, 18, 22, 23}
	check := func() {
		t.Helper()
		if got := positionsLeft(t, l); !slices.Equal(got, left) {
			t.Errorf("left are %d, want %d", got, left)
		}
		want := map[string][]string{
			"$ce-counted":   {"3:3@counted-1", "4:4@counted-1"},
			"$ce-cut":       {"3:3@cut-1"},
			"$ce-deleted":   {"2:2@deleted-1"},
			"$ce-ended":     nil,
			"$ce-kept":      {"0:0@kept-1", "1:1@kept-1", "2:2@kept-1"},
			"$et-$metadata": {"0:0@$$counted-1", "2:1@$$cut-1", "3:0@$$deleted-1"},
			"$streams":      {"0:0@kept-1", "2:0@$$counted-1", "6:0@$$deleted-1"},
		}
		for stream, links := range want {
			if got := readLinksOf(t, l, stream, false, 2); !slices.Equal(got, links) {
				t.Errorf("%s: %q, want %q", stream, got, links)
			}
		}
	}
	check()
	verified := func() {
		t.Helper()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		report, err := Verify(context.Background(), dir)
		if err != nil || report.Faults != 0 || report.Cut != 12 {
			t.Errorf("verify: %+v, %v", report, err)
		}
		l = openLog(t, dir)
	}
	verified()
	check()
	describe(t, l, "counted-1", `{}`) // what is gone is gone
	verified()
	if done, err := l.Scavenge(context.Background()); err != nil || done.Events != 1 || done.Links != 2 {
		t.Errorf("again: %+v, %v", done, err)
	}
	for stream, want := range map[string]int64{"counted-1": 5, "cut-1": 4, "deleted-1": 3, "kept-1": 3, "ended-2": 0} {
		if a := mustAppend(t, l, stream, 1); a.Revision != want {
			t.Errorf("%s goes on at %d, want %d", stream, a.Revision, want)
		}
	}
	if got := readLinksOf(t, l, "$ce-ended", false, 1); !slices.Equal(got, []string{"3:0@ended-2"}) {
		t.Errorf("the emptied system stream goes on with %q", got)
	}
	if got := readLinksOf(t, l, "$ce-ended", true, 1); !slices.Equal(got, []string{"3:0@ended-2"}) {
		t.Errorf("backwards: %q", got)
	}
}

func TestScavengeSystemStreamWithMetadata(t *testing.T) {
	l := openLog(t, t.TempDir())
	for range 10 {
		mustAppend(t, l, "listed-1", 100)
	}
	describe(t, l, "$ce-listed", `{"$maxCount":150}`)
	if got := readLinksOf(t, l, "$ce-listed", false, 99); len(got) != 150 || got[0] != "850:850@listed-1" {
		t.Fatalf("%d links from %s", len(got), got[0])
	}
	done, err := l.Scavenge(context.Background())
	if err != nil || done.Links != 800 || done.Events != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if got := readLinksOf(t, l, "$ce-listed", false, 99); len(got) != 150 || got[0] != "850:850@listed-1" {
		t.Fatalf("%d links from %s", len(got), got[0])
	}
}

// TestScavengeBesideOthers: readers see what they may see, and writers write,
// while a scavenge runs again and again.
func TestScavengeBesideOthers(t *testing.T) {
	l := openLog(t, t.TempDir())
	const streams, rounds = 4, 150
	for s := range streams {
		describe(t, l, fmt.Sprintf("beside-%d", s), `{"$maxCount":5}`)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg, others sync.WaitGroup
	for s := range streams {
		wg.Go(func() {
			for range rounds {
				if _, err := l.Append(context.Background(), fmt.Sprintf("beside-%d", s), Any, someEvents(7)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for _, stream := range []string{"beside-0", "$ce-beside", "$et-Happened", "$streams"} {
		others.Go(func() {
			for p := (Page{}); ctx.Err() == nil; {
				view, err := l.Stream(stream)
				if errors.Is(err, ErrNotFound) {
					continue
				}
				if err == nil {
					err = l.ReadStream(&p, view, StreamScan{From: max(0, view.Last-20), Limit: PageEvents})
				}
				if err != nil {
					t.Errorf("read %s: %v", stream, err)
					return
				}
				for i := 1; i < len(p.Records); i++ {
					if p.Records[i].Revision <= p.Records[i-1].Revision {
						t.Errorf("%s: revision %d after %d", stream, p.Records[i].Revision, p.Records[i-1].Revision)
					}
				}
			}
		})
	}
	others.Go(func() {
		for ctx.Err() == nil {
			if _, err := l.Scavenge(ctx); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	stop()
	others.Wait()
	if _, err := l.Scavenge(context.Background()); err != nil {
		t.Fatal(err)
	}
	for s := range streams {
		view, err := l.Stream(fmt.Sprintf("beside-%d", s))
		if err != nil || view.Last != 7*rounds-1 {
			t.Fatalf("%+v, %v", view, err)
		}
		var p Page
		if err := l.ReadStream(&p, view, StreamScan{Limit: PageEvents}); err != nil || len(p.Records) != 5 {
			t.Errorf("%d events, %v", len(p.Records), err)
		}
	}
	if got := readLinksOf(t, l, "$ce-beside", false, PageEvents); len(got) != 5*streams {
		t.Errorf("%d links are left, want %d", len(got), 5*streams)
	}
}

// TestScavengeStopped goes on where it was stopped.
func TestScavengeStopped(t *testing.T) {
	l := openLog(t, t.TempDir())
	for s := range 20 {
		name := fmt.Sprintf("stopped-%02d", s)
		mustAppend(t, l, name, 600)
		describe(t, l, name, `{"$maxCount":1}`)
	}
	mustAppend(t, l, "last", 1)
	ctx := &endAfter{Context: context.Background(), calls: 60}
	first, err := l.Scavenge(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || first.Events == 0 || first.Events == 20*599 {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := l.Scavenge(context.Background())
	if err != nil || !second.Resumed || first.Events+second.Events != 20*599 {
		t.Fatalf("%+v and then %+v, %v", first, second, err)
	}
	if n := len(positionsLeft(t, l)); n != 41 {
		t.Errorf("%d events are left", n)
	}
}

// endAfter is a context that ends when it has been asked so many times.
type endAfter struct {
	context.Context
	calls int
}

func (e *endAfter) Err() error {
	if e.calls--; e.calls < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// TestAgeWhenTimesFall: $maxAge goes by each event's own time, and so does the
// scavenge, though an event may be older than the one before it.
func writeAt(t *testing.T, l *Log, stream string, created []int64) {
	t.Helper()
	events := someEvents(len(created))
	for i := range events {
		events[i].Created = created[i]
	}
	if _, err := l.Append(context.Background(), stream, Any, events); err != nil {
		t.Fatal(err)
	}
}

func TestAgeWhenTimesFall(t *testing.T) {
	l := openLog(t, t.TempDir())
	young, old := ticks(time.Now()), ticks(time.Now().Add(-time.Hour))
	ages := []int64{young, old, young, old, old, young, young}
	writeAt(t, l, "aged-1", ages)
	describe(t, l, "aged-1", `{"$maxAge":60}`)
	check := func() {
		t.Helper()
		view, err := l.Stream("aged-1")
		if err != nil {
			t.Fatal(err)
		}
		var p Page
		if err := l.ReadStream(&p, view, StreamScan{Limit: PageEvents}); err != nil {
			t.Fatal(err)
		}
		var seen []int64
		for _, r := range p.Records {
			seen = append(seen, r.Revision)
		}
		if want := []int64{0, 2, 5, 6}; !slices.Equal(seen, want) {
			t.Errorf("seen are %d, want %d", seen, want)
		}
		if _, err := l.Event(&p, "aged-1", 3); !errors.Is(err, ErrNotFound) {
			t.Errorf("event 3: %v", err)
		}
	}
	check()
	if done, err := l.Scavenge(context.Background()); err != nil || done.Events != 3 {
		t.Errorf("%+v, %v", done, err)
	}
	check()
}
