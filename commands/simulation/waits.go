package simulation

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// waits: nobody starves in the queue. A session's place is when it was requested,
// less a head start for each class of priority; whoever has a later place, for
// the same game, gets no slot before. So nobody at all overtakes who was requested
// longer than the head start of the highest class after them, and who waits for
// n others and d until the next slot waits for (n + 1) × d at most. Faults
// may hold up what is known of a request, and a slot that was meant for it.
type waits struct {
	waiting map[events.GameID][]wait // in the order of their requests
	game    map[events.SessionID]events.GameID
	longest map[int]time.Duration // until a slot, by priority
	gaveUp  int
}

type wait struct {
	session  events.SessionID
	priority int
	since    time.Time
	place    time.Time
	placed   bool // a slot is reserved
}

// headStart is of a class of priority over the next lower one.
const headStart = 2 * time.Minute

// patience is how long nobody waits: with workers enough for a day, the queue
// of an evening is gone before.
const patience = 8 * time.Hour

func newWaits() *waits {
	return &waits{waiting: map[events.GameID][]wait{}, game: map[events.SessionID]events.GameID{}, longest: map[int]time.Duration{}}
}

var _ invariant = (*waits)(nil)

func (w *waits) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		w.game[e.Session] = e.Game
		w.waiting[e.Game] = append(w.waiting[e.Game], wait{
			session: e.Session, priority: e.Terms.Priority, since: n.Time, place: e.At.Add(-time.Duration(e.Terms.Priority) * headStart),
		})
	case events.SlotReserved:
		return w.reserved(n, e.Session)
	case events.SessionAllocated:
		w.allocated(n, e.Session)
	case events.SessionEnded:
		w.leave(e.Session)
	case events.SessionFailed:
		w.leave(e.Session)
	}
	return nil
}

func (w *waits) find(id events.SessionID) int {
	return slices.IndexFunc(w.waiting[w.game[id]], func(w wait) bool { return w.session == id })
}

// reserved is where a place is decided on, by a runner that may not know who came
// just before.
func (w *waits) reserved(n commands.Noted, id events.SessionID) error {
	i := w.find(id)
	if i < 0 {
		return nil
	}
	line := w.waiting[w.game[id]]
	mine := &line[i]
	if mine.placed {
		return nil
	}
	mine.placed = true
	for _, other := range line {
		past := mine.place.Sub(other.place)
		if !other.placed && past > worst && n.Time.Sub(other.since) > worst {
			return w.wrong(n.Time, other, fmt.Sprintf("session %s has a place that is %v later, and a slot", id, past), id)
		}
	}
	return nil
}

func (w *waits) allocated(n commands.Noted, id events.SessionID) {
	if i := w.find(id); i >= 0 {
		mine := w.waiting[w.game[id]][i]
		w.longest[mine.priority] = max(w.longest[mine.priority], n.Time.Sub(mine.since))
		w.remove(id, i)
	}
}

func (w *waits) leave(id events.SessionID) {
	if i := w.find(id); i >= 0 {
		w.gaveUp++
		w.remove(id, i)
	}
	delete(w.game, id)
}

func (w *waits) remove(id events.SessionID, i int) {
	w.waiting[w.game[id]] = slices.Delete(w.waiting[w.game[id]], i, i+1)
	delete(w.game, id)
}

func (w *waits) check(now time.Time) error {
	for _, game := range games {
		for _, waits := range w.waiting[game] {
			if now.Sub(waits.since) > patience {
				return w.wrong(now, waits, fmt.Sprintf("it waits since %v", now.Sub(waits.since)))
			}
		}
	}
	return nil
}

func (w *waits) final(now time.Time) error { return w.check(now) }

func (w *waits) wrong(at time.Time, of wait, says string, others ...events.SessionID) error {
	streams := []events.Stream{events.SessionStream(of.session)}
	for _, id := range others {
		streams = append(streams, events.SessionStream(id))
	}
	return &Violation{Invariant: "waits", At: at, Says: fmt.Sprintf("session %s starves in the queue: %s", of.session, says), Streams: streams}
}

func (w *waits) tell(r *Report) {
	r.GaveUp, r.LongestWait = w.gaveUp, map[string]float64{}
	for priority, longest := range w.longest {
		r.LongestWait[strconv.Itoa(priority)] = longest.Seconds()
	}
}
