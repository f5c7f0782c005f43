// Package numbering gives documents their numbers, without gaps.
//
// A number is an event of the series' own stream, appended after exactly the
// number before it: two documents can't get one number, and none is left out.
// Only what is sure to be issued asks for one (an approved document takes no
// refusal any more), so none is given in vain.
//
// A series is a month, and not a year, since its state, and each snapshot of it,
// holds every document of it. A document's series is said at its approval: asked again after
// midnight, it still finds the number that it has.
package numbering

import "github.com/playcast/playcast/events"

// Series is a series as its stream tells it. Evolve adds to numbered in place,
// so an earlier value of a fold is not to be used after a later one.
type Series struct {
	Last     int // number given
	numbered map[events.Document]struct{}
}

// Evolve returns the state after an event.
func (s Series) Evolve(e events.Event) Series {
	if e, ok := e.(events.NumberAssigned); ok {
		if s.numbered == nil {
			s.numbered = map[events.Document]struct{}{}
		}
		s.Last = e.Number
		s.numbered[e.Document] = struct{}{}
	}
	return s
}
