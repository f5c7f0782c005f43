package worker_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	draining   = events.WorkerDraining{Worker: "w", Incarnation: "first", At: Now}
	resumed    = events.WorkerResumed{Worker: "w", Incarnation: "first", At: Now}
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

	register.Region, register.GPU = "eu-west", "a GPU"
	capable := registered
	capable.Region, capable.GPU = "eu-west", "a GPU"
	When(Given(), register).Then(t, capable)
	register.GPU = strings.Repeat("g", 129)
	When(Given(), register).Refused(t, worker.ErrCapability)
	register.GPU = ""
	register.Encoders = []string{strings.Repeat("e", 129)}
	When(Given(), register).Refused(t, worker.ErrCapability)
	register.Encoders = make([]string, 65)
	When(Given(), register).Refused(t, worker.ErrCapability)
	register.Encoders = nil
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

func TestLose(t *testing.T) {
	lose := worker.Lose{Worker: "w", Incarnation: "first"}
	lost := events.WorkerLost{Worker: "w", Incarnation: "first", Sessions: []events.SessionID{id}, At: Now}
	When(Given(registered, reserved), lose).Then(t, lost)
	When(Given(), lose).Then(t)
	When(Given(registered, lost), lose).Then(t)
	When(Given(registered, stopped), lose).Then(t)
	When(Given(registered), worker.Lose{Worker: "w", Incarnation: "an earlier one"}).Then(t)
}

func TestDrain(t *testing.T) {
	drain, resume := worker.Drain{Worker: "w"}, worker.Resume{Worker: "w"}
	reserve := worker.Reserve{Worker: "w", Session: id}
	When(Given(registered), drain).Then(t, draining)
	When(Given(registered, draining), drain).Then(t)
	When(Given(registered, draining), reserve).Refused(t, worker.ErrDraining)
	When(Given(registered, reserved, draining), reserve).Then(t) // it has its slot already
	When(Given(registered, reserved, draining), worker.Release{Worker: "w", Session: id}).Then(t, released)
	When(Given(registered, draining), resume).Then(t, resumed)
	When(Given(registered), resume).Then(t)
	When(Given(registered, draining, resumed), reserve).Then(t, reserved)
	When(Given(registered, draining, stopped, registered), reserve).Then(t, reserved)
	for _, refused := range []struct {
		given History
		want  error
	}{{Given(), worker.ErrUnknown}, {Given(registered, stopped), worker.ErrNotRunning}} {
		When(refused.given, drain).Refused(t, refused.want)
		When(refused.given, resume).Refused(t, refused.want)
	}
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
	When(Given(registered), reserve(events.SessionID{})).Refused(t, worker.ErrNoSession)
}

func TestRelease(t *testing.T) {
	release := worker.Release{Worker: "w", Session: id}
	When(Given(registered, reserved), release).Then(t, released)
	When(Given(registered, reserved, released), release).Then(t)
	When(Given(), release).Then(t)
	When(Given(registered), worker.Release{Worker: "w"}).Refused(t, worker.ErrNoSession) // no session has a free slot
}

// TestASlotIsNeverHeldTwice drives a worker by any commands and holds its
// invariants in whatever history comes of them: no slot held twice, none given
// while it drains, none lost but with the worker, and a replay says the same.
func TestASlotIsNeverHeldTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state worker.State
		var past []events.Event
		holder, drains := map[int]events.SessionID{}, false
		sessions := []events.SessionID{id, other, third, {}}
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			session := rapid.SampledFrom(sessions).Draw(t, "session")
			incarnation := rapid.SampledFrom([]string{"first", "second"}).Draw(t, "incarnation")
			var decided []events.Event
			switch rapid.IntRange(0, 6).Draw(t, "command") {
			case 4:
				decided, _ = worker.Lose{Worker: "w", Incarnation: incarnation}.Decide(state, Now)
			case 5:
				decided, _ = worker.Drain{Worker: "w"}.Decide(state, Now)
			case 6:
				decided, _ = worker.Resume{Worker: "w"}.Decide(state, Now)
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
				state, past = state.Evolve(e), append(past, e)
				switch e := e.(type) {
				case events.SlotReserved:
					if drains {
						t.Fatalf("%v gets a slot of a worker that drains", e.Session)
					}
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
				case events.WorkerDraining:
					drains = true
				case events.WorkerResumed:
					drains = false
				case events.WorkerLost:
					if len(e.Sessions) != len(holder) {
						t.Fatalf("%d sessions are lost, and %d slots were held", len(e.Sessions), len(holder))
					}
					drains = false
					clear(holder)
				case events.WorkerStopped:
					drains = false
					clear(holder)
				}
			}
			for slot, session := range holder {
				if state.Slots[slot] != session {
					t.Fatalf("slot %d is %v's, and the worker knows of %v", slot, session, state.Slots[slot])
				}
			}
		}
		var again worker.State
		for _, e := range past {
			again = again.Evolve(e)
		}
		if diff := cmp.Diff(state, again); diff != "" {
			t.Fatalf("a replay differs (-lived +replayed):\n%s", diff)
		}
	})
}
