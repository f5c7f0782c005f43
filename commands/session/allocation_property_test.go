package session_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// TestNoSessionIsLost drives workers that come, drain, stop and are lost,
// sessions that come and end, and two processes that give the slots, at once and
// on what each has read so far. In whatever order that happens, a worker that
// drains gets nothing, a slot is one session's, nobody is overtaken for longer
// than their priority says, and who could be played waits for nothing.
func TestNoSessionIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHouse(t)
		for step := range rapid.IntRange(20, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 15).Draw(t, "who") {
			case 0, 1, 2:
				h.machine(fmt.Sprint(step))
			case 3, 4, 5, 6:
				h.request()
			case 7, 8:
				h.play()
			case 9:
				h.pass(time.Duration(rapid.IntRange(-10, 200).Draw(t, "seconds")) * time.Second)
			case 10, 11, 12, 13:
				h.race()
			case 14:
				h.again()
			default:
				h.settle()
				h.check()
			}
		}
		h.settle()
		h.check()
	})
}

// machine lets something become of a worker.
func (h *house) machine(incarnation string) {
	name := rapid.SampledFrom([]events.WorkerID{"a", "b", "c"}).Draw(h.t, "worker")
	present := h.facts.workers[name].Incarnation
	switch rapid.IntRange(0, 5).Draw(h.t, "what") {
	case 0, 1:
		h.register(name, incarnation)
	case 2:
		ask(h, worker.Lose{Worker: name, Incarnation: present})
	case 3:
		ask(h, worker.Stop{Worker: name, Incarnation: present})
	case 4:
		ask(h, worker.Drain{Worker: name})
	default:
		ask(h, worker.Resume{Worker: name})
	}
}

// play reports of a session.
func (h *house) play() {
	if len(h.facts.ids) == 0 {
		return
	}
	id := rapid.SampledFrom(h.facts.ids).Draw(h.t, "session")
	switch rapid.IntRange(0, 5).Draw(h.t, "report") {
	case 0, 1:
		ask(h, session.Launch{Session: id})
	case 2:
		ask(h, session.Ready{Session: id})
	case 3:
		ask(h, session.Activate{Session: id})
	case 4:
		ask(h, session.Fail{Session: id, Cause: events.FailedGame})
	default:
		ask(h, session.Finish{Session: id, Reason: events.EndedByGame})
	}
}

// race lets the processes read on, one perhaps further than the other, and then
// both act at once.
func (h *house) race() {
	for _, p := range h.processes {
		h.follow(p, rapid.IntRange(0, 12).Draw(h.t, "events"), rapid.Bool().Draw(h.t, "and the last once more"))
	}
	h.act()
}

// again lets a process restart, or say again what was said.
func (h *house) again() {
	i := rapid.IntRange(0, 1).Draw(h.t, "process")
	if n := len(h.past); n > 0 && rapid.Bool().Draw(h.t, "repeated") {
		h.repeat(h.past[rapid.IntRange(0, n-1).Draw(h.t, "order")], h.processes[i].handler)
		return
	}
	h.start(i)
}
