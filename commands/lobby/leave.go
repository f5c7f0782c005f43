package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Leave ends a player's own membership. Who is no member has left already.
type Leave struct {
	Lobby  events.LobbyID
	Player events.PlayerID
}

func (l Leave) Target() events.Stream { return events.LobbyStream(l.Lobby) }

func (l Leave) Decide(s State, now time.Time) ([]events.Event, error) {
	return s.leave(left(l.Lobby, l.Player, events.LeftByChoice, now))
}
