package presence

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Preferring makes players invisible, or visible, when they change their
// preference. What they say of their presence itself, after that, counts until
// they change the preference again.
//
//	PreferencesChanged, invisible or not any more ─▶ Hide ─▶ VisibilityChanged
type Preferring struct {
	invisible map[events.PlayerID]bool // who prefers that
	open      []preferred
}

type preferred struct {
	player    events.PlayerID
	invisible bool
	cause     commands.Cause
}

// NewPreferring returns the policy before the first event.
func NewPreferring() *Preferring { return &Preferring{invisible: map[events.PlayerID]bool{}} }

var _ commands.Policy = (*Preferring)(nil)

func (*Preferring) Name() string { return "presence-preferences" }

func (p *Preferring) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.PreferencesChanged:
		p.prefers(preferred{e.Player, e.Preferences.Invisible, n.Cause})
	case events.VisibilityChanged:
		p.settle(e.Player)
	case events.PlayerErased:
		delete(p.invisible, e.Player)
		p.settle(e.Player)
	}
}

func (p *Preferring) prefers(one preferred) {
	if p.invisible[one.player] == one.invisible {
		return
	}
	if one.invisible {
		p.invisible[one.player] = true
	} else {
		delete(p.invisible, one.player)
	}
	p.settle(one.player)
	p.open = append(p.open, one)
}

func (p *Preferring) settle(player events.PlayerID) {
	p.open = slices.DeleteFunc(p.open, func(one preferred) bool { return one.player == player })
}

func (p *Preferring) Due(time.Time) []commands.Order {
	var orders []commands.Order
	for _, one := range p.open[:min(batch, len(p.open))] {
		orders = append(orders, commands.Issue(Hide{Player: one.player, Invisible: one.invisible, Restate: true},
			commands.Because(one.cause, p.Name(), "hide")))
	}
	return orders
}
