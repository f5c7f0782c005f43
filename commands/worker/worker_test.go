package worker_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

var (
	id    = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000a"))
	other = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000b"))
	third = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000c"))

	registered = events.WorkerRegistered{Worker: "w", Incarnation: "first", Slots: 2, Encoders: []string{"x264"}, At: Now}
	reserved   = events.SlotReserved{Worker: "w", Slot: 0, Session: id, At: Now}
	reserved1  = events.SlotReserved{Worker: "w", Slot: 1, Session: other, At: Now}
	released   = events.SlotReleased{Worker: "w", Slot: 0, Session: id, At: Now}
	stopped    = events.WorkerStopped{Worker: "w", Incarnation: "first", At: Now}
)

func TestRegister(t *testing.T) {
	register := worker.Register{Worker: "w", Incarnation: "first", Slots: 2, Encoders: []string{"x264"}}
	When(Given(), register).Then(t, registered)
	When(Given(registered), register).Then(t)
	When(Given(registered, stopped), register).Then(t, registered)

	second := register
	second.Incarnation = "second"
	again := registered
	again.Incarnation = "second"
	When(Given(registered, reserved, reserved1), second).Then(t,
		events.WorkerLost{Worker: "w", Incarnation: "first", Sessions: []events.SessionID{id, other}, At: Now}, again)

	for _, slots := range []int{0, -1, 65} {
		register.Slots = slots
		When(Given(), register).Refused(t, worker.ErrNoSlots)
	}
}

func TestStop(t *testing.T) {
	stop := worker.Stop{Worker: "w", Incarnation: "first"}
	When(Given(registered), stop).Then(t, stopped)
	When(Given(), stop).Then(t)
	When(Given(registered, stopped), stop).Then(t)
	When(Given(registered), worker.Stop{Worker: "w", Incarnation: "an earlier one"}).Then(t)
}

func TestReserve(t *testing.T) {
	reserve := func(s events.SessionID) worker.Reserve { return worker.Reserve{Worker: "w", Session: s} }
	When(Given(registered), reserve(id)).Then(t, reserved)
	When(Given(registered, reserved), reserve(id)).Then(t)
	When(Given(registered, reserved), reserve(other)).Then(t, reserved1)
	When(Given(registered, reserved, reserved1), reserve(third)).Refused(t, worker.ErrFull)
	When(Given(registered, reserved, reserved1, released), reserve(third)).
		Then(t, events.SlotReserved{Worker: "w", Slot: 0, Session: third, At: Now})
	When(Given(), reserve(id)).Refused(t, worker.ErrNotRunning)
	When(Given(registered, stopped), reserve(id)).Refused(t, worker.ErrNotRunning)
}

func TestRelease(t *testing.T) {
	release := worker.Release{Worker: "w", Session: id}
	When(Given(registered, reserved), release).Then(t, released)
	When(Given(registered, reserved, released), release).Then(t)
	When(Given(), release).Then(t)
}

// TestASlotIsNeverHeldTwice drives a worker by any commands and holds its
// invariants in whatever history comes of them.
func TestASlotIsNeverHeldTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state worker.State
		holder := map[int]events.SessionID{}
		sessions := []events.SessionID{id, other, third}
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			session := rapid.SampledFrom(sessions).Draw(t, "session")
			incarnation := rapid.SampledFrom([]string{"first", "second"}).Draw(t, "incarnation")
			var decided []events.Event
			switch rapid.IntRange(0, 3).Draw(t, "command") {
			case 0:
				decided, _ = worker.Register{Worker: "w", Incarnation: incarnation, Slots: rapid.IntRange(1, 3).Draw(t, "slots")}.Decide(state, Now)
			case 1:
				decided, _ = worker.Reserve{Worker: "w", Session: session}.Decide(state, Now)
			case 2:
				decided, _ = worker.Release{Worker: "w", Session: session}.Decide(state, Now)
			case 3:
				decided, _ = worker.Stop{Worker: "w", Incarnation: incarnation}.Decide(state, Now)
			}
			for _, e := range decided {
				state = state.Evolve(e)
				switch e := e.(type) {
				case events.SlotReserved:
					if held, taken := holder[e.Slot]; taken {
						t.Fatalf("slot %d is given to %v while %v holds it", e.Slot, e.Session, held)
					}
					for slot, held := range holder {
						if held == e.Session {
							t.Fatalf("%v gets slot %d and holds %d", e.Session, e.Slot, slot)
						}
					}
					holder[e.Slot] = e.Session
				case events.SlotReleased:
					if holder[e.Slot] != e.Session {
						t.Fatalf("slot %d is taken from %v, who does not hold it", e.Slot, e.Session)
					}
					delete(holder, e.Slot)
				case events.WorkerLost, events.WorkerStopped:
					clear(holder)
				}
			}
			if len(holder) > len(state.Slots) {
				t.Fatalf("%d slots are held of %d", len(holder), len(state.Slots))
			}
		}
	})
}
