package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Kick sends a member away, who may come back as anybody may: Ban keeps them
// out.
type Kick struct {
	Lobby  events.LobbyID
	By     events.PlayerID
	Player events.PlayerID
}

func (k Kick) Target() events.Stream { return events.LobbyStream(k.Lobby) }

func (k Kick) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(k.By); err != nil {
		return nil, err
	}
	if k.Player == k.By {
		return nil, ErrSelf
	}
	return s.leave(left(k.Lobby, k.Player, events.LeftByKick, now))
}
