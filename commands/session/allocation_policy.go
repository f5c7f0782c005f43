package session

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// Allocation gives waiting sessions free slots of workers that have their game,
// first come, first served, and takes the slots back when sessions are over. It
// is the one place where sessions and workers meet.
//
//	SessionRequested ─▶ worker.Reserve ─▶ SlotReserved ─▶ Allocate
//	      no slot free ─▶ Queue
//	SessionEnded, SessionFailed ─▶ worker.Release
type Allocation struct {
	waiting []waiting // in the order of their requests
	workers map[events.WorkerID]*slots
	held    map[events.SessionID]*holding
	over    []ended // hold a slot still
	surplus []surplus
}

// surplus is a slot of a session that holds another one. While a reservation is
// on its way back, the slot that it asked for may not be the first free one any
// more, and the session is given that as well.
type surplus struct {
	release worker.Release
	cause   commands.Cause
}

type ended struct {
	session events.SessionID
	cause   commands.Cause
}

type waiting struct {
	session events.SessionID
	game    events.GameID
	cause   commands.Cause
	queued  bool
}

type slots struct {
	incarnation string
	free        int
	draining    bool
	games       []events.GameID // nil: any
}

type holding struct {
	worker events.WorkerID
	slot   int
	cause  commands.Cause // the reservation
}

// NewAllocation returns the policy before the first event.
func NewAllocation() *Allocation {
	return &Allocation{
		workers: map[events.WorkerID]*slots{},
		held:    map[events.SessionID]*holding{},
	}
}

var _ commands.Policy = (*Allocation)(nil)

func (*Allocation) Name() string { return "allocation" }

func (p *Allocation) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.waiting = append(p.waiting, waiting{session: e.Session, game: e.Game, cause: n.Cause})
	case events.SessionQueued:
		if i := p.waits(e.Session); i >= 0 {
			p.waiting[i].queued = true
		}
	case events.SessionAllocated:
		p.stopWaiting(e.Session)
	case events.SessionEnded:
		p.end(e.Session, n.Cause)
	case events.SessionFailed:
		p.end(e.Session, n.Cause)
	case events.WorkerRegistered:
		p.workers[e.Worker] = &slots{incarnation: e.Incarnation, free: e.Slots, games: e.Games}
	case events.WorkerDraining:
		p.drain(e.Worker, true)
	case events.WorkerResumed:
		p.drain(e.Worker, false)
	case events.WorkerLost:
		p.gone(e.Worker)
	case events.WorkerStopped:
		p.gone(e.Worker)
	case events.SlotReserved:
		p.reserved(e, n.Cause)
	case events.SlotReleased:
		if w := p.workers[e.Worker]; w != nil {
			w.free++
		}
		p.released(e)
	}
}

func (p *Allocation) Due(time.Time) []commands.Order {
	var orders []commands.Order
	for _, o := range p.over {
		orders = append(orders, commands.Issue(worker.Release{Worker: p.held[o.session].worker, Session: o.session},
			commands.Because(o.cause, p.Name(), "release")))
	}
	for _, s := range p.surplus {
		orders = append(orders, commands.Issue(s.release, commands.Because(s.cause, p.Name(), "release")))
	}
	free := p.free()
	for _, w := range p.waiting {
		if h := p.held[w.session]; h != nil {
			orders = append(orders, commands.Issue(Allocate{Session: w.session, Worker: h.worker, Slot: h.slot},
				commands.Because(h.cause, p.Name(), "allocate")))
			continue
		}
		if i := slices.IndexFunc(free, func(at place) bool { return at.has(w.game) }); i >= 0 {
			// The incarnation is in the purpose: a worker that was lost can be
			// asked again when it is back.
			orders = append(orders, commands.Issue(worker.Reserve{Worker: free[i].worker, Session: w.session},
				commands.Because(w.cause, p.Name(), "reserve on "+free[i].incarnation)))
			free = slices.Delete(free, i, i+1)
			continue
		}
		if !w.queued {
			orders = append(orders, commands.Issue(Queue{Session: w.session}, commands.Because(w.cause, p.Name(), "queue")))
		}
	}
	return orders
}

// place is a free slot.
type place struct {
	*slots
	worker events.WorkerID
}

func (s *slots) has(game events.GameID) bool { return s.games == nil || slices.Contains(s.games, game) }

// free lists a place for every slot that is to be had, by worker, so that the
// order does not depend on a map's.
func (p *Allocation) free() []place {
	var places []place
	for id, w := range p.workers {
		if w.draining {
			continue
		}
		for range w.free {
			places = append(places, place{slots: w, worker: id})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.worker, b.worker) })
	return places
}

func (p *Allocation) drain(id events.WorkerID, draining bool) {
	if w := p.workers[id]; w != nil {
		w.draining = draining
	}
}

func (p *Allocation) reserved(e events.SlotReserved, cause commands.Cause) {
	if w := p.workers[e.Worker]; w != nil {
		w.free--
	}
	if p.held[e.Session] != nil {
		p.surplus = append(p.surplus, surplus{release: worker.Release{Worker: e.Worker, Session: e.Session}, cause: cause})
		return
	}
	p.held[e.Session] = &holding{worker: e.Worker, slot: e.Slot, cause: cause}
	if p.waits(e.Session) < 0 {
		// The session ended while its slot was being reserved.
		p.over = append(p.over, ended{session: e.Session, cause: cause})
	}
}

func (p *Allocation) end(session events.SessionID, cause commands.Cause) {
	p.stopWaiting(session)
	if p.held[session] != nil {
		p.over = append(p.over, ended{session: session, cause: cause})
	}
}

func (p *Allocation) released(e events.SlotReleased) {
	if h := p.held[e.Session]; h != nil && h.worker == e.Worker {
		p.release(e.Session)
	}
	p.surplus = slices.DeleteFunc(p.surplus, func(s surplus) bool {
		return s.release == worker.Release{Worker: e.Worker, Session: e.Session}
	})
}

// gone forgets a worker and what it held: the slots are gone with it.
func (p *Allocation) gone(id events.WorkerID) {
	delete(p.workers, id)
	p.surplus = slices.DeleteFunc(p.surplus, func(s surplus) bool { return s.release.Worker == id })
	for session, h := range p.held {
		if h.worker == id {
			p.release(session)
		}
	}
}

func (p *Allocation) release(session events.SessionID) {
	delete(p.held, session)
	p.over = slices.DeleteFunc(p.over, func(o ended) bool { return o.session == session })
}

func (p *Allocation) waits(session events.SessionID) int {
	return slices.IndexFunc(p.waiting, func(w waiting) bool { return w.session == session })
}

func (p *Allocation) stopWaiting(session events.SessionID) {
	if i := p.waits(session); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
}
