package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What Create refuses, and ChangeCode in part.
var (
	ErrTaken = &events.Fault{Kind: events.Conflict, Code: "lobby-exists",
		Message: "There is a lobby of this id already."}
	ErrVisibility = &events.Fault{Kind: events.Invalid, Code: "lobby-visibility",
		Message: "A lobby is open to everybody, to friends, or by its code."}
	ErrCapacity = &events.Fault{Kind: events.Invalid, Code: "lobby-capacity",
		Message: "A lobby is for 2 to 4 players."}
	ErrCodeMissing = &events.Fault{Kind: events.Invalid, Code: "lobby-code-missing",
		Message: "A lobby that is open by its code needs one."}
)

// Create opens a lobby, with its host as the first member. Where there is to be
// a code, which lets people in whatever the visibility, the caller makes it, of
// 128 random bits, and tells its hash.
type Create struct {
	Lobby      events.LobbyID
	By         events.PlayerID
	Visibility events.Visibility
	Capacity   int
	CodeHash   events.CodeHash // zero: no code
}

func (c Create) Target() events.Stream { return events.LobbyStream(c.Lobby) }

func (c Create) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := named(c.Lobby, c.By); err != nil {
		return nil, err
	}
	switch {
	case s.Phase != events.LobbyNone:
		return nil, ErrTaken
	case c.Visibility != events.LobbyPublic && c.Visibility != events.LobbyFriends && c.Visibility != events.LobbyByCode:
		return nil, ErrVisibility
	case c.Capacity < MinCapacity || c.Capacity > MaxCapacity:
		return nil, ErrCapacity
	case c.Visibility == events.LobbyByCode && c.CodeHash == events.CodeHash{}:
		return nil, ErrCodeMissing
	}
	return []events.Event{events.LobbyOpened{
		Lobby: c.Lobby, Host: c.By, Visibility: c.Visibility, Capacity: c.Capacity, CodeHash: c.CodeHash, At: now,
	}}, nil
}
