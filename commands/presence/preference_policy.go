package presence

import (
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
	open      commands.Agenda[events.PlayerID]
}

// NewPreferring returns the policy before the first event.
func NewPreferring() *Preferring { return &Preferring{invisible: map[events.PlayerID]bool{}} }

var _ commands.Policy = (*Preferring)(nil)

func (*Preferring) Name() string { return "presence-preferences" }

func (p *Preferring) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.PreferencesChanged:
		p.prefers(e.Player, e.Preferences.Invisible, n.Cause)
	case events.VisibilityChanged:
		p.open.Drop(e.Player)
	case events.PlayerErased:
		delete(p.invisible, e.Player)
		p.open.Drop(e.Player)
	}
}

func (p *Preferring) prefers(player events.PlayerID, invisible bool, cause commands.Cause) {
	if p.invisible[player] == invisible {
		return
	}
	if invisible {
		p.invisible[player] = true
	} else {
		delete(p.invisible, player)
	}
	p.open.Put(player, time.Time{}, commands.Issue(Hide{Player: player, Invisible: invisible, Restate: true},
		commands.Because(cause, p.Name(), "hide")))
}

func (p *Preferring) Due(now time.Time) []commands.Order { return p.open.Due(now) }
