package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// waits: nobody is passed over by who came later for the same game, and nobody
// waits for ever.
type waits struct {
	waiting map[events.GameID][]wait // in the order of their requests
	game    map[events.SessionID]events.GameID
	longest map[string]time.Duration // until a slot, by priority
	gaveUp  int
}

type wait struct {
	session events.SessionID
	since   time.Time
	placed  bool // a slot is reserved
}

// patience is how long nobody waits: with workers enough for a day, the queue
// of an evening is gone before.
const patience = 8 * time.Hour

func newWaits() *waits {
	return &waits{waiting: map[events.GameID][]wait{}, game: map[events.SessionID]events.GameID{}, longest: map[string]time.Duration{}}
}

var _ invariant = (*waits)(nil)

func (w *waits) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		w.game[e.Session] = e.Game
		w.waiting[e.Game] = append(w.waiting[e.Game], wait{session: e.Session, since: n.Time})
	case events.SlotReserved:
		if i := w.find(e.Session); i >= 0 {
			w.waiting[w.game[e.Session]][i].placed = true
		}
	case events.SessionAllocated:
		return w.allocated(n, e.Session)
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

func (w *waits) allocated(n commands.Noted, id events.SessionID) error {
	i := w.find(id)
	if i < 0 {
		return nil
	}
	game := w.game[id]
	mine := w.waiting[game][i]
	w.longest[everybody] = max(w.longest[everybody], n.Time.Sub(mine.since))
	for _, other := range w.waiting[game][:i] {
		if !other.placed && mine.since.Sub(other.since) > worst {
			return w.wrong(n.Time, other, fmt.Sprintf("session %s came %v later and has a place", id, mine.since.Sub(other.since)), id)
		}
	}
	w.remove(id, i)
	return nil
}

// everybody is the one priority that there is.
const everybody = "standard"

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
		r.LongestWait[priority] = longest.Seconds()
	}
}
