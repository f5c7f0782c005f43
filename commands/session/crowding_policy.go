package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Crowding ends sessions that are one too many for what their player may have
// open at once. A gateway looks at that before it takes a request, but does not
// see what another one takes at the same moment: the log's order decides, and the
// later one has to go. What is ending does not count.
//
//	SessionRequested beyond its terms' AtOnce ─▶ End
type Crowding struct {
	player  map[events.SessionID]events.PlayerID // of open sessions
	open    map[events.PlayerID][]events.SessionID
	surplus commands.Agenda[events.SessionID]
}

// NewCrowding returns the policy before the first event.
func NewCrowding() *Crowding {
	return &Crowding{player: map[events.SessionID]events.PlayerID{}, open: map[events.PlayerID][]events.SessionID{}}
}

var _ commands.Refusable = (*Crowding)(nil)

func (*Crowding) Name() string { return "crowding" }

func (p *Crowding) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.requested(e, n.Cause)
	case events.SessionEnding:
		p.over(e.Session)
	case events.SessionEnded:
		p.over(e.Session)
	case events.SessionFailed:
		p.over(e.Session)
	}
}

func (p *Crowding) requested(e events.SessionRequested, cause commands.Cause) {
	if _, known := p.player[e.Session]; known {
		return
	}
	p.player[e.Session] = e.Player
	p.open[e.Player] = append(p.open[e.Player], e.Session)
	if most := e.Terms.AtOnce; most > 0 && len(p.open[e.Player]) > most {
		p.surplus.Put(e.Session, time.Time{}, commands.Issue(
			End{Session: e.Session, Reason: events.EndedCrowded}, commands.Because(cause, p.Name(), "end")))
	}
}

func (p *Crowding) over(session events.SessionID) {
	player, known := p.player[session]
	if !known {
		return
	}
	delete(p.player, session)
	p.open[player] = slices.DeleteFunc(p.open[player], func(s events.SessionID) bool { return s == session })
	if len(p.open[player]) == 0 {
		delete(p.open, player)
	}
	p.surplus.Drop(session)
}

func (p *Crowding) Due(now time.Time) []commands.Order { return p.surplus.Due(now) }

// Refused has a session ended later.
func (p *Crowding) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	if end, is := order.Command.(End); is {
		p.surplus.Later(end.Session, now)
	}
}
