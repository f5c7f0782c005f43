package session_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

func TestPriorityGoesFirstAndOvertakesForALimitedTime(t *testing.T) {
	for wait, first := range map[time.Duration]events.SessionID{
		events.MaxPriority*events.Ageing - 1: other, events.MaxPriority*events.Ageing + 1: id,
	} {
		higher := otherWaits
		higher.At = requested.At.Add(wait)
		higher.Terms.Priority = events.MaxPriority
		policy := Told(session.NewAllocation(), requested, queued, higher, otherQueued, oneSlot)
		Due(t, policy, Now, worker.Reserve{Worker: "w", Session: first})
	}
}

func TestNeedsAreMet(t *testing.T) {
	needs := requested
	needs.Terms.Needs = events.Needs{Region: "eu", Encoder: "x264", GPU: true}
	fit := events.WorkerRegistered{Worker: "z", Incarnation: "first", Slots: 1, Encoders: []string{"x264"}, Region: "eu", GPU: "any"}
	Due(t, Told(session.NewAllocation(), oneSlot, needs, queued), Now)
	Due(t, Told(session.NewAllocation(), oneSlot, needs, queued, fit), Now, worker.Reserve{Worker: "z", Session: id})
	for _, short := range []func(*events.WorkerRegistered){
		func(w *events.WorkerRegistered) { w.Region = "us" },
		func(w *events.WorkerRegistered) { w.Encoders = []string{"openh264"} },
		func(w *events.WorkerRegistered) { w.GPU = "" },
		func(w *events.WorkerRegistered) { w.Games = []events.GameID{"chess"} },
	} {
		lacks := fit
		short(&lacks)
		Due(t, Told(session.NewAllocation(), needs, queued, lacks), Now)
	}
	// Who needs no GPU leaves it to who does.
	withGPU := events.WorkerRegistered{Worker: "a", Incarnation: "first", Slots: 1, GPU: "any"}
	Due(t, Told(session.NewAllocation(), withGPU, oneSlot, requested, queued), Now, worker.Reserve{Worker: "w", Session: id})
	Due(t, Told(session.NewAllocation(), withGPU, requested, queued), Now, worker.Reserve{Worker: "a", Session: id})
}
