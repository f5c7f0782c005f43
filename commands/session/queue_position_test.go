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
		session.MaxPriority*session.Ageing - 1: other, session.MaxPriority*session.Ageing + 1: id,
	} {
		higher := otherWaits
		higher.At = requested.At.Add(wait)
		higher.Terms.Priority = session.MaxPriority
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
}

func TestQueuePosition(t *testing.T) {
	q := session.NewQueuePosition()
	for _, e := range []events.Event{requested, otherWaits, thirdWaits} {
		q.Evolve(e)
	}
	if at, ok := q.Of(third, Now); !ok || at != (session.Place{Number: 3}) {
		t.Errorf("%+v %v", at, ok)
	}
	for _, e := range []events.Event{atSlot0, events.SessionAllocated{Session: other, At: before}} {
		q.Evolve(e)
	}
	if at, ok := q.Of(third, Now); !ok || at != (session.Place{Number: 1, Wait: 30 * time.Second}) {
		t.Errorf("%+v %v", at, ok)
	}
	if _, ok := q.Of(id, Now); ok {
		t.Error("who plays waits no more")
	}
}
