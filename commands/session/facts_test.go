package session_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// facts are what a log says, and must never say, of workers and sessions.
type facts struct {
	t        *rapid.T
	log      []commands.Noted
	workers  map[events.WorkerID]worker.State
	offers   map[events.WorkerID]events.WorkerRegistered
	sessions map[events.SessionID]session.State
	wishes   map[events.SessionID]events.SessionRequested
	ids      []events.SessionID        // as they were requested
	fresh    bool                      // who decides has read all there is
	returned map[events.SessionID]bool // slots, since then: who had one was not offered another
}

func newFacts(t *rapid.T) *facts {
	return &facts{
		t: t, workers: map[events.WorkerID]worker.State{}, offers: map[events.WorkerID]events.WorkerRegistered{},
		returned: map[events.SessionID]bool{},
		sessions: map[events.SessionID]session.State{}, wishes: map[events.SessionID]events.SessionRequested{},
	}
}

func (f *facts) take(n commands.Noted) {
	f.log = append(f.log, n)
	switch e := n.Event.(type) {
	case events.WorkerRegistered:
		f.offers[e.Worker] = e
		f.worker(e.Worker, e)
	case events.WorkerDraining:
		f.worker(e.Worker, e)
	case events.WorkerResumed:
		f.worker(e.Worker, e)
	case events.WorkerLost:
		f.worker(e.Worker, e)
	case events.WorkerStopped:
		f.worker(e.Worker, e)
	case events.SlotReserved:
		f.reserved(e)
		f.worker(e.Worker, e)
	case events.SlotReleased:
		if at := f.workers[e.Worker].Slots; at[e.Slot] != e.Session {
			f.t.Fatalf("slot %d of %s is taken from %v, and is of %v", e.Slot, e.Worker, e.Session, at[e.Slot])
		}
		f.returned[e.Session] = true
		f.worker(e.Worker, e)
	case events.SessionRequested:
		f.wishes[e.Session], f.ids = e, append(f.ids, e.Session)
		f.session(e.Session, e)
	case events.SessionQueued:
		f.session(e.Session, e)
	case events.SessionAllocated:
		f.session(e.Session, e)
	case events.SessionLaunched:
		f.session(e.Session, e)
	case events.SessionReady:
		f.session(e.Session, e)
	case events.SessionActivated:
		f.session(e.Session, e)
	case events.SessionEnding:
		f.session(e.Session, e)
	case events.SessionEnded:
		f.session(e.Session, e)
	case events.SessionFailed:
		f.session(e.Session, e)
	default:
		f.t.Fatalf("%T has happened", e)
	}
}

func (f *facts) worker(id events.WorkerID, e events.Event) { f.workers[id] = f.workers[id].Evolve(e) }

func (f *facts) session(id events.SessionID, e events.Event) {
	before := f.sessions[id]
	if _, placed := e.(events.SessionAllocated); placed && before.Worker != "" {
		f.t.Fatalf("%v is on %s, and goes to another: %+v", id, before.Worker, e)
	}
	if before.Phase.Over() {
		f.t.Fatalf("%v is over, and then: %+v", id, e)
	}
	f.sessions[id] = before.Evolve(e)
}

// reserved wants a free slot of a worker that takes sessions and suits, and
// nobody who should have had it.
func (f *facts) reserved(e events.SlotReserved) {
	w, wish := f.workers[e.Worker], f.wishes[e.Session]
	switch {
	case !w.Running || w.Draining:
		f.t.Fatalf("%v gets a slot of %s, which takes none", e.Session, e.Worker)
	case !w.Slots[e.Slot].IsZero():
		f.t.Fatalf("slot %d of %s is given to %v while %v holds it", e.Slot, e.Worker, e.Session, w.Slots[e.Slot])
	case slices.Contains(w.Slots, e.Session):
		f.t.Fatalf("%v gets a second slot of %s", e.Session, e.Worker)
	}
	if !f.fresh {
		return
	}
	// What a stale view gives, it may give where the worker has changed, or to a
	// session that has another slot; then that goes back.
	if !suits(f.offers[e.Worker], wish) {
		f.t.Fatalf("%+v gets a slot of %+v", wish, f.offers[e.Worker])
	}
	if holders := f.holders(e.Session); len(holders) > 0 {
		f.t.Fatalf("%v has a slot of %s and gets one of %s", e.Session, holders, e.Worker)
	}
	for _, id := range f.ids {
		if f.waits(id) && len(f.holders(id)) == 0 && !f.returned[id] && suits(f.offers[e.Worker], f.wishes[id]) && f.before(id, e.Session) {
			f.t.Fatalf("%+v overtakes %+v", wish, f.wishes[id])
		}
	}
}

// before says what the queue promises: nobody is overtaken but by who has a
// higher priority, and for each class of it comes less than Ageing later.
func (f *facts) before(id, other events.SessionID) bool {
	one, two := f.wishes[id], f.wishes[other]
	ahead := two.At.Sub(one.At) - time.Duration(two.Terms.Priority-one.Terms.Priority)*events.Ageing
	return ahead > 0 || ahead == 0 && slices.Index(f.ids, id) < slices.Index(f.ids, other)
}

func suits(offer events.WorkerRegistered, wish events.SessionRequested) bool {
	needs := wish.Terms.Needs
	return (offer.Games == nil || slices.Contains(offer.Games, wish.Game)) && (!needs.GPU || offer.GPU != "") &&
		(needs.Region == "" || needs.Region == offer.Region) && (needs.Encoder == "" || slices.Contains(offer.Encoders, needs.Encoder))
}

func (f *facts) waits(id events.SessionID) bool {
	phase := f.sessions[id].Phase
	return phase == events.SessionIsRequested || phase == events.SessionIsQueued
}

// holders are the workers of which a session has a slot.
func (f *facts) holders(id events.SessionID) (all []events.WorkerID) {
	for name, w := range f.workers {
		if slices.Contains(w.Slots, id) {
			all = append(all, name)
		}
	}
	return all
}

// decide marks what happens while someone carries out what is due on all there is.
func (f *facts) decide(carryOut func()) {
	clear(f.returned)
	f.fresh = true
	carryOut()
	f.fresh = false
}

// check holds what is true when all is settled.
func (f *facts) check() {
	for id, s := range f.sessions {
		holders := f.holders(id)
		switch {
		case len(holders) > 1:
			f.t.Fatalf("%v holds slots of %s", id, holders)
		case s.Phase.Over() && len(holders) > 0:
			f.t.Fatalf("%v is over and holds a slot of %s", id, holders)
		case !s.Phase.Over() && !f.waits(id) && !slices.Equal(holders, []events.WorkerID{s.Worker}):
			f.t.Fatalf("%v is %s on %s, and its slot is of %s", id, s.Phase, s.Worker, holders)
		case f.waits(id) && len(holders) > 0:
			f.t.Fatalf("%v waits and holds a slot of %s", id, holders)
		case f.waits(id):
			f.waitsForNothing(id)
		}
	}
}

func (f *facts) waitsForNothing(id events.SessionID) {
	for name, w := range f.workers {
		free := slices.Contains(w.Slots, events.SessionID{})
		if w.Running && !w.Draining && free && suits(f.offers[name], f.wishes[id]) {
			f.t.Fatalf("%+v waits, and %+v has a free slot for it", f.wishes[id], f.offers[name])
		}
	}
}
