package commands_test

import (
	"log/slog"
	"sync"
	"testing"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// TestTwoAllocatorsGiveNoSlotTwice lets two reactors race over one store: no
// slot is held by two, and everybody who can be placed is, on one slot.
func TestTwoAllocatorsGiveNoSlotTwice(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	const workers, slots, wanted = 3, 4, 16
	for _, name := range []events.WorkerID{"a", "b", "c"} {
		if _, err := handler.Do(t.Context(), commands.Issue(worker.Register{Worker: name, Incarnation: "1", Slots: slots}, commands.By("worker:w"))); err != nil {
			t.Fatal(err)
		}
	}
	var ids []events.SessionID
	for range wanted {
		id := events.NewSessionID()
		ids = append(ids, id)
		if _, err := handler.Do(t.Context(), request(id, commands.By("player:anna"))); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	for range 2 {
		reactor := commands.NewReactor(session.NewAllocation(), commands.NewHandler(store, clock), clock, slog.New(slog.DiscardHandler))
		group.Go(func() { react(t, store, reactor) })
	}
	group.Wait()
	react(t, store, commands.NewReactor(session.NewAllocation(), handler, clock, slog.New(slog.DiscardHandler)))

	holder := map[events.SessionID]events.WorkerID{}
	for _, name := range []events.WorkerID{"a", "b", "c"} {
		held := map[int]events.SessionID{}
		for _, recorded := range stored(t, store, events.WorkerStream(name)) {
			event, _, err := events.Decode(recorded)
			if err != nil {
				t.Fatal(err)
			}
			switch e := event.(type) {
			case events.SlotReserved:
				if other, taken := held[e.Slot]; taken {
					t.Fatalf("slot %d of %s is given to %v and to %v", e.Slot, name, other, e.Session)
				}
				held[e.Slot] = e.Session
			case events.SlotReleased:
				delete(held, e.Slot)
			}
		}
		for _, s := range held {
			if other, twice := holder[s]; twice {
				t.Errorf("%v keeps a slot of %s and one of %s", s, other, name)
			}
			holder[s] = name
		}
	}
	if len(holder) != workers*slots {
		t.Errorf("%d slots are held, want all %d", len(holder), workers*slots)
	}
	allocated := 0
	for _, id := range ids {
		for _, recorded := range stored(t, store, events.SessionStream(id)) {
			if recorded.Type != "SessionAllocated" {
				continue
			}
			allocated++
			event, _, err := events.Decode(recorded)
			if err != nil {
				t.Fatal(err)
			}
			if at := event.(events.SessionAllocated).Worker; at != holder[id] {
				t.Errorf("%v is on %s, and its slot is of %s", id, at, holder[id])
			}
		}
	}
	if allocated != workers*slots {
		t.Errorf("%d sessions were placed on %d slots", allocated, workers*slots)
	}
}
