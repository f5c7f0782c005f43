package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Erasing ends the sessions of players who are erased, and gives up their seats
// in those of others. It keeps who is in which open session, and who is erased:
// what they had asked for may come to be known only later.
//
//	PlayerErased ─▶ End, Leave ─▶ SessionEnding, GuestLeft
type Erasing struct {
	seen   commands.Recent
	people map[events.SessionID][]events.PlayerID // the player comes first, then guests
	in     map[events.PlayerID][]events.SessionID
	erased map[events.PlayerID]bool
	open   commands.Agenda[seat]
}

type seat struct {
	session events.SessionID
	player  events.PlayerID
}

// NewErasing returns the policy before the first event.
func NewErasing() *Erasing {
	return &Erasing{
		people: map[events.SessionID][]events.PlayerID{}, in: map[events.PlayerID][]events.SessionID{}, erased: map[events.PlayerID]bool{},
	}
}

var _ commands.Refusable = (*Erasing)(nil)

func (*Erasing) Name() string { return "session-erasure" }

func (p *Erasing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		if !p.seen.Again(n.Cause.Event) {
			p.people[e.Session] = nil
			p.came(seat{e.Session, e.Player}, n.Cause)
		}
	case events.GuestJoined:
		if _, open := p.people[e.Session]; open && !p.seen.Again(n.Cause.Event) {
			p.came(seat{e.Session, e.Player}, n.Cause)
		}
	case events.GuestLeft:
		p.went(seat{e.Session, e.Player})
	case events.SessionEnding:
		p.over(e.Session)
	case events.SessionEnded:
		p.over(e.Session)
	case events.SessionFailed:
		p.over(e.Session)
	case events.PlayerErased:
		p.erased[e.Player] = true
		for _, session := range p.in[e.Player] {
			p.part(seat{session, e.Player}, n.Cause)
		}
	}
}

func (p *Erasing) came(s seat, cause commands.Cause) {
	if slices.Contains(p.people[s.session], s.player) {
		return
	}
	p.people[s.session] = append(p.people[s.session], s.player)
	p.in[s.player] = append(p.in[s.player], s.session)
	if p.erased[s.player] {
		p.part(s, cause)
	}
}

func (p *Erasing) went(s seat) {
	p.open.Drop(s)
	p.people[s.session] = slices.DeleteFunc(p.people[s.session], func(who events.PlayerID) bool { return who == s.player })
	if p.in[s.player] = slices.DeleteFunc(p.in[s.player], func(where events.SessionID) bool { return where == s.session }); len(p.in[s.player]) == 0 {
		delete(p.in, s.player)
	}
}

func (p *Erasing) over(session events.SessionID) {
	for _, player := range slices.Clone(p.people[session]) {
		p.went(seat{session, player})
	}
	delete(p.people, session)
}

// part has a seat given up, and the whole session where it is the player's.
func (p *Erasing) part(s seat, cause commands.Cause) {
	because := commands.Because(cause, p.Name(), "part from "+s.session.String())
	if p.people[s.session][0] == s.player {
		p.open.Put(s, time.Time{}, commands.Issue(End{Session: s.session, Reason: events.EndedErased}, because))
		return
	}
	p.open.Put(s, time.Time{}, commands.Issue(Leave{Session: s.session, By: s.player, Player: s.player}, because))
}

func (p *Erasing) Due(now time.Time) []commands.Order { return p.open.Due(now) }

// Refused has a seat given up later.
func (p *Erasing) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case End:
		if people := p.people[c.Session]; len(people) > 0 {
			p.open.Later(seat{c.Session, people[0]}, now)
		}
	case Leave:
		p.open.Later(seat{c.Session, c.Player}, now)
	}
}
