package presence

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Erasing clears the presence of players who are erased.
//
//	PlayerErased ─▶ Clear ─▶ PresenceCleared
type Erasing struct {
	erased []erased // and not cleared yet
}

type erased struct {
	player events.PlayerID
	cause  commands.Cause
}

// NewErasing returns the policy before the first event.
func NewErasing() *Erasing { return &Erasing{} }

var _ commands.Policy = (*Erasing)(nil)

func (*Erasing) Name() string { return "presence-erasure" }

func (p *Erasing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.PlayerErased:
		p.erased = append(p.erased, erased{e.Player, n.Cause})
	case events.PresenceCleared:
		p.erased = slices.DeleteFunc(p.erased, func(one erased) bool { return one.player == e.Player })
	}
}

func (p *Erasing) Due(time.Time) []commands.Order {
	var orders []commands.Order
	for _, one := range p.erased[:min(batch, len(p.erased))] {
		orders = append(orders, commands.Issue(Clear{Player: one.player}, commands.Because(one.cause, p.Name(), "clear")))
	}
	return orders
}
