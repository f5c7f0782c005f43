// Package lobby decides on lobbies: players who gather to play together.
//
//	Create ─▶ open ──── Start ────▶ started
//	           │ ◀──── Reopen ────── │      the session ended, failed, was refused
//	           └───── Leave, Drop ───┴────▶ closed      the last member is gone
//
// Any player may Create, Join and Leave; a member may say SetReady and Say; the
// host may ChangeCode, Kick, Ban, Unban, HandOver, Choose and Start. Policies
// issue Reopen, when the session is over, and Drop, for who is absent: a member
// stays one while their connections come and go.
//
// While there is a lobby that is not closed, it has 1 to Capacity members, one
// of whom is the host. A host who goes is followed by who has been a member for
// longest. Of what is said, the state keeps the number alone, and how much a
// member has said within a moment.
package lobby

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// How many members a lobby may be made for. All of them play, each with a
// gamepad, so that there are no more than a game has gamepads.
const (
	MinCapacity = 2
	MaxCapacity = events.MaxPads
)

// MaxBanned bounds those whom a lobby keeps out at once.
const MaxBanned = 100

// State is a lobby as its stream tells it.
type State struct {
	Phase      events.LobbyState
	Visibility events.Visibility
	Capacity   int
	CodeHash   events.CodeHash // zero: there is no code
	Host       events.PlayerID
	Members    []Member // who has been one for longest comes first
	Banned     []events.PlayerID
	Game       events.GameID // empty: none is chosen
	Title      string        // of the game
	Session    events.SessionID
	Starts     int
	Messages   int
}

// Member is a player who has joined.
type Member struct {
	Player events.PlayerID
	Ready  bool
	Said   int // messages since Since, which begins anew after SaidWhile
	Since  time.Time
}

// Schema is that of its snapshots: what is said makes a lobby's stream long.
func (State) Schema() int { return 1 }

// Evolve returns the state after an event. States share nothing that changes.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.LobbyOpened:
		s = State{Phase: events.LobbyIsOpen, Visibility: e.Visibility, Capacity: e.Capacity, CodeHash: e.CodeHash,
			Host: e.Host, Members: []Member{{Player: e.Host}}}
	case events.LobbyCodeChanged:
		s.CodeHash = e.CodeHash
	case events.LobbyJoined:
		s.Members = append(slices.Clone(s.Members), Member{Player: e.Player})
	case events.LobbyLeft:
		s.Members = slices.DeleteFunc(slices.Clone(s.Members), func(m Member) bool { return m.Player == e.Player })
	case events.LobbyBanned:
		s.Banned = append(slices.Clone(s.Banned), e.Player)
	case events.LobbyUnbanned:
		s.Banned = slices.DeleteFunc(slices.Clone(s.Banned), func(p events.PlayerID) bool { return p == e.Player })
	case events.LobbyHandedOver:
		s.Host = e.To
	case events.LobbyReadied:
		s.Members = slices.Clone(s.Members)
		if i := s.member(e.Player); i >= 0 {
			s.Members[i].Ready = e.Ready
		}
	case events.LobbyGameChosen:
		s.Game, s.Title, s.Members = e.Game, e.Title, unready(s.Members)
	case events.LobbyStarted:
		s.Phase, s.Session = events.LobbyIsStarted, e.Session
		s.Starts++
	case events.LobbyReopened:
		s.Phase, s.Session, s.Members = events.LobbyIsOpen, events.SessionID{}, unready(s.Members)
	case events.LobbyMessageSent:
		s.Messages, s.Members = e.Number, slices.Clone(s.Members)
		if i := s.member(e.Player); i >= 0 {
			s.Members[i] = s.Members[i].said(e.At)
		}
	case events.LobbyClosed:
		s = State{Phase: events.LobbyIsClosed}
	}
	return s
}

func unready(members []Member) []Member {
	members = slices.Clone(members)
	for i := range members {
		members[i].Ready = false
	}
	return members
}

// member returns the place of a player among the members; negative: none.
func (s State) member(player events.PlayerID) int {
	return slices.IndexFunc(s.Members, func(m Member) bool { return m.Player == player })
}

// departed returns what follows when a member goes.
func (s State) departed(left events.LobbyLeft) []events.Event {
	decided := []events.Event{left}
	rest := slices.DeleteFunc(slices.Clone(s.Members), func(m Member) bool { return m.Player == left.Player })
	switch {
	case len(rest) == 0:
		decided = append(decided, events.LobbyClosed{Lobby: left.Lobby, At: left.At})
	case s.Host == left.Player:
		decided = append(decided, events.LobbyHandedOver{Lobby: left.Lobby, From: left.Player, To: rest[0].Player, At: left.At})
	}
	return decided
}

// leave is departed for a member, and nothing for who is none, or none any
// more.
func (s State) leave(left events.LobbyLeft) ([]events.Event, error) {
	if s.Phase == events.LobbyNone {
		return nil, ErrUnknown
	}
	if s.member(left.Player) < 0 {
		return nil, nil
	}
	return s.departed(left), nil
}

// What commands on a lobby refuse.
var (
	ErrMalformed = &events.Fault{Kind: events.Invalid, Code: "lobby-malformed",
		Message: "This names no lobby, player or game. Load the page again."}
	ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-lobby",
		Message: "There is no such lobby."}
	ErrClosed = &events.Fault{Kind: events.Conflict, Code: "lobby-closed",
		Message: "This lobby is closed: everybody has left. Open a new one."}
	ErrNotHost = &events.Fault{Kind: events.Forbidden, Code: "lobby-not-host",
		Message: "Only the host of the lobby can do that. Ask them."}
	ErrNotMember = &events.Fault{Kind: events.Forbidden, Code: "lobby-not-member",
		Message: "You are no member of this lobby. Join it first."}
	ErrNoMember = &events.Fault{Kind: events.NotFound, Code: "lobby-member-unknown",
		Message: "This player is no member of the lobby."}
	ErrSelf = &events.Fault{Kind: events.Invalid, Code: "lobby-host-self",
		Message: "You can't send yourself away. Leave the lobby, or hand it over."}
	ErrPlaying = &events.Fault{Kind: events.Conflict, Code: "lobby-playing",
		Message: "The lobby is playing. Wait until the game has ended."}
)

// named refuses ids that are none, before they get into an event.
func named(lobby events.LobbyID, players ...events.PlayerID) error {
	if lobby.IsZero() {
		return ErrMalformed
	}
	for _, player := range players {
		if _, err := events.ParsePlayerID(string(player)); err != nil {
			return ErrMalformed.With(fmt.Sprintf("%v.", err))
		}
	}
	return nil
}

// there refuses what asks for a lobby that is not closed.
func (s State) there() error {
	switch s.Phase {
	case events.LobbyNone:
		return ErrUnknown
	case events.LobbyIsClosed:
		return ErrClosed
	}
	return nil
}

// hosted refuses what the host alone may do.
func (s State) hosted(by events.PlayerID) error {
	if err := s.there(); err != nil {
		return err
	}
	if s.Host != by {
		return ErrNotHost
	}
	return nil
}

// joined refuses what members alone may do.
func (s State) joined(player events.PlayerID) error {
	if err := s.there(); err != nil {
		return err
	}
	if s.member(player) < 0 {
		return ErrNotMember
	}
	return nil
}

// left makes the event of a member who goes.
func left(lobby events.LobbyID, player events.PlayerID, why events.LobbyLeaving, at time.Time) events.LobbyLeft {
	return events.LobbyLeft{Lobby: lobby, Player: player, Reason: why, At: at}
}
