package session

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// Allocation gives waiting sessions free slots of workers that have their game,
// by their places in the queue, and takes the slots back when sessions are over.
// It is the one place where sessions and workers meet.
//
//	SessionRequested ─▶ worker.Reserve ─▶ SlotReserved ─▶ Allocate
//	      no slot free ─▶ Queue
//	SessionEnded, SessionFailed ─▶ worker.Release
type Allocation struct {
	waiting  queue
	fresh    line // of those, who was not told that they wait
	placed   line // of those, who has a slot reserved
	requests int
	workers  map[events.WorkerID]*slots
	held     map[events.SessionID]*holding
	over     []ended // hold a slot still
	surplus  []surplus
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

type slots struct {
	free     int
	draining bool
	offer    events.WorkerRegistered
}

type holding struct {
	worker events.WorkerID
	slot   int
	cause  commands.Cause // the reservation
}

// NewAllocation returns the policy before the first event.
func NewAllocation() *Allocation {
	return &Allocation{
		waiting: newQueue(), fresh: newLine(), placed: newLine(),
		workers: map[events.WorkerID]*slots{},
		held:    map[events.SessionID]*holding{},
	}
}

var _ commands.Policy = (*Allocation)(nil)

func (*Allocation) Name() string { return "allocation" }

func (p *Allocation) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.requests++
		w := waits(e, n.Cause, p.requests)
		p.waiting.add(w)
		p.fresh.add(w)
	case events.SessionQueued:
		p.fresh.remove(e.Session)
	case events.SessionAllocated:
		p.stopWaiting(e.Session)
	case events.SessionEnded:
		p.end(e.Session, n.Cause)
	case events.SessionFailed:
		p.end(e.Session, n.Cause)
	case events.WorkerRegistered:
		p.workers[e.Worker] = &slots{free: e.Slots, offer: e}
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
	for _, w := range p.placed.order {
		h := p.held[w.session]
		orders = append(orders, commands.Issue(Allocate{Session: w.session, Worker: h.worker, Slot: h.slot},
			commands.Because(h.cause, p.Name(), "allocate")))
	}
	reservations := p.reservations()
	offered := make(map[events.SessionID]bool, len(reservations))
	for _, r := range reservations {
		offered[r.session] = true
		orders = append(orders, r.order)
	}
	for _, w := range p.fresh.order {
		if !offered[w.session] && p.held[w.session] == nil {
			orders = append(orders, commands.Issue(Queue{Session: w.session}, commands.Because(w.cause, p.Name(), "queue")))
		}
	}
	return orders
}

type reservation struct {
	session events.SessionID
	order   commands.Order
}

// reservations gives the free slots, as far as they go, to who waits.
func (p *Allocation) reservations() []reservation {
	free := p.free()
	if len(free) == 0 {
		return nil
	}
	var all []reservation
	p.waiting.visit(func(w *waiting) bool {
		if p.held[w.session] != nil {
			return true
		}
		i := slices.IndexFunc(free, func(at place) bool { return at.fits(w.wants) })
		if i < 0 {
			return false
		}
		// The incarnation is in the purpose, and what was lost: a worker can be
		// asked again when it is back, or has taken a slot back.
		purpose := "reserve on " + free[i].offer.Incarnation
		if w.lost > 0 {
			purpose = fmt.Sprintf("%s again %d", purpose, w.lost)
		}
		all = append(all, reservation{session: w.session, order: commands.Issue(
			worker.Reserve{Worker: free[i].worker, Session: w.session}, commands.Because(w.cause, p.Name(), purpose))})
		if free[i].left--; free[i].left == 0 {
			free = slices.Delete(free, i, i+1)
		}
		return true
	})
	return all
}

// place is a worker with free slots.
type place struct {
	*slots
	worker events.WorkerID
	left   int
}

func (s *slots) gpus() int { return min(1, len(s.offer.GPU)) }

// fits says that a worker has the game, and offers what the session needs.
func (s *slots) fits(w want) bool {
	return (s.offer.Games == nil || slices.Contains(s.offer.Games, w.game)) &&
		(w.needs.Region == "" || w.needs.Region == s.offer.Region) &&
		(w.needs.Encoder == "" || slices.Contains(s.offer.Encoders, w.needs.Encoder)) &&
		(!w.needs.GPU || s.offer.GPU != "")
}

// free lists the workers that have slots to give: by name, so that the order
// does not depend on a map's, but those with a GPU last, which is kept for who
// needs it as long as there is another place.
func (p *Allocation) free() []place {
	var places []place
	for id, w := range p.workers {
		if !w.draining && w.free > 0 {
			places = append(places, place{slots: w, worker: id, left: w.free})
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.gpus(), b.gpus()), cmp.Compare(a.worker, b.worker))
	})
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
	if w := p.waiting.by[e.Session]; w != nil {
		p.placed.add(w)
	} else {
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
	if w := p.waiting.by[e.Session]; w != nil {
		w.lost++
	}
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
	p.placed.remove(session)
	p.over = slices.DeleteFunc(p.over, func(o ended) bool { return o.session == session })
}

func (p *Allocation) stopWaiting(session events.SessionID) {
	p.waiting.remove(session)
	p.fresh.remove(session)
	p.placed.remove(session)
}
