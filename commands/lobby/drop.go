package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Drop ends the membership of a player who has been absent for too long, or is
// erased. Only a policy issues it: a lost connection alone ends no membership.
type Drop struct {
	Lobby  events.LobbyID
	Player events.PlayerID
	Erased bool
}

func (d Drop) Target() events.Stream { return events.LobbyStream(d.Lobby) }

func (d Drop) Decide(s State, now time.Time) ([]events.Event, error) {
	why := events.LeftAbsent
	if d.Erased {
		why = events.LeftErased
	}
	return s.leave(left(d.Lobby, d.Player, why, now))
}
