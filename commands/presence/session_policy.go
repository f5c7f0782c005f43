package presence

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Sessions brings players into games and out of them, in step with the sessions
// in which they have a seat: those that they asked for, and those in which they
// are guests. One that is paused or interrupted is still a game that they are in.
// Who is offline is not brought in: they are when they come, if the game still
// runs.
//
//	SessionActivated, GuestJoined, of who is there ─▶ Enter ─▶ GameEntered
//	GuestLeft; ending, ended, failed ──────────────▶ Exit ──▶ GameLeft
type Sessions struct {
	running map[events.SessionID]*running                 // until they are over
	of      map[events.PlayerID]map[events.SessionID]bool // who has a seat where
	there   map[events.PlayerID]bool                      // not offline
	inside  map[place]bool
	open    commands.Agenda[place]
}

// place is a player in a session.
type place struct {
	session events.SessionID
	player  events.PlayerID
}

// running is a session with those who have a seat, and why they enter: of who
// waits for the first activation that is not known yet.
type running struct {
	game   events.GameID
	active bool
	seats  []seated // the host first
}

type seated struct {
	player events.PlayerID
	cause  commands.Cause
}

// NewSessions returns the policy before the first event.
func NewSessions() *Sessions {
	return &Sessions{
		running: map[events.SessionID]*running{}, of: map[events.PlayerID]map[events.SessionID]bool{},
		there: map[events.PlayerID]bool{}, inside: map[place]bool{},
	}
}

var _ commands.Policy = (*Sessions)(nil)

func (*Sessions) Name() string { return "presence-sessions" }

func (p *Sessions) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.running[e.Session] = &running{game: e.Game}
		p.seat(place{e.Session, e.Player}, n.Cause)
	case events.GuestJoined:
		p.seat(place{e.Session, e.Player}, n.Cause)
	case events.GuestLeft:
		p.unseat(place{e.Session, e.Player}, n.Cause)
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
		p.entered(place{e.Session, e.Player}, n.Cause)
	case events.GameLeft:
		delete(p.inside, place{e.Session, e.Player})
		p.open.Drop(place{e.Session, e.Player})
	}
}

func (p *Sessions) seat(at place, cause commands.Cause) {
	s := p.running[at.session]
	if s == nil || p.of[at.player][at.session] {
		return
	}
	if p.of[at.player] == nil {
		p.of[at.player] = map[events.SessionID]bool{}
	}
	p.of[at.player][at.session] = true
	s.seats = append(s.seats, seated{at.player, cause})
	p.enter(at, s)
}

// enter is due of who is there, has a seat in a game that runs, and is not in it.
func (p *Sessions) enter(at place, s *running) {
	i := slices.IndexFunc(s.seats, func(one seated) bool { return one.player == at.player })
	if i >= 0 && s.active && p.there[at.player] && !p.inside[at] {
		p.open.Put(at, time.Time{}, commands.Issue(Enter{Player: at.player, Session: at.session, Game: s.game},
			commands.Because(s.seats[i].cause, p.Name(), "enter "+string(at.player))))
	}
}

func (p *Sessions) unseat(at place, cause commands.Cause) {
	s := p.running[at.session]
	if s == nil || !p.of[at.player][at.session] {
		return
	}
	s.seats = slices.DeleteFunc(s.seats, func(one seated) bool { return one.player == at.player })
	p.gone(at, cause)
}

// gone takes a player out of a game in which they have no seat any more.
func (p *Sessions) gone(at place, cause commands.Cause) {
	if delete(p.of[at.player], at.session); len(p.of[at.player]) == 0 {
		delete(p.of, at.player)
	}
	if p.open.Drop(at); p.inside[at] {
		p.exit(at, cause)
	}
}

// activated notes the first activation; those after an interruption are of a
// game that the players are in.
func (p *Sessions) activated(session events.SessionID, cause commands.Cause) {
	s := p.running[session]
	if s == nil || s.active {
		return
	}
	s.active = true
	for i, one := range s.seats {
		s.seats[i].cause = cause
		p.enter(place{session, one.player}, s)
	}
}

func (p *Sessions) over(session events.SessionID, cause commands.Cause) {
	s := p.running[session]
	if s == nil {
		return
	}
	delete(p.running, session)
	for _, one := range s.seats {
		p.gone(place{session, one.player}, cause)
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
	var sessions []events.SessionID
	for session := range p.of[e.Player] {
		sessions = append(sessions, session)
	}
	slices.SortFunc(sessions, func(a, b events.SessionID) int { return slices.Compare(a[:], b[:]) })
	for _, session := range sessions {
		at := place{session, e.Player}
		if offline {
			p.open.Drop(at)
		} else {
			p.enter(at, p.running[session])
		}
	}
}

// entered settles an entry. One into a game in which there is no seat any more is
// undone.
func (p *Sessions) entered(at place, cause commands.Cause) {
	p.inside[at] = true
	if p.open.Drop(at); !p.of[at.player][at.session] {
		p.exit(at, cause)
	}
}

func (p *Sessions) exit(at place, cause commands.Cause) {
	p.open.Put(at, time.Time{}, commands.Issue(Exit{Player: at.player, Session: at.session},
		commands.Because(cause, p.Name(), "exit "+string(at.player))))
}

func (p *Sessions) Due(now time.Time) []commands.Order { return p.open.Due(now) }
