package presence

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrNotConnected refuses what is said of a connection that is not there.
var ErrNotConnected = &events.Fault{Kind: events.NotFound, Code: "not-connected",
	Message: "This device is not connected. Connect again."}

// Idle says whether somebody uses a device. A device with several connections
// is used when one of them is.
type Idle struct {
	Player     events.PlayerID
	Connection events.ConnectionID
	Idle       bool
}

func (c Idle) Target() events.Stream { return events.PresenceStream(c.Player) }

func (c Idle) Decide(s State, now time.Time) ([]events.Event, error) {
	i := s.device(c.Connection)
	if i < 0 || !s.Devices[i].Left.IsZero() {
		return nil, ErrNotConnected
	}
	switch {
	case s.Devices[i].Idle == c.Idle:
		return nil, nil
	case c.Idle:
		return s.decided(c.Player, now, events.DeviceIdled{Player: c.Player, Connection: c.Connection, At: now})
	default:
		return s.decided(c.Player, now, events.DeviceUsed{Player: c.Player, Connection: c.Connection, At: now})
	}
}
