package commands

import (
	"context"
	"fmt"
	"testing"

	"github.com/playcast/playcast/events"
)

func TestTheStreamsNotUsedForLongestAreForgotten(t *testing.T) {
	c := newCache(3)
	visit := func(n int) *place {
		p, err := c.enter(t.Context(), events.Stream(fmt.Sprint("s-", n)))
		if err != nil {
			t.Fatal(err)
		}
		p.fold.last = events.Position(n)
		return p
	}
	held := visit(0)
	for n := 1; n <= 10; n++ {
		c.leave(visit(n))
	}
	if len(c.places) != 3 || c.order.Len() != 3 || c.places["s-0"] != held {
		t.Errorf("%d streams are known, want 3, and the one in use among them", len(c.places))
	}
	c.leave(held)
	if p := visit(10); p.fold.last != 10 || len(c.places) != 3 {
		t.Errorf("the last stream is known as %+v", p.fold)
	}
}

func TestWhoWaitsForItsTurnNoLongerIsNoUser(t *testing.T) {
	c := newCache(0)
	first, err := c.enter(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.enter(ctx, "s"); err == nil {
		t.Fatal("two have the turn")
	}
	if c.leave(first); len(c.places) != 0 {
		t.Error("the stream is known past the bound")
	}
}

func TestOnlyTheLastCommandsAreRecalled(t *testing.T) {
	var r recent
	ids := make([]events.CommandID, recall+10)
	for i := range ids {
		ids[i] = events.NewCommandID()
		if dropped := r.dropped; dropped != (i > recall) {
			t.Fatalf("before the %d. command, dropped is %t", i+1, dropped)
		}
		r.add(ids[i], events.Position(2*i))
		r.add(ids[i], events.Position(2*i+1)) // a second event of it
	}
	for i, id := range ids {
		at, found := r.find(id)
		if found != (i >= 10) || found && at != events.Position(2*i+1) {
			t.Errorf("the %d. command is found %t, at %d", i, found, at)
		}
	}
	if len(r.done) != recall {
		t.Errorf("%d are kept", len(r.done))
	}
}
