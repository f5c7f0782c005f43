package presence_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// counted counts the orders of policies: each reads its stream.
type counted struct {
	events.Store
	orders int
}

func (c *counted) Read(ctx context.Context, stream events.Stream, from events.Revision) iter.Seq2[events.Recorded, error] {
	if !strings.HasPrefix(string(stream), "snapshot-") {
		c.orders++
	}
	return c.Store.Read(ctx, stream, from)
}

// TestTheLossOfABigGatewayIsDealtWithOnce: each connection is ended by one order,
// and settled by another, though policies are asked after every event.
func TestTheLossOfABigGatewayIsDealtWithOnce(t *testing.T) {
	now := Now
	clock := func() time.Time { return now }
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	happens := func(e events.Event) {
		t.Helper()
		proposed, err := events.Encode(CauseOf(e).Event, e, events.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Append(t.Context(), events.GatewayStream("g"), events.AnyRevision(), []events.Proposed{proposed}); err != nil {
			t.Fatal(err)
		}
	}
	happens(runs)
	for n := range many {
		player := events.PlayerID(fmt.Sprintf("player-%d", n))
		connect := commands.Issue(presence.Connect{Player: player, Connection: comes(player).Connection}, commands.By("system:gateway"))
		if _, err := handler.Do(t.Context(), connect); err != nil {
			t.Fatal(err)
		}
	}
	happens(lost)

	counting := &counted{Store: store}
	var reactors []*commands.Reactor
	all := func(do func(*commands.Reactor) error) {
		for _, r := range reactors {
			if err := do(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range []commands.Policy{presence.NewStranded(), presence.NewLingering()} {
		reactors = append(reactors, commands.NewReactor(p, commands.NewHandler(counting, clock), clock, slog.New(slog.DiscardHandler)))
	}
	all(func(r *commands.Reactor) error { return r.CaughtUp(t.Context()) })
	sub, err := store.Subscribe(t.Context(), events.Start)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	settled := 0
	for at := events.Start; ; {
		if head, _ := store.Head(t.Context()); at == head {
			now = now.Add(presence.Grace)
			all(func(r *commands.Reactor) error { return r.Look(t.Context()) })
			if head, _ = store.Head(t.Context()); at == head {
				break // nothing comes of time any more
			}
		}
		d, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		noted, err := commands.Note(*d.Event)
		if err != nil {
			t.Fatal(err)
		}
		if at = noted.Position; d.Event.Type == "DeviceGone" {
			settled++
		}
		all(func(r *commands.Reactor) error { return r.Take(t.Context(), noted) })
	}
	if settled != many {
		t.Errorf("%d of %d connections are settled", settled, many)
	}
	if counting.orders != 2*many {
		t.Errorf("%d orders were issued for %d connections", counting.orders, many)
	}
}
