package session

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// recentSlots is how many of the last slots that were given an estimate is
// made of.
const recentSlots = 32

// QueuePosition is a pure fold that says who is where in the queue, and how long
// they may have to wait.
type QueuePosition struct {
	line     line
	given    []time.Time // the last slots that were given, the earliest first
	requests int
}

// NewQueuePosition returns the fold before the first event.
func NewQueuePosition() *QueuePosition { return &QueuePosition{line: newLine()} }

// Evolve takes the next event of the log.
func (q *QueuePosition) Evolve(e events.Event) {
	switch e := e.(type) {
	case events.SessionRequested:
		q.requests++
		q.line.add(waits(e, commands.Cause{}, q.requests))
	case events.SessionAllocated:
		q.line.remove(e.Session)
		q.given = append(q.given, e.At)
		if len(q.given) > recentSlots {
			q.given = q.given[1:]
		}
	case events.SessionEnded:
		q.line.remove(e.Session)
	case events.SessionFailed:
		q.line.remove(e.Session)
	}
}

// Place is where a session waits.
type Place struct {
	Number int           // from 1
	Wait   time.Duration // estimated; 0: too few slots were given to say
}

// Of returns a session's place at a time; false when it does not wait. The rate
// at which slots were given counts the time since the last one, too, so that an
// estimate grows while none comes free.
func (q *QueuePosition) Of(session events.SessionID, now time.Time) (Place, bool) {
	w := q.line.by[session]
	if w == nil {
		return Place{}, false
	}
	place := Place{Number: q.line.place(w) + 1}
	if n := len(q.given); n >= 2 {
		span := max(now.Sub(q.given[0]), q.given[n-1].Sub(q.given[0]), 0)
		place.Wait = span / time.Duration(n) * time.Duration(place.Number)
	}
	return place, true
}
