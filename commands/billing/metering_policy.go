package billing

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Metering puts every closed segment of play on its player's account.
type Metering struct {
	seen     commands.Recent
	sessions map[events.SessionID]played
	open     commands.Agenda[segmentKey]
}

type played struct {
	player events.PlayerID
	game   events.GameID
}

// NewMetering returns the policy before the first event.
func NewMetering() *Metering {
	return &Metering{sessions: map[events.SessionID]played{}}
}

var _ commands.Refusable = (*Metering)(nil)

func (*Metering) Name() string { return "metering" }

func (p *Metering) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		if p.seen.Again(n.Cause.Event) {
			return
		}
		p.sessions[e.Session] = played{player: e.Player, game: e.Game}
	case events.PlaytimeMetered:
		p.open.Drop(segmentKey{e.Session, e.Segment.Number})
	default:
		if closing, is := events.ClosingOf(e); is {
			p.closed(closing, n.Cause)
		}
	}
}

func (p *Metering) Due(now time.Time) []commands.Order { return p.open.Due(now) }

// Refused has a segment tried later, since what is wrong with it may be the
// clock; but one that is settled is settled for ever.
func (p *Metering) Refused(order commands.Order, why *events.Fault, now time.Time) {
	m, is := order.Command.(Meter)
	switch of := (segmentKey{m.Session, m.Segment.Number}); {
	case !is:
	case why.Code == ErrSettled.Code:
		p.open.Drop(of)
	default:
		p.open.Later(of, now)
	}
}

func (p *Metering) closed(c events.Closing, cause commands.Cause) {
	of, known := p.sessions[c.Session]
	if c.Over {
		delete(p.sessions, c.Session)
	}
	if c.Segment == nil || !known || p.seen.Again(cause.Event) {
		return
	}
	meter := Meter{Player: of.player, Session: c.Session, Game: of.game, Segment: *c.Segment}
	p.open.Put(segmentKey{c.Session, c.Segment.Number}, time.Time{}, commands.Issue(meter,
		commands.Because(cause, p.Name(), fmt.Sprintf("meter segment %d", c.Segment.Number))))
}
