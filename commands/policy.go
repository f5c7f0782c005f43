package commands

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Policy is a process manager: a fold of the log that says which orders are
// due. It forgets what is settled, so that its state is what is open.
//
// Because due orders follow from the whole history and not from single
// deliveries, a policy needs no checkpoint: after a start it folds the log and
// issues what is open then. An order stays due until the events that settle it
// come back through the log; issuing it again meanwhile is harmless, since its
// id derives from the event that caused it.
type Policy interface {
	// Name is stable: the ids of its commands derive from it.
	Name() string
	// Evolve takes the next event of the log.
	Evolve(Noted)
	// Due returns the orders that are open at a time, in the order in which
	// they are to be carried out.
	Due(now time.Time) []Order
}

// Refusable is a policy that is told which of its orders were refused, so that
// one that is refused again and again moves aside for those behind it. What it
// makes of that is forgotten by a restart, after which everything that is open
// is tried at once.
type Refusable interface {
	Policy
	Refused(order Order, why *events.Fault, now time.Time)
}

// Noted is an event as a policy sees it.
type Noted struct {
	Event    events.Event
	Cause    Cause
	Position events.Position
	Time     time.Time // when the store took it
}

// Note reads an event of the log. Errors are those of events.Decode.
func Note(recorded events.Recorded) (Noted, error) {
	event, meta, err := events.Decode(recorded)
	if err != nil {
		return Noted{}, err
	}
	return Noted{
		Event: event, Cause: Cause{Event: recorded.ID, Correlation: meta.Correlation},
		Position: recorded.Position, Time: recorded.Time,
	}, nil
}
