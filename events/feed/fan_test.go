package feed_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

// shaky is a store whose subscriptions break now and then, and which delivers
// some events again, after others or at once.
type shaky struct {
	events.Store
	left atomic.Int64 // deliveries until the next break; below 0: none
}

var errShaken = errors.New("the connection is gone")

func (s *shaky) Subscribe(ctx context.Context, after events.Position) (events.Subscription, error) {
	sub, err := s.Store.Subscribe(ctx, after)
	return &shakySubscription{Subscription: sub, of: s}, err
}

type shakySubscription struct {
	events.Subscription
	of     *shaky
	before []events.Delivery
	calls  int
}

func (s *shakySubscription) Next(ctx context.Context) (events.Delivery, error) {
	if s.of.left.Add(-1) == 0 {
		return events.Delivery{}, errShaken
	}
	if s.calls++; s.calls%100 < 3 && len(s.before) > 0 {
		d := s.before[0]
		s.before = s.before[1:]
		return d, nil
	}
	d, err := s.Subscription.Next(ctx)
	if s.before = append(s.before, d); len(s.before) > 3 || err != nil || d.CaughtUp() {
		s.before = nil
	}
	return d, err
}

// reads follows a fan from a position to another one, with a pace of its own,
// and returns the positions of the events.
func reads(t *testing.T, f *feed.Fan, after, until events.Position, random *rand.Rand) []events.Position {
	r := f.Reader(after)
	defer r.Close()
	var got []events.Position
	for at := after; at < until; {
		run, err := r.Next(t.Context(), 1+random.IntN(2000))
		if errors.Is(err, errShaken) {
			continue
		}
		if err != nil || run.Position < at {
			t.Errorf("after %d: %d, %v", at, run.Position, err)
			return got
		}
		at = run.Position
		for _, e := range run.Events {
			if event, _, err := e.Decode(); err != nil || event.(events.SessionQueued).Session.IsZero() {
				t.Errorf("%d decodes as %v, %v", e.Position, event, err)
			}
			got = append(got, e.Position)
		}
		if random.IntN(20) == 0 {
			time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond) // the reader's pace
		}
	}
	return got
}

// TestEachReaderOfAFanSeesEverythingOnce: whether it is quick or slow, begins
// early or late, while the log grows and its subscriptions break.
func TestEachReaderOfAFanSeesEverythingOnce(t *testing.T) {
	const all = 90_000 // more than a fan keeps
	for _, waits := range []bool{false, true} {
		t.Run(fmt.Sprintf("waits=%v", waits), func(t *testing.T) {
			t.Parallel()
			store := &shaky{Store: memstore.New(time.Now)}
			store.left.Store(-1)
			put(t, store, all/2)
			fan := feed.NewFan(store, waits)
			var group sync.WaitGroup
			for i := range uint64(6) {
				random := rand.New(rand.NewPCG(i, 1))
				after := events.Position(0)
				if i >= 3 {
					after = events.Position(random.IntN(all / 2))
				}
				group.Go(func() {
					got := reads(t, fan, after, all, random)
					if len(got) != int(all-after) {
						t.Errorf("reader %d saw %d events after %d", i, len(got), after)
					}
					for j, p := range got {
						if p != after+events.Position(j)+1 {
							t.Errorf("reader %d: event %d is %d", i, j, p)
							return
						}
					}
				})
			}
			for range 45 {
				store.left.Store(700)
				put(t, store, all/90)
			}
			store.left.Store(-1)
			group.Wait()
		})
	}
}

// TestAFanHoldsUpNobody: a reader that does not read stops the others only where
// the fan waits, and what it has not seen is there for it later.
func TestAFanHoldsUpNobody(t *testing.T) {
	const all = 80_000
	store := memstore.New(time.Now)
	put(t, store, all)
	fan := feed.NewFan(store, false)
	slow := fan.Reader(0)
	defer slow.Close()
	first, err := slow.Next(t.Context(), 1)
	if err != nil || len(first.Events) == 0 {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	if got := reads(t, fan, 0, all, random); len(got) != all {
		t.Errorf("the quick one saw %d", len(got))
	}
	for at, seen := first.Position, len(first.Events); at < all; {
		run, err := slow.Next(t.Context(), 1000)
		if err != nil {
			t.Fatal(err)
		}
		at, seen = run.Position, seen+len(run.Events)
		if events.Position(seen) != at {
			t.Fatalf("the slow one saw %d events up to %d", seen, at)
		}
	}
}

func TestAReaderEndsWithItsContextAndGoesOn(t *testing.T) {
	store := memstore.New(time.Now)
	fan := feed.NewFan(store, false)
	r := fan.Reader(0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if run, err := r.Next(ctx, 10); err == nil && len(run.Events) > 0 {
		t.Errorf("it read %v", run)
	}
	put(t, store, 1)
	for seen := 0; seen == 0; {
		run, err := r.Next(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(run.Events)
	}
	r.Close()
	if _, err := r.Next(t.Context(), 10); err == nil {
		t.Error("a closed reader reads")
	}
	again := fan.Reader(0)
	defer again.Close()
	if run, err := again.Next(t.Context(), 10); err != nil || len(run.Events) != 1 {
		t.Errorf("after all have gone, another one reads %v, %v", run, err)
	}
}

func put(t *testing.T, store events.Store, n int) {
	t.Helper()
	batch := make([]events.Proposed, n)
	for i := range batch {
		id := events.NewSessionID()
		p, err := events.Encode(events.DeriveEventID(events.NewCommandID(), 0), events.SessionQueued{Session: id, At: time.Unix(0, 0)}, events.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		batch[i] = p
	}
	if _, err := store.Append(t.Context(), "session-x", events.AnyRevision(), batch); err != nil {
		t.Fatal(err)
	}
}

func TestAnEventOfAFanHasNoNUL(t *testing.T) {
	e := feed.Event{Recorded: events.Recorded{Type: "GamePublished", Metadata: []byte(`{}`),
		Data: []byte(`{"game":{"id":"a\u0000b","title":"\\u0000"},"at":"2026-01-01T00:00:00Z"}`)}}
	got, _, err := e.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if game := got.(events.GamePublished).Game; game.ID != "a\ufffdb" || game.Title != `\u0000` {
		t.Errorf("decoded as %q, %q", game.ID, game.Title)
	}
}
