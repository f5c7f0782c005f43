package presence

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Clear ends all that there is of a player's presence: connections, games, and
// that they are invisible. A policy issues it for who is erased.
type Clear struct {
	Player events.PlayerID
}

func (c Clear) Target() events.Stream { return events.PresenceStream(c.Player) }

func (c Clear) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := checkPlayer(c.Player); err != nil || s.Cleared {
		return nil, err
	}
	var ended []events.Event
	for _, p := range s.Games {
		ended = append(ended, events.GameLeft{Player: c.Player, Session: p.Session, At: now})
	}
	for _, d := range s.Devices {
		if d.Left.IsZero() {
			ended = append(ended, events.DeviceDisconnected{Player: c.Player, Connection: d.Connection, Cause: events.DisconnectClosed, At: now})
		}
		ended = append(ended, events.DeviceGone{Player: c.Player, Connection: d.ID, At: now})
	}
	if s.Invisible {
		ended = append(ended, events.VisibilityChanged{Player: c.Player, At: now})
	}
	return s.decided(c.Player, now, append(ended, events.PresenceCleared{Player: c.Player, At: now})...)
}
