// Package storetest is the contract of events.Store as a test suite. Every
// implementation runs it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// patience bounds what a test waits for; it is never waited out.
const patience = 20 * time.Second

// Run holds a store to the contract. open returns a store on an empty log,
// which the test's cleanup closes.
func Run(t *testing.T, open func(t *testing.T) events.Store) {
	cases := []struct {
		name string
		run  func(*testing.T, context.Context, events.Store)
	}{
		{"an empty stream yields nothing", emptyStream},
		{"events come back as they were appended", roundTrip},
		{"a wrong expectation is a conflict and appends nothing", conflicts},
		{"a repeated append is recognised", repeated},
		{"racing writers: one wins each revision", racing},
		{"a subscription sees all, catches up, then follows", follows},
		{"a subscription resumes after its position", resumes},
		{"a subscription ends with its context and its close", ends},
		{"what a stream need not keep is not read", retains},
		{"the head is the last event's position", head},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c.run(t, ctx, open(t))
		})
	}
}

func stream() events.Stream { return events.Stream("test-" + uuid.NewString()) }

func proposed(n int) []events.Proposed {
	batch := make([]events.Proposed, n)
	for i := range batch {
		batch[i] = events.Proposed{
			ID:       events.EventID(uuid.New()),
			Type:     "Tested",
			Data:     fmt.Appendf(nil, `{"n":%d}`, i),
			Metadata: []byte(`{"actor":"system:test"}`),
		}
	}
	return batch
}

func mustAppend(t *testing.T, s events.Store, to events.Stream, expected events.Expected, batch []events.Proposed) events.Position {
	t.Helper()
	position, err := s.Append(t.Context(), to, expected, batch)
	if err != nil {
		t.Fatalf("append to %s at %v: %v", to, expected, err)
	}
	return position
}

func read(t *testing.T, ctx context.Context, s events.Store, from events.Stream, revision events.Revision) []events.Recorded {
	t.Helper()
	var all []events.Recorded
	for recorded, err := range s.Read(ctx, from, revision) {
		if err != nil {
			t.Fatalf("read %s: %v", from, err)
		}
		all = append(all, recorded)
	}
	return all
}

func emptyStream(t *testing.T, ctx context.Context, s events.Store) {
	if got := read(t, ctx, s, stream(), 0); len(got) != 0 {
		t.Errorf("got %d events", len(got))
	}
}

func roundTrip(t *testing.T, ctx context.Context, s events.Store) {
	to, batch := stream(), proposed(3)
	started := time.Now().Add(-time.Second)
	last := mustAppend(t, s, to, events.NoStream(), batch)
	got := read(t, ctx, s, to, 0)
	if len(got) != 3 {
		t.Fatalf("got %d events, want 3", len(got))
	}
	for i, r := range got {
		want := batch[i]
		if r.ID != want.ID || r.Type != want.Type || string(r.Data) != string(want.Data) || string(r.Metadata) != string(want.Metadata) {
			t.Errorf("event %d: got %+v, want %+v", i, r, want)
		}
		if r.Stream != to || r.Revision != events.Revision(i) {
			t.Errorf("event %d is %s@%d", i, r.Stream, r.Revision)
		}
		if i > 0 && r.Position <= got[i-1].Position {
			t.Errorf("position %d follows %d", r.Position, got[i-1].Position)
		}
		if r.Time.Before(started) || r.Time.After(time.Now().Add(time.Second)) || r.Time.Location() != time.UTC {
			t.Errorf("event %d was taken at %v", i, r.Time)
		}
	}
	if got[2].Position != last {
		t.Errorf("append returned %d, the last event is at %d", last, got[2].Position)
	}
	if got := read(t, ctx, s, to, 2); len(got) != 1 || got[0].Revision != 2 {
		t.Errorf("from revision 2: %+v", got)
	}
}

func conflicts(t *testing.T, ctx context.Context, s events.Store) {
	to := stream()
	mustAppend(t, s, to, events.NoStream(), proposed(2))
	for _, expected := range []events.Expected{events.NoStream(), events.After(0), events.After(2)} {
		_, err := s.Append(ctx, to, expected, proposed(1))
		var conflict *events.ConflictError
		if !errors.As(err, &conflict) {
			t.Errorf("append at %v: got %v, want a conflict", expected, err)
			continue
		}
		if conflict.Stream != to || conflict.Expected != expected {
			t.Errorf("the conflict is %+v", conflict)
		}
	}
	mustAppend(t, s, to, events.After(1), proposed(1))
	mustAppend(t, s, to, events.AnyRevision(), proposed(1))
	if got := read(t, ctx, s, to, 0); len(got) != 4 {
		t.Errorf("the stream holds %d events, want 4", len(got))
	}
}

