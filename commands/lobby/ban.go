package lobby

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrTooManyBanned bounds what a lobby remembers.
var ErrTooManyBanned = &events.Fault{Kind: events.Conflict, Code: "lobby-too-many-banned",
	Message: "This lobby keeps out as many players as it can. Let one of them in again first, or make it one by code."}

// Ban keeps a player out of the lobby, and sends them away if they are a member.
type Ban struct {
	Lobby  events.LobbyID
	By     events.PlayerID
	Player events.PlayerID
}

func (b Ban) Target() events.Stream { return events.LobbyStream(b.Lobby) }

func (b Ban) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(b.By); err != nil {
		return nil, err
	}
	if err := named(b.Lobby, b.Player); err != nil {
		return nil, err
	}
	switch {
	case b.Player == b.By:
		return nil, ErrSelf
	case slices.Contains(s.Banned, b.Player):
		return nil, nil
	case len(s.Banned) >= MaxBanned:
		return nil, ErrTooManyBanned
	}
	decided, err := s.leave(left(b.Lobby, b.Player, events.LeftByBan, now))
	if err != nil {
		return nil, err
	}
	return append(decided, events.LobbyBanned{Lobby: b.Lobby, Player: b.Player, At: now}), nil
}

// Unban lets a player join again. Who is not banned may already.
type Unban struct {
	Lobby  events.LobbyID
	By     events.PlayerID
	Player events.PlayerID
}

func (u Unban) Target() events.Stream { return events.LobbyStream(u.Lobby) }

func (u Unban) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(u.By); err != nil {
		return nil, err
	}
	if !slices.Contains(s.Banned, u.Player) {
		return nil, nil
	}
	return []events.Event{events.LobbyUnbanned{Lobby: u.Lobby, Player: u.Player, At: now}}, nil
}
