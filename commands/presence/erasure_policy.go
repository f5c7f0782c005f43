package presence

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Erasing clears the presence of players who are erased.
//
//	PlayerErased ─▶ Clear ─▶ PresenceCleared
type Erasing struct {
	erased commands.Agenda[events.PlayerID] // and not cleared yet
}

// NewErasing returns the policy before the first event.
func NewErasing() *Erasing { return &Erasing{} }

var _ commands.Policy = (*Erasing)(nil)

func (*Erasing) Name() string { return "presence-erasure" }

func (p *Erasing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.PlayerErased:
		p.erased.Put(e.Player, time.Time{}, commands.Issue(Clear{Player: e.Player}, commands.Because(n.Cause, p.Name(), "clear")))
	case events.PresenceCleared:
		p.erased.Drop(e.Player)
	}
}

func (p *Erasing) Due(now time.Time) []commands.Order { return p.erased.Due(now) }