func repeated(t *testing.T, ctx context.Context, s events.Store) {
	to, first, second := stream(), proposed(2), proposed(1)
	at := mustAppend(t, s, to, events.NoStream(), first)
	mustAppend(t, s, to, events.After(1), second)
	if again := mustAppend(t, s, to, events.NoStream(), first); again != at {
		t.Errorf("the repeated append is at %d, the first was at %d", again, at)
	}
	mustAppend(t, s, to, events.After(1), second)
	if got := read(t, ctx, s, to, 0); len(got) != 3 {
		t.Errorf("the stream holds %d events, want 3", len(got))
	}
}

func racing(t *testing.T, ctx context.Context, s events.Store) {
	to := stream()
	mustAppend(t, s, to, events.NoStream(), proposed(1))
	const writers = 8
	won := make(chan bool, writers)
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			_, err := s.Append(ctx, to, events.After(0), proposed(1))
			var conflict *events.ConflictError
			if err != nil && !errors.As(err, &conflict) {
				t.Errorf("append: %v", err)
			}
			won <- err == nil
		})
	}
	group.Wait()
	close(won)
	winners := 0
	for w := range won {
		if w {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d writers won, want 1", winners)
	}
}

// next returns the next event of a subscription and whether it said, before
// it, that the reader is caught up.
func next(t *testing.T, ctx context.Context, sub events.Subscription) (events.Recorded, bool) {
	t.Helper()
	caughtUp := false
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		if !d.CaughtUp() {
			if d.Position != d.Event.Position {
				t.Errorf("delivery at %d of an event at %d", d.Position, d.Event.Position)
			}
			return *d.Event, caughtUp
		}
		caughtUp = true
	}
}

func subscribe(t *testing.T, ctx context.Context, s events.Store, after events.Position) events.Subscription {
	t.Helper()
	sub, err := s.Subscribe(ctx, after)
	if err != nil {
		t.Fatalf("subscribe after %d: %v", after, err)
	}
	t.Cleanup(func() {
		if err := sub.Close(); err != nil {
			t.Errorf("close subscription: %v", err)
		}
	})
	return sub
}

func follows(t *testing.T, ctx context.Context, s events.Store) {
	a, b := stream(), stream()
	mustAppend(t, s, a, events.NoStream(), proposed(2))
	mustAppend(t, s, b, events.NoStream(), proposed(1))
	sub := subscribe(t, ctx, s, events.Start)
	var last events.Position
	for i, want := range []events.Stream{a, a, b} {
		r, _ := next(t, ctx, sub)
		if r.Stream != want || r.Position <= last {
			t.Fatalf("delivery %d is %s at %d, after %d", i, r.Stream, r.Position, last)
		}
		last = r.Position
	}
	d, err := sub.Next(ctx)
	if err != nil || !d.CaughtUp() || d.Position < last {
		t.Fatalf("after the last event: %+v, %v", d, err)
	}
	position := mustAppend(t, s, a, events.After(1), proposed(1))
	if r, _ := next(t, ctx, sub); r.Stream != a || r.Revision != 2 || r.Position != position {
		t.Errorf("live: %+v", r)
	}
}

func resumes(t *testing.T, ctx context.Context, s events.Store) {
	to := stream()
	mustAppend(t, s, to, events.NoStream(), proposed(50))
	group := sync.WaitGroup{}
	group.Go(func() {
		for i := range 50 {
			if _, err := s.Append(ctx, to, events.After(events.Revision(49+i)), proposed(1)); err != nil {
				t.Errorf("append: %v", err)
			}
		}
	})
	defer group.Wait()
	var after events.Position
	for seen := 0; seen < 100; {
		sub, err := s.Subscribe(ctx, after)
		if err != nil {
			t.Fatalf("subscribe after %d: %v", after, err)
		}
		for range 7 {
			if seen == 100 {
				break
			}
			r, _ := next(t, ctx, sub)
			if r.Revision != events.Revision(seen) {
				t.Fatalf("after %d: revision %d, want %d", after, r.Revision, seen)
			}
			after = r.Position
			seen++
		}
		if err := sub.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func ends(t *testing.T, ctx context.Context, s events.Store) {
	sub := subscribe(t, ctx, s, events.Start)
	short, cancel := context.WithCancel(ctx)
	cancel()
	for {
		d, err := sub.Next(short)
		if errors.Is(err, context.Canceled) {
			break
		}
		if err != nil || !d.CaughtUp() {
			t.Fatalf("with an ended context: %+v, %v", d, err)
		}
	}
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := sub.Next(ctx); err != nil {
				ended <- err
				return
			}
		}
	}()
	if err := sub.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	select {
	case <-ended:
	case <-ctx.Done():
		t.Error("Next goes on after Close")
	}
}

func head(t *testing.T, ctx context.Context, s events.Store) {
	at := mustAppend(t, s, stream(), events.NoStream(), proposed(3))
	if got, err := s.Head(ctx); err != nil || got != at {
		t.Errorf("head: %d, %v; want %d", got, err, at)
	}
}
