package session_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// house is a platform of workers and sessions, each as its stream tells it,
// with the policies that join them.
type house struct {
	t        *rapid.T
	policies []commands.Policy
	workers  map[events.WorkerID]worker.State
	games    map[events.WorkerID][]events.GameID
	sessions map[events.SessionID]session.State
	holder   map[events.SessionID]events.WorkerID // while the slot is held
	events   int
}

func newHouse(t *rapid.T) *house {
	return &house{
		t: t, policies: []commands.Policy{session.NewAllocation(), session.NewDeadlines(session.DefaultLimits())},
		workers: map[events.WorkerID]worker.State{}, games: map[events.WorkerID][]events.GameID{},
		sessions: map[events.SessionID]session.State{}, holder: map[events.SessionID]events.WorkerID{},
	}
}

// settle lets the policies act until nothing is due.
func (h *house) settle() {
	for range 1000 {
		var due []commands.Order
		for _, p := range h.policies {
			due = append(due, p.Due(Now)...)
		}
		if len(due) == 0 {
			return
		}
		progress := h.events
		for _, order := range due {
			h.carryOut(order.Command)
		}
		if h.events == progress {
			h.t.Fatalf("nothing comes of what is due: %+v", due)
		}
	}
	h.t.Fatal("something is due for ever")
}

func (h *house) carryOut(command any) {
	switch c := command.(type) {
	case worker.Reserve:
		if h.workers[c.Worker].Draining {
			h.t.Fatalf("%v is to go to %s, which drains", c.Session, c.Worker)
		}
		h.onWorker(c.Worker, c)
	case worker.Release:
		h.onWorker(c.Worker, c)
	case session.Queue:
		h.onSession(c.Session, c)
	case session.Allocate:
		h.onSession(c.Session, c)
	case session.Fail:
		h.onSession(c.Session, c)
	default:
		h.t.Fatalf("%T is due", command)
	}
}

func (h *house) onWorker(id events.WorkerID, command commands.Command[worker.State]) {
	decided, _ := command.Decide(h.workers[id], Now) // a refusal is an answer
	for _, e := range decided {
		h.workers[id] = h.workers[id].Evolve(e)
		switch e := e.(type) {
		case events.WorkerRegistered:
			h.games[id] = e.Games
		case events.SlotReserved:
			if other, held := h.holder[e.Session]; held {
				h.t.Fatalf("%v has a slot of %s and gets one of %s", e.Session, other, id)
			}
			h.holder[e.Session] = id
		case events.SlotReleased:
			delete(h.holder, e.Session)
		case events.WorkerLost:
			h.gone(id)
		case events.WorkerStopped:
			h.gone(id)
		}
		h.tell(e)
	}
}

func (h *house) gone(id events.WorkerID) {
	for s, holder := range h.holder {
		if holder == id {
			delete(h.holder, s)
		}
	}
}

func (h *house) onSession(id events.SessionID, command commands.Command[session.State]) {
	decided, _ := command.Decide(h.sessions[id], Now) // a refusal is an answer
	for _, e := range decided {
		h.sessions[id] = h.sessions[id].Evolve(e)
		h.tell(e)
	}
}

// tell hands an event to the policies, with a cause of its own.
func (h *house) tell(e events.Event) {
	h.events++
	cause := commands.Cause{Event: events.DeriveEventID(events.CommandID{}, h.events), Correlation: "c"}
	for _, p := range h.policies {
		p.Evolve(commands.Noted{Event: e, Cause: cause, Time: Now})
	}
}

// check wants every session to be where it should be when all is settled.
func (h *house) check() {
	for id, s := range h.sessions {
		holder, held := h.holder[id]
		switch waits := s.Phase == events.SessionIsRequested || s.Phase == events.SessionIsQueued; {
		case s.Phase.Over() && held:
			h.t.Fatalf("%v is over and holds a slot of %s", id, holder)
		case !s.Phase.Over() && !waits && (!held || holder != s.Worker):
			h.t.Fatalf("%v is %s on %s, and its slot is of %q", id, s.Phase, s.Worker, holder)
		case waits && held:
			h.t.Fatalf("%v waits and holds a slot of %s", id, holder)
		case waits:
			for name, w := range h.workers {
				free := slices.Contains(w.Slots, events.SessionID{})
				if w.Running && !w.Draining && free && slices.Contains(h.games[name], s.Game) {
					h.t.Fatalf("%v waits for %s, and %s has a free slot for it", id, s.Game, name)
				}
			}
		}
	}
}

// TestNoSessionIsLost drives workers that come, drain, stop and are lost, and
// sessions that come and end. In whatever order that happens, a worker that
// drains gets nothing, a slot is one session's, and who could be played waits
// for nothing.
func TestNoSessionIsLost(t *testing.T) {
	names := []events.WorkerID{"a", "b", "c"}
	library := []events.GameID{"chess", "doom"}
	rapid.Check(t, func(t *rapid.T) {
		h, ids := newHouse(t), []events.SessionID{}
		for step := range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := rapid.SampledFrom(names).Draw(t, "worker")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1:
				h.onWorker(name, worker.Register{
					Worker: name, Incarnation: fmt.Sprint(step), Slots: rapid.IntRange(1, 2).Draw(t, "slots"),
					Games: library[rapid.IntRange(0, 1).Draw(t, "from"):],
				})
			case 2:
				h.onWorker(name, worker.Lose{Worker: name, Incarnation: h.workers[name].Incarnation})
			case 3:
				h.onWorker(name, worker.Stop{Worker: name, Incarnation: h.workers[name].Incarnation})
			case 4:
				h.onWorker(name, worker.Drain{Worker: name})
			case 5:
				h.onWorker(name, worker.Resume{Worker: name})
			case 6, 7, 8:
				id := events.NewSessionID()
				ids = append(ids, id)
				h.onSession(id, session.Request{Session: id, Player: "anna", Game: rapid.SampledFrom(library).Draw(t, "game")})
			default:
				if len(ids) > 0 {
					id := rapid.SampledFrom(ids).Draw(t, "session")
					h.onSession(id, session.Finish{Session: id, Reason: events.EndedByGame})
				}
			}
			if rapid.Bool().Draw(t, "settle") {
				h.settle()
				h.check()
			}
		}
		h.settle()
		h.check()
	})
}
