package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// invariant is what must hold of a log. It is folded from the events alone, by
// code that shares nothing with what decides. Its errors are *Violation.
type invariant interface {
	// take holds it to the next event.
	take(commands.Noted) error
	// check holds it to a moment, since some things are wrong by their absence.
	check(now time.Time) error
	// final holds it to the end, when nothing may be open any more.
	final(now time.Time) error
	// tell adds what it has seen to a report.
	tell(*Report)
}

// newInvariants are those of any log.
func newInvariants() []invariant {
	return []invariant{newSlots(), newLives(), newPlaytime(), newWaits(), newBurnt(), newPaid(), newFriendships()}
}

// newSimulated are also those that hold by what people do in a simulation: they
// set limits once, draft no invoice by hand, and go home at the end.
func newSimulated(c Config) []invariant {
	all := append(newInvariants(), newBilled(), newAttendance(), newGatherings(), newAllowances(c))
	if c.Books != nil {
		all = append(all, newBalanced(c.Books()))
	}
	return all
}

// Violation says what must never be, and is in a log.
type Violation struct {
	Invariant string
	At        time.Time
	Says      string
	Streams   []events.Stream // whose events show it
}

func (v *Violation) Error() string {
	return fmt.Sprintf("%s: %s (at %s)", v.Invariant, v.Says, v.At.Format(time.DateTime))
}
