package presence

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Sessions brings players into games and out of them, in step with the sessions
// that they asked for. One that is paused or interrupted is still a game that
// they are in. Who is offline is not brought in: they are when they come, if the
// game still runs.
//
//	SessionActivated, of who is there ─▶ Enter ─▶ GameEntered
//	ending, ended, failed ─────────────▶ Exit ──▶ GameLeft
type Sessions struct {
	asked  map[events.SessionID]asked // until they are over
	active map[events.PlayerID]map[events.SessionID]commands.Cause
	there  map[events.PlayerID]bool // not offline
	inside map[events.SessionID]bool
	open   map[events.SessionID]move // what is due
}

type asked struct {
	player events.PlayerID
	game   events.GameID
}

// move is what is due of a session: its player enters, or leaves.
type move struct {
	asked
	enter bool
	cause commands.Cause
}

// NewSessions returns the policy before the first event.
func NewSessions() *Sessions {
	return &Sessions{
		asked: map[events.SessionID]asked{}, active: map[events.PlayerID]map[events.SessionID]commands.Cause{},
		there: map[events.PlayerID]bool{}, inside: map[events.SessionID]bool{}, open: map[events.SessionID]move{},
	}
}

var _ commands.Policy = (*Sessions)(nil)

func (*Sessions) Name() string { return "presence-sessions" }

func (p *Sessions) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.asked[e.Session] = asked{e.Player, e.Game}
	case events.SessionActivated:
		p.activated(e.Session, n.Cause)
	case events.SessionEnding:
		p.over(e.Session, n.Cause)
	case events.SessionEnded:
		p.over(e.Session, n.Cause)
	case events.SessionFailed:
		p.over(e.Session, n.Cause)
	case events.PresenceChanged:
		p.changed(e)
	case events.GameEntered:
		p.entered(e, n.Cause)
	case events.GameLeft:
		delete(p.inside, e.Session)
		delete(p.open, e.Session)
	}
}

// activated notes the first activation; those after an interruption are of a
// game that the player is in.
func (p *Sessions) activated(session events.SessionID, cause commands.Cause) {
	a, known := p.asked[session]
	if !known {
		return
	}
	if p.active[a.player] == nil {
		p.active[a.player] = map[events.SessionID]commands.Cause{}
	}
	if _, again := p.active[a.player][session]; again {
		return
	}
	p.active[a.player][session] = cause
	if p.there[a.player] {
		p.open[session] = move{a, true, cause}
	}
}

func (p *Sessions) over(session events.SessionID, cause commands.Cause) {
	a, known := p.asked[session]
	if !known {
		return
	}
	delete(p.asked, session)
	if delete(p.active[a.player], session); len(p.active[a.player]) == 0 {
		delete(p.active, a.player)
	}
	if delete(p.open, session); p.inside[session] {
		p.open[session] = move{a, false, cause}
	}
}

// changed brings who has come into the games that run, and nobody who has gone.
func (p *Sessions) changed(e events.PresenceChanged) {
	offline := e.State == events.PresenceIsOffline
	if offline {
		delete(p.there, e.Player)
	} else {
		p.there[e.Player] = true
	}
	for session, cause := range p.active[e.Player] {
		switch {
		case offline:
			delete(p.open, session)
		case !p.inside[session]:
			p.open[session] = move{p.asked[session], true, cause}
		}
	}
}

// entered settles an entry. One into a game that was over meanwhile is undone.
func (p *Sessions) entered(e events.GameEntered, cause commands.Cause) {
	p.inside[e.Session] = true
	delete(p.open, e.Session)
	if _, runs := p.asked[e.Session]; !runs {
		p.open[e.Session] = move{asked{e.Player, e.Game}, false, cause}
	}
}

func (p *Sessions) Due(time.Time) []commands.Order {
	sessions := make([]events.SessionID, 0, len(p.open))
	for session := range p.open {
		sessions = append(sessions, session)
	}
	slices.SortFunc(sessions, func(a, b events.SessionID) int { return cmp.Compare(a.String(), b.String()) })
	var orders []commands.Order
	for _, session := range sessions[:min(batch, len(sessions))] {
		m := p.open[session]
		if m.enter {
			orders = append(orders, commands.Issue(Enter{Player: m.player, Session: session, Game: m.game}, commands.Because(m.cause, p.Name(), "enter")))
		} else {
			orders = append(orders, commands.Issue(Exit{Player: m.player, Session: session}, commands.Because(m.cause, p.Name(), "exit")))
		}
	}
	return orders
}
