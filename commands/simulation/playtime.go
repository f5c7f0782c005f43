package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// playtime: a segment begins when play does and ends by the event that closes
// it, each is metered once, as it was played, to who played it, and at the end
// all are.
type playtime struct {
	players map[events.SessionID]events.PlayerID
	open    map[events.SessionID]segment
	owed    map[segmentKey]owed
	order   []segmentKey // of what was owed
	metered map[segmentKey]bool
	played  time.Duration
	billed  time.Duration
}

type segment struct {
	number int
	from   time.Time
}

type segmentKey struct {
	session events.SessionID
	number  int
}

type owed struct {
	segment events.Segment
	since   time.Time
}

func newPlaytime() *playtime {
	return &playtime{
		players: map[events.SessionID]events.PlayerID{}, open: map[events.SessionID]segment{},
		owed: map[segmentKey]owed{}, metered: map[segmentKey]bool{},
	}
}

var _ invariant = (*playtime)(nil)

func (p *playtime) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.players[e.Session] = e.Player
	case events.SessionActivated:
		return p.begins(n, e.Session, e.Segment, e.At)
	case events.SessionResumed:
		return p.begins(n, e.Session, e.Segment, e.At)
	case events.PlaytimeMetered:
		return p.meters(n, e)
	default:
		if id, ok := sessionOf(e); ok {
			if _, quality := e.(events.QualityReported); !quality {
				return p.ends(n, id, closed(e))
			}
		}
	}
	return nil
}

func (p *playtime) begins(n commands.Noted, id events.SessionID, number int, at time.Time) error {
	if s, active := p.open[id]; active {
		return p.wrong(n.Time, id, "segment %d begins within segment %d", number, s.number)
	}
	p.open[id] = segment{number: number, from: at}
	return nil
}

func (p *playtime) ends(n commands.Noted, id events.SessionID, closed *events.Segment) error {
	s, active := p.open[id]
	switch {
	case !active && closed == nil:
		return nil
	case !active:
		return p.wrong(n.Time, id, "%s closes segment %d, and none is open", n.Event.EventType(), closed.Number)
	case closed == nil:
		return p.wrong(n.Time, id, "%s leaves segment %d open", n.Event.EventType(), s.number)
	case closed.Number != s.number || !closed.From.Equal(s.from) || closed.To.Before(s.from) || closed.To.After(n.Time):
		return p.wrong(n.Time, id, "%s closes segment %d from %v to %v, and segment %d is open since %v",
			n.Event.EventType(), closed.Number, closed.From, closed.To, s.number, s.from)
	}
	delete(p.open, id)
	key := segmentKey{id, closed.Number}
	if _, twice := p.owed[key]; twice || p.metered[key] {
		return p.wrong(n.Time, id, "segment %d is played twice", closed.Number)
	}
	p.owed[key] = owed{segment: *closed, since: n.Time}
	p.order = append(p.order, key)
	p.played += closed.To.Sub(closed.From)
	return nil
}

func (p *playtime) meters(n commands.Noted, e events.PlaytimeMetered) error {
	key := segmentKey{e.Session, e.Segment.Number}
	due, ok := p.owed[key]
	switch {
	case p.metered[key]:
		return p.wrong(n.Time, e.Session, "segment %d is metered twice", key.number)
	case !ok:
		return p.wrong(n.Time, e.Session, "segment %d is metered and was not played", key.number)
	case p.players[e.Session] != e.Player:
		return p.wrong(n.Time, e.Session, "segment %d is metered to %s, and %s has played", key.number, e.Player, p.players[e.Session])
	case !due.segment.From.Equal(e.Segment.From) || !due.segment.To.Equal(e.Segment.To):
		return p.wrong(n.Time, e.Session, "segment %d is metered as %v, and lasted %v", key.number, e.Segment.Duration(), due.segment.Duration())
	}
	delete(p.owed, key)
	p.metered[key] = true
	p.billed += e.Segment.Duration()
	return nil
}

func (p *playtime) check(now time.Time) error {
	still := p.order[:0]
	for _, key := range p.order {
		due, open := p.owed[key]
		if !open {
			continue
		}
		still = append(still, key)
		if now.Sub(due.since) > worst {
			return p.wrong(now, key.session, "segment %d is over for %v and not metered", key.number, now.Sub(due.since))
		}
	}
	p.order = still
	return nil
}

func (p *playtime) final(now time.Time) error {
	if err := p.check(now); err != nil {
		return err
	}
	if p.played != p.billed {
		return &Violation{Invariant: "playtime", At: now, Says: fmt.Sprintf("%v were played, and %v are metered", p.played, p.billed)}
	}
	return nil
}

func (p *playtime) wrong(at time.Time, id events.SessionID, says string, details ...any) error {
	streams := []events.Stream{events.SessionStream(id)}
	if player, ok := p.players[id]; ok {
		streams = append(streams, events.AccountStream(player))
	}
	return &Violation{Invariant: "playtime", At: at, Says: fmt.Sprintf("session %s: ", id) + fmt.Sprintf(says, details...), Streams: streams}
}

func (p *playtime) tell(r *Report) {
	r.PlayedHours, r.MeteredHours = p.played.Hours(), p.billed.Hours()
}
