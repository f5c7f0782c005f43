package player

import (
	"slices"

	"github.com/playcast/playcast/events"
)

// Played is when a player has played, as their account's stream tells it: for who
// judges by it without the read side. What no allowance counts any more is left
// out.
type Played []Span

// Evolve returns the spans after an event. States share nothing that changes.
func (p Played) Evolve(e events.Event) Played {
	metered, is := e.(events.PlaytimeMetered)
	if !is {
		return p
	}
	counted := metered.At.Add(-looking)
	kept := slices.DeleteFunc(slices.Clone(p), func(s Span) bool { return s.To.Before(counted) })
	return append(kept, Span{From: metered.Segment.From, To: metered.Segment.To})
}
