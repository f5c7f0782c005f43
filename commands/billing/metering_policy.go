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
	open     []unmetered // in the order in which they were closed
}

type played struct {
	player events.PlayerID
	game   events.GameID
}

type unmetered struct {
	meter   Meter
	cause   commands.Cause
	refused int
	after   time.Time // not before it is tried again
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
	case events.SessionPaused:
		p.closed(e.Session, e.Closed, n.Cause)
	case events.SessionInterrupted:
		p.closed(e.Session, e.Closed, n.Cause)
	case events.SessionEnding:
		p.closed(e.Session, e.Closed, n.Cause)
	case events.SessionEnded:
		p.closed(e.Session, e.Closed, n.Cause)
		delete(p.sessions, e.Session)
	case events.SessionFailed:
		p.closed(e.Session, e.Closed, n.Cause)
		delete(p.sessions, e.Session)
	case events.PlaytimeMetered:
		p.settle(e)
	}
}

// Due leaves out what is refused for its age.
func (p *Metering) Due(now time.Time) []commands.Order {
	orders := make([]commands.Order, 0, len(p.open))
	for _, u := range p.open {
		if !metered(nil).takes(u.meter.Segment.To, now) || now.Before(u.after) {
			continue
		}
		purpose := fmt.Sprintf("meter segment %d", u.meter.Segment.Number)
		orders = append(orders, commands.Issue(u.meter, commands.Because(u.cause, p.Name(), purpose)))
	}
	return orders
}

// Refused has a segment tried later, each time for twice as long, up to an hour:
// what is wrong with it may be the clock.
func (p *Metering) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	refused, is := order.Command.(Meter)
	for i, u := range p.open {
		if is && u.meter == refused {
			p.open[i].refused++
			p.open[i].after = now.Add(min(time.Hour, time.Second<<min(u.refused, 12)))
			return
		}
	}
}

func (p *Metering) closed(session events.SessionID, segment *events.Segment, cause commands.Cause) {
	of, known := p.sessions[session]
	if segment == nil || !known || p.seen.Again(cause.Event) {
		return
	}
	p.open = append(p.open, unmetered{
		meter: Meter{Player: of.player, Session: session, Game: of.game, Segment: *segment},
		cause: cause,
	})
}

func (p *Metering) settle(e events.PlaytimeMetered) {
	for i, u := range p.open {
		if u.meter.Session == e.Session && u.meter.Segment.Number == e.Segment.Number {
			p.open = append(p.open[:i], p.open[i+1:]...)
			return
		}
	}
}
