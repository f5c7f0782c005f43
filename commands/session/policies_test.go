package session_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

var (
	oneSlot       = events.WorkerRegistered{Worker: "w", Incarnation: "first", Slots: 1, At: before}
	reserved      = events.SlotReserved{Worker: "w", Slot: 0, Session: id, At: before}
	elsewhere     = events.SlotReserved{Worker: "x", Slot: 3, Session: id, At: before}
	leftElsewhere = events.SlotReleased{Worker: "x", Slot: 3, Session: id, At: before}
	released      = events.SlotReleased{Worker: "w", Slot: 0, Session: id, At: before}
	otherWaits    = events.SessionRequested{Session: other, Player: "bert", Game: "doom", At: before}
	thirdWaits    = events.SessionRequested{Session: third, Player: "cora", Game: "doom", At: before}
	otherQueued   = events.SessionQueued{Session: other, At: before}
	draining      = events.WorkerDraining{Worker: "w", Incarnation: "first", At: before}
	workerLost    = events.WorkerLost{Worker: "w", Incarnation: "first", Sessions: []events.SessionID{id}, At: before}
	workerStopped = events.WorkerStopped{Worker: "w", Incarnation: "first", At: before}
	atSlot0       = events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", Slot: 0, At: before}
)

func TestAllocation(t *testing.T) {
	reserve := worker.Reserve{Worker: "w", Session: id}
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"nothing at the start", nil, nil},
		{"no worker: the session queues", []events.Event{requested}, []any{session.Queue{Session: id}}},
		{"a queued session just waits", []events.Event{requested, queued}, nil},
		{"a free slot is reserved", []events.Event{oneSlot, requested}, []any{reserve}},
		{"a worker that comes later takes who waits", []events.Event{requested, queued, oneSlot}, []any{reserve}},
		{"who has a slot is allocated", []events.Event{oneSlot, requested, reserved}, []any{session.Allocate{Session: id, Worker: "w"}}},
		{"a second slot is given back", []events.Event{oneSlot, requested, reserved, atSlot0, elsewhere}, []any{worker.Release{Worker: "x", Session: id}}},
		{"and only once", []events.Event{oneSlot, requested, reserved, atSlot0, elsewhere, leftElsewhere}, nil},
		{"and the first one at the end", []events.Event{oneSlot, requested, reserved, atSlot0, elsewhere, leftElsewhere, ended},
			[]any{worker.Release{Worker: "w", Session: id}}},
		{"once allocated, all is settled", []events.Event{oneSlot, requested, reserved, atSlot0}, nil},
		{"the next one queues", []events.Event{oneSlot, requested, reserved, atSlot0, otherWaits}, []any{session.Queue{Session: other}}},
		{"first come, first served", []events.Event{otherWaits, otherQueued, thirdWaits, oneSlot},
			[]any{worker.Reserve{Worker: "w", Session: other}, session.Queue{Session: third}}},
		{"an end releases the slot", []events.Event{oneSlot, requested, reserved, atSlot0, ended}, []any{worker.Release{Worker: "w", Session: id}}},
		{"a failure releases the slot", []events.Event{oneSlot, requested, reserved, atSlot0, failed}, []any{worker.Release{Worker: "w", Session: id}}},
		{"a released slot serves the next", []events.Event{oneSlot, requested, reserved, atSlot0, otherWaits, otherQueued, ended, released},
			[]any{worker.Reserve{Worker: "w", Session: other}}},
		{"who gives up waiting is forgotten", []events.Event{requested, queued, ended, oneSlot}, nil},
		{"an end while the slot was being reserved releases it", []events.Event{oneSlot, requested, ended, reserved},
			[]any{worker.Release{Worker: "w", Session: id}}},
		{"a lost worker holds nothing", []events.Event{oneSlot, requested, reserved, atSlot0, workerLost, failed}, nil},
		{"a reservation lost before it was used is made again elsewhere", []events.Event{
			oneSlot, requested, reserved, workerLost,
			events.WorkerRegistered{Worker: "w", Incarnation: "second", Slots: 1, At: before},
		}, []any{reserve}},
		{"a worker that drains gets no more", []events.Event{oneSlot, draining, requested}, []any{session.Queue{Session: id}}},
		{"the next worker takes who would have gone there", []events.Event{oneSlot, draining, events.WorkerRegistered{Worker: "x", Incarnation: "first", Slots: 1, At: before}, requested},
			[]any{worker.Reserve{Worker: "x", Session: id}}},
		{"what a worker that drains has reserved is allocated", []events.Event{oneSlot, requested, reserved, draining},
			[]any{session.Allocate{Session: id, Worker: "w"}}},
		{"a slot that it has released serves nobody", []events.Event{oneSlot, requested, reserved, atSlot0, otherWaits, otherQueued, draining, ended, released}, nil},
		{"a worker that has resumed takes who waits", []events.Event{oneSlot, draining, requested, queued, events.WorkerResumed{Worker: "w", Incarnation: "first"}},
			[]any{reserve}},
		{"a worker is asked for the games that it has", []events.Event{
			events.WorkerRegistered{Worker: "a", Incarnation: "first", Slots: 2, Games: []events.GameID{"chess"}, At: before}, oneSlot, requested, queued,
		}, []any{reserve}},
		{"who waits for a game that none has holds up nobody", []events.Event{
			requested, queued, events.WorkerRegistered{Worker: "a", Incarnation: "first", Slots: 1, Games: []events.GameID{"chess"}, At: before},
			events.SessionRequested{Session: other, Player: "bert", Game: "chess", At: before},
		}, []any{worker.Reserve{Worker: "a", Session: other}}},
		{"a stopped worker offers nothing", []events.Event{oneSlot, workerStopped, requested}, []any{session.Queue{Session: id}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			Due(t, Told(session.NewAllocation(), c.given...), Now, c.due...)
		})
	}
}

