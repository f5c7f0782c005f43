package lobby

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What Join refuses.
var (
	ErrCode = &events.Fault{Kind: events.Forbidden, Code: "lobby-code",
		Message: "This code does not open the lobby, or not any more. Ask its host for another one."}
	ErrFriendsOnly = &events.Fault{Kind: events.Forbidden, Code: "lobby-friends-only",
		Message: "This lobby is for friends of its host. Ask the host for the code."}
	ErrBanned = &events.Fault{Kind: events.Forbidden, Code: "lobby-banned",
		Message: "The host does not want you in this lobby. Look for another one."}
	ErrFull = &events.Fault{Kind: events.Conflict, Code: "lobby-full",
		Message: "This lobby is full. Try again when somebody has left, or open one of your own."}
)

// Join makes a player a member: of a public lobby, of one that is open to
// friends as a friend of its host, or of any by its code.
type Join struct {
	Lobby    events.LobbyID
	Player   events.PlayerID
	CodeHash events.CodeHash // zero: without a code
	// FriendOf is the host whose friend the caller has found the player to be;
	// empty: no friend. It is looked up before the decision, so that it names
	// the host: of another one, who has the lobby by then, it says nothing.
	FriendOf events.PlayerID
}

func (j Join) Target() events.Stream { return events.LobbyStream(j.Lobby) }

func (j Join) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.there(); err != nil {
		return nil, err
	}
	if err := named(j.Lobby, j.Player); err != nil {
		return nil, err
	}
	switch {
	case s.member(j.Player) >= 0:
		return nil, nil
	case slices.Contains(s.Banned, j.Player):
		return nil, ErrBanned
	case !s.opens(j):
		return nil, s.shut(j)
	case len(s.Members) >= s.Capacity:
		return nil, ErrFull
	}
	return []events.Event{events.LobbyJoined{Lobby: j.Lobby, Player: j.Player, At: now}}, nil
}

// opens says that the lobby is open to who joins. Hashes are compared in a time
// that says nothing of them.
func (s State) opens(j Join) bool {
	if s.CodeHash != (events.CodeHash{}) && s.CodeHash.Equal(j.CodeHash) {
		return true
	}
	return s.Visibility == events.LobbyPublic || s.Visibility == events.LobbyFriends && j.FriendOf == s.Host
}

// shut says why it is not.
func (s State) shut(j Join) error {
	if s.Visibility == events.LobbyFriends && j.CodeHash == (events.CodeHash{}) {
		return ErrFriendsOnly
	}
	return ErrCode
}
