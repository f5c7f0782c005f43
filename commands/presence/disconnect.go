package presence

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Disconnect says that a connection is no more. Nothing shows yet: its device
// may be back. A connection that is not there is left alone.
type Disconnect struct {
	Player     events.PlayerID
	Connection events.ConnectionID
	Cause      events.DisconnectCause
}

func (d Disconnect) Target() events.Stream { return events.PresenceStream(d.Player) }

func (d Disconnect) Decide(s State, now time.Time) ([]events.Event, error) {
	if d.Cause != events.DisconnectClosed && d.Cause != events.DisconnectGatewayGone {
		return nil, ErrMalformed.With("A connection ends closed, or with its gateway.")
	}
	i := s.device(d.Connection)
	if i < 0 || !s.Devices[i].Left.IsZero() {
		return nil, nil
	}
	return s.decided(d.Player, now, events.DeviceDisconnected{
		Player: d.Player, Connection: s.Devices[i].Connection, Cause: d.Cause, At: now,
	})
}

// Settle says that a device that was disconnected does not come back. Before
// its time is up, by the decision's own clock, nothing happens.
type Settle struct {
	Player     events.PlayerID
	Connection events.ConnectionID
}

func (c Settle) Target() events.Stream { return events.PresenceStream(c.Player) }

func (c Settle) Decide(s State, now time.Time) ([]events.Event, error) {
	i := s.device(c.Connection)
	if i < 0 || s.Devices[i].Left.IsZero() || now.Before(s.Devices[i].Left.Add(Grace)) {
		return nil, nil
	}
	return s.decided(c.Player, now, events.DeviceGone{Player: c.Player, Connection: c.Connection, At: now})
}
