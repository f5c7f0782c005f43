package presence

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// maxDevices bounds the connections of one player, with those that linger.
const maxDevices = 32

// maxIncarnation bounds what tells a gateway's processes apart.
const maxIncarnation = 64

// What Connect refuses.
var (
	ErrTooManyDevices = &events.Fault{Kind: events.TooMany, Code: "too-many-devices",
		Message: fmt.Sprintf("You are connected %d times already. Close playcast somewhere else, and try again.", maxDevices)}
	ErrConnectionUsed = &events.Fault{Kind: events.Conflict, Code: "connection-used",
		Message: "This connection belongs to another one, or was closed. Load the page again."}
)

// Connect says that a device has come. What lingers of it is over with that. Who
// comes online as they went, invisible, says so again.
type Connect struct {
	Player     events.PlayerID
	Connection events.Connection
	Idle       bool
}

func (c Connect) Target() events.Stream { return events.PresenceStream(c.Player) }

func (c Connect) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if i := s.device(c.Connection.ID); i >= 0 {
		if s.Devices[i].Connection != c.Connection || !s.Devices[i].Left.IsZero() {
			return nil, ErrConnectionUsed
		}
		return nil, nil
	}
	if len(s.Devices) >= maxDevices && !s.lingers(c.Connection.Device) {
		return nil, ErrTooManyDevices
	}
	connected := events.DeviceConnected{Player: c.Player, Connection: c.Connection, Idle: c.Idle, At: now}
	if s.Is() == events.PresenceIsOffline && s.Invisible {
		return s.decided(c.Player, now, events.VisibilityChanged{Player: c.Player, Invisible: true, At: now}, connected)
	}
	return s.decided(c.Player, now, connected)
}

func (c Connect) check() error {
	if err := checkPlayer(c.Player); err != nil {
		return err
	}
	_, err := events.ParseConnectionID(string(c.Connection.ID))
	if err == nil {
		_, err = events.ParseDeviceID(string(c.Connection.Device))
	}
	if err == nil {
		_, err = events.ParseGatewayID(string(c.Connection.Gateway))
	}
	if process := c.Connection.Incarnation; err == nil && (process == "" || len(process) > maxIncarnation) {
		err = fmt.Errorf("the gateway %q does not say which process of it", c.Connection.Gateway)
	}
	if err != nil {
		return ErrMalformed.With(fmt.Sprintf("%v.", err))
	}
	return nil
}

// lingers says whether a device is waited for.
func (s State) lingers(device events.DeviceID) bool {
	for _, d := range s.Devices {
		if d.Device == device && !d.Left.IsZero() {
			return true
		}
	}
	return false
}
