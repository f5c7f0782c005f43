package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Drop ends the membership of a player who has been absent for too long. Only a
// policy issues it: a lost connection alone ends no membership.
type Drop struct {
	Lobby  events.LobbyID
	Player events.PlayerID
}

func (d Drop) Target() events.Stream { return events.LobbyStream(d.Lobby) }

func (d Drop) Decide(s State, now time.Time) ([]events.Event, error) {
	return s.leave(left(d.Lobby, d.Player, events.LeftAbsent, now))
}