func TestAReservationOnAnotherIncarnationIsAnotherCommand(t *testing.T) {
	first := Told(session.NewAllocation(), oneSlot, requested).Due(Now)
	second := Told(session.NewAllocation(), events.WorkerRegistered{Worker: "w", Incarnation: "second", Slots: 1, At: before}, requested).Due(Now)
	if first[0].ID == second[0].ID {
		t.Error("the handler would take the second for a repetition of the first")
	}
}

func TestDeadlines(t *testing.T) {
	limits := session.Limits{Launch: time.Minute, Connect: 2 * time.Minute, Return: 3 * time.Minute, Pause: 4 * time.Minute, Cleanup: 5 * time.Minute}
	end := func(reason events.EndReason) any { return session.End{Session: id, Reason: reason} }
	fail := func(cause events.FailureCause) any { return session.Fail{Session: id, Cause: cause} }
	for _, c := range []struct {
		name  string
		given []events.Event
		after time.Duration
		due   any
	}{
		{"a launch", []events.Event{requested, allocated}, limits.Launch, fail(events.FailedLaunchTime)},
		{"a launch, once started", []events.Event{requested, allocated, launched}, limits.Launch, fail(events.FailedLaunchTime)},
		{"a connection", []events.Event{requested, allocated, launched, ready}, limits.Connect, end(events.EndedUnconnected)},
		{"a return", []events.Event{requested, allocated, launched, ready, activated, broken}, limits.Return, end(events.EndedUnreturned)},
		{"a pause", []events.Event{requested, allocated, launched, ready, activated, paused}, limits.Pause, end(events.EndedPausedLong)},
		{"a cleanup", []events.Event{requested, allocated, launched, ready, activated, ending}, limits.Cleanup, fail(events.FailedWorker)},
	} {
		t.Run(c.name, func(t *testing.T) {
			policy := Told(session.NewDeadlines(limits), c.given...)
			Due(t, policy, before.Add(c.after-time.Nanosecond))
			Due(t, policy, before.Add(c.after), c.due)
			Due(t, Told(policy, ended), before.Add(time.Hour))
		})
	}
	for name, settled := range map[string][]events.Event{
		"play":          {requested, allocated, launched, ready, activated},
		"a resume":      {requested, allocated, launched, ready, activated, paused, events.SessionResumed{Session: id, Segment: 2, At: before}},
		"the queue":     {requested, queued},
		"a return":      {requested, allocated, launched, ready, activated, broken, activated},
		"a late report": {requested, ended, workerLost},
	} {
		t.Run(name+" has none", func(t *testing.T) {
			Due(t, Told(session.NewDeadlines(limits), settled...), before.Add(24*time.Hour))
		})
	}
}

func TestALostWorkerFailsItsSessions(t *testing.T) {
	limits := session.DefaultLimits()
	elsewhere := events.SessionAllocated{Session: other, Player: "bert", Game: "doom", Worker: "another", At: before}
	for name, gone := range map[string]events.Event{"lost": workerLost, "stopped": workerStopped} {
		t.Run(name, func(t *testing.T) {
			policy := Told(session.NewDeadlines(limits), requested, otherWaits, allocated, elsewhere, gone)
			Due(t, policy, before, session.Fail{Session: id, Cause: events.FailedWorker})
			// What it had said before it went, and comes late, changes nothing.
			Due(t, Told(policy, launched, ready, activated, ending), before, session.Fail{Session: id, Cause: events.FailedWorker})
		})
	}
}

// TestASessionOnItsWayToALostWorker fails at once: the slot that was reserved
// for it is gone, and a new process of the worker knows nothing of it.
func TestASessionOnItsWayToALostWorker(t *testing.T) {
	again := events.WorkerRegistered{Worker: "w", Incarnation: "second", Slots: 1, At: before}
	policy := Told(session.NewDeadlines(session.DefaultLimits()), oneSlot, requested, reserved, workerLost, again, atSlot0)
	Due(t, policy, before, session.Fail{Session: id, Cause: events.FailedWorker})
	policy = Told(session.NewDeadlines(session.DefaultLimits()), oneSlot, requested, reserved, workerLost, again, reserved, atSlot0)
	Due(t, policy, before)
}
