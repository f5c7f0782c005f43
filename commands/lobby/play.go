package lobby

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// play is a lobby's session, as Starting sees it.
type play struct {
	lobby   events.LobbyID
	request session.Request
	cause   commands.Cause // of the request, then of the end
	asked   time.Time      // when the lobby started

	requested bool
	held      time.Time           // since when a worker has it; zero: none has
	outcome   events.LobbyOutcome // once it is over
	people    []person            // members and guests, but not the host
	alone     bool                // the lobby waits for it no more
	unwanted  bool                // it came when the lobby had given it up
	listed    bool                // among the busy
	tried     time.Time           // when orders were given last; zero: something has happened since
}

// person is a member of the lobby, a guest of the session, or both.
type person struct {
	player  events.PlayerID
	member  bool
	guest   bool
	invited bool           // the guest has come by an invitation, and stays by it
	barred  bool           // the host has removed them from the session
	waiting bool           // a seat is to be asked for
	since   time.Time      // they wait
	cause   commands.Cause // of the membership, or of its end
}

// of returns a person, who is made where there is none.
func (p *play) of(player events.PlayerID) *person {
	i := slices.IndexFunc(p.people, func(one person) bool { return one.player == player })
	if i < 0 {
		i = len(p.people)
		p.people = append(p.people, person{player: player})
	}
	return &p.people[i]
}

// open says that the session has seats, or may have.
func (p *play) open() bool { return p.outcome == "" }

func (p *play) join(player events.PlayerID, at time.Time, cause commands.Cause) {
	if player == p.request.Player || !p.open() {
		return
	}
	one := p.of(player)
	one.member, one.waiting, one.since, one.cause = true, !one.barred, at, cause
}

// leave is for who is no member any more. Whoever waits for a seat may be on
// the way to one, and is remembered.
func (p *play) leave(player events.PlayerID, cause commands.Cause) {
	if player == p.request.Player || !p.open() {
		return
	}
	one := p.of(player)
	onTheWay := one.waiting && !p.held.IsZero()
	one.member, one.waiting, one.cause = false, false, cause
	p.forget(func(one person) bool { return one.player == player && !one.guest && !one.barred && !onTheWay })
}

func (p *play) seated(player events.PlayerID, invited bool) {
	one := p.of(player)
	one.guest, one.invited, one.waiting, one.barred = true, invited, false, false
}

// unseated is for who is no guest any more: they don't get the seat again that
// they have given up, but do if they have joined the lobby again since.
func (p *play) unseated(player events.PlayerID, removed bool) {
	one := p.of(player)
	one.guest, one.barred = false, removed
	one.waiting = one.waiting && !removed
	p.forget(func(one person) bool { return one.player == player && !one.member && !one.barred })
}

func (p *play) forget(who func(person) bool) { p.people = slices.DeleteFunc(p.people, who) }

// waits says that something is due, or will be as time goes by.
func (p *play) waits() bool {
	switch {
	case p.outcome != "", !p.requested, p.unwanted:
		return true
	case p.held.IsZero():
		return false
	}
	return slices.ContainsFunc(p.people, func(one person) bool { return one.admissible() || one.superfluous() })
}

func (one person) admissible() bool { return one.member && one.waiting && !one.guest }

// superfluous is a seat that came with a membership that is no more.
func (one person) superfluous() bool { return one.guest && !one.invited && !one.member }

// due returns what is to be done about it now.
func (p *play) due(policy string, now time.Time) []commands.Order {
	if since := now.Sub(p.tried); !p.tried.IsZero() && since > 0 && since < askEvery {
		return nil
	}
	p.tried = now
	switch {
	case p.outcome != "":
		return []commands.Order{p.reopen(policy, p.outcome)}
	case !p.requested && now.Before(p.asked.Add(requestWithin)):
		return []commands.Order{commands.Issue(p.request, commands.Because(p.cause, policy, "request"))}
	case !p.requested:
		return []commands.Order{p.reopen(policy, events.LobbyNotStarted)}
	case p.unwanted:
		return []commands.Order{commands.Issue(session.End{Session: p.request.Session, Reason: events.EndedUnconnected},
			commands.Because(p.cause, policy, "end"))}
	case p.held.IsZero():
		return nil
	}
	return p.seats(policy, now)
}

// seats returns whose seats are to be given up, and then, since a pad may have
// come free with them, who is to be given one.
func (p *play) seats(policy string, now time.Time) (orders []commands.Order) {
	for _, one := range p.people {
		if one.superfluous() {
			orders = append(orders, commands.Issue(session.Leave{Session: p.request.Session, By: one.player, Player: one.player},
				commands.Because(one.cause, policy, "leave "+string(one.player))))
		}
	}
	for i := range p.people {
		switch one := &p.people[i]; {
		case one.admissible() && now.Before(later(one.since, p.held).Add(admitWithin)):
			orders = append(orders, commands.Issue(session.Admit{Session: p.request.Session, Player: one.player},
				commands.Because(one.cause, policy, "admit "+string(one.player))))
		case one.admissible():
			one.waiting = false
		}
	}
	return orders
}

func (p *play) reopen(policy string, outcome events.LobbyOutcome) commands.Order {
	return commands.Issue(Reopen{Lobby: p.lobby, Session: p.request.Session, Outcome: outcome},
		commands.Because(p.cause, policy, "reopen"))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
