package lobby

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// How long a session is asked for, and a seat in it, and how often where nothing
// has happened since. What is refused until then is refused for good.
const (
	requestWithin = 30 * time.Second
	admitWithin   = time.Minute
	askEvery      = time.Second
)

// Starting makes a session of a lobby that has started, gives its members their
// seats, and tells the lobby when it is over. It is the one place where lobbies
// and sessions meet.
//
//	LobbyStarted ─▶ session.Request, for the host ─ refused for long ─▶ Reopen
//	SessionAllocated ─▶ session.Admit, for each other member, also later ones
//	LobbyLeft ─▶ session.Leave, of a seat that was given here
//	SessionEnded, SessionFailed ─▶ Reopen
//	a session that comes after it was given up ─▶ session.End
//
// Each member has a gamepad then. Where the session's player has left the lobby
// and plays on, who joins in their place has a seat, and no gamepad until one is
// free.
type Starting struct {
	plays map[events.SessionID]*play
	of    map[events.LobbyID]*play // that the lobby waits for
	busy  []*play                  // where something may be due, in the order in which it came up
}

// NewStarting returns the policy before the first event.
func NewStarting() *Starting {
	return &Starting{plays: map[events.SessionID]*play{}, of: map[events.LobbyID]*play{}}
}

var _ commands.Policy = (*Starting)(nil)

func (*Starting) Name() string { return "lobby-start" }

func (p *Starting) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.LobbyStarted:
		p.start(e, n.Cause)
	case events.LobbyJoined:
		p.in(e.Lobby, func(play *play) { play.join(e.Player, e.At, n.Cause) })
	case events.LobbyLeft:
		p.in(e.Lobby, func(play *play) { play.leave(e.Player, n.Cause) })
	case events.LobbyReopened:
		p.reopened(e, n.Cause)
	case events.LobbyClosed:
		p.forget(e.Lobby)
	default:
		p.hear(n)
	}
}

// hear takes an event of a session.
func (p *Starting) hear(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.at(e.Session, func(play *play) { play.requested = true })
	case events.SessionAllocated:
		p.at(e.Session, func(play *play) { play.held = e.At })
	case events.GuestJoined:
		p.at(e.Session, func(play *play) { play.seated(e.Player, !e.Invitation.IsZero()) })
	case events.GuestLeft:
		p.at(e.Session, func(play *play) { play.unseated(e.Player, e.Removed) })
	case events.SessionEnding:
		p.at(e.Session, func(play *play) { play.people, play.unwanted = nil, false })
	case events.SessionEnded:
		p.over(e.Session, events.LobbyPlayed, n.Cause)
	case events.SessionFailed:
		p.over(e.Session, events.LobbyFailed, n.Cause)
	}
}

func (p *Starting) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	busy := p.busy[:0]
	for _, play := range p.busy {
		if orders = append(orders, play.due(p.Name(), now)...); play.waits() {
			busy = append(busy, play)
		} else {
			play.listed = false
		}
	}
	clear(p.busy[len(busy):])
	p.busy = busy
	return orders
}

func (p *Starting) start(e events.LobbyStarted, cause commands.Cause) {
	play := &play{lobby: e.Lobby, cause: cause, asked: e.At,
		request: session.Request{Session: e.Session, Player: e.Host, Game: e.Game, Title: e.Title, Terms: e.Terms}}
	for _, member := range e.Members {
		play.join(member, e.At, cause)
	}
	p.plays[e.Session], p.of[e.Lobby] = play, play
	p.list(play)
}

// in changes what a lobby plays, if it does.
func (p *Starting) in(lobby events.LobbyID, change func(*play)) {
	if play := p.of[lobby]; play != nil {
		change(play)
		p.list(play)
	}
}

// at changes what is played in a session, if that is a lobby's.
func (p *Starting) at(session events.SessionID, change func(*play)) {
	if play := p.plays[session]; play != nil {
		change(play)
		p.list(play)
	}
}

// list has a play looked at that has changed.
func (p *Starting) list(play *play) {
	if play.tried = (time.Time{}); !play.listed && play.waits() {
		play.listed = true
		p.busy = append(p.busy, play)
	}
}

// over is for a session that has ended. A lobby that waits for it is told, and
// what is played is forgotten when the lobby has heard it.
func (p *Starting) over(session events.SessionID, outcome events.LobbyOutcome, cause commands.Cause) {
	p.at(session, func(play *play) {
		if play.people, play.unwanted = nil, false; play.alone {
			delete(p.plays, session)
			return
		}
		play.outcome, play.cause = outcome, cause
	})
}

// reopened is for a lobby that has heard how its session came out. A session
// that had been given up, and came after all, is nobody's.
func (p *Starting) reopened(e events.LobbyReopened, cause commands.Cause) {
	p.in(e.Lobby, func(play *play) {
		if play.requested && play.outcome == "" {
			play.people, play.unwanted, play.cause = nil, true, cause
		}
	})
	p.forget(e.Lobby)
}

// forget is for a lobby that waits for its session no more. A session that goes
// on without it is kept until its end: seats may have to be given back.
func (p *Starting) forget(lobby events.LobbyID) {
	play := p.of[lobby]
	if play == nil {
		return
	}
	delete(p.of, lobby)
	if play.alone = true; !play.requested || play.outcome != "" {
		play.people, play.requested, play.outcome = nil, true, "" // nothing is due any more
		delete(p.plays, play.request.Session)
	}
}
