package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ChangeCode replaces the lobby's code, as one does that has come into wrong
// hands. Members stay.
type ChangeCode struct {
	Lobby    events.LobbyID
	By       events.PlayerID
	CodeHash events.CodeHash // zero: no code
}

func (c ChangeCode) Target() events.Stream { return events.LobbyStream(c.Lobby) }

func (c ChangeCode) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(c.By); err != nil {
		return nil, err
	}
	if s.Visibility == events.LobbyByCode && c.CodeHash == (events.CodeHash{}) {
		return nil, ErrCodeMissing
	}
	if c.CodeHash == s.CodeHash {
		return nil, nil
	}
	return []events.Event{events.LobbyCodeChanged{Lobby: c.Lobby, CodeHash: c.CodeHash, At: now}}, nil
}
