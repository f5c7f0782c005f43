package events

import (
	"fmt"
	"time"
)

// PresenceState says how far somebody is there. What a player is as a whole is
// the highest of what their devices are:
//
//	in-game > online > idle > offline
type PresenceState string

// The states.
const (
	PresenceIsOffline PresenceState = "offline"
	PresenceIsIdle    PresenceState = "idle"
	PresenceIsOnline  PresenceState = "online"
	PresenceIsInGame  PresenceState = "in-game"
)

// Connection is one connection of a device to a process of a gateway.
type Connection struct {
	ID          ConnectionID `json:"id"`
	Device      DeviceID     `json:"device"`
	Gateway     GatewayID    `json:"gateway"`
	Incarnation string       `json:"incarnation"` // the gateway's process
}

// DisconnectCause says why a connection is no more.
type DisconnectCause string

// The causes.
const (
	DisconnectClosed      DisconnectCause = "closed"       // by the device, or on the way
	DisconnectGatewayGone DisconnectCause = "gateway-gone" // with the process that held it
)

// PresenceChanged: a player is something else now, or is something else to
// others. State is the truth and what they themselves see; Shown is what others
// see, which is offline for who is invisible. Who went offline has
// State == PresenceIsOffline.
type PresenceChanged struct {
	Player PlayerID      `json:"player"`
	State  PresenceState `json:"state"`
	Shown  PresenceState `json:"shown"`
	At     time.Time     `json:"at"`
}

// DeviceConnected: a device has come. What still lingered of its earlier
// connections is over with that.
type DeviceConnected struct {
	Player     PlayerID   `json:"player"`
	Connection Connection `json:"connection"`
	Idle       bool       `json:"idle"`
	At         time.Time  `json:"at"`
}

// DeviceDisconnected: a connection is no more. Until DeviceGone, or until the
// device is back, it counts as what it was.
type DeviceDisconnected struct {
	Player     PlayerID        `json:"player"`
	Connection Connection      `json:"connection"`
	Cause      DisconnectCause `json:"cause"`
	At         time.Time       `json:"at"`
}

// DeviceGone: a device that was disconnected did not come back in time.
type DeviceGone struct {
	Player     PlayerID     `json:"player"`
	Connection ConnectionID `json:"connection"`
	At         time.Time    `json:"at"`
}

// DeviceIdled: nobody uses the device at the moment.
type DeviceIdled struct {
	Player     PlayerID     `json:"player"`
	Connection ConnectionID `json:"connection"`
	At         time.Time    `json:"at"`
}

// DeviceUsed: somebody uses the device again.
type DeviceUsed struct {
	Player     PlayerID     `json:"player"`
	Connection ConnectionID `json:"connection"`
	At         time.Time    `json:"at"`
}

// VisibilityChanged: a player wants others to see them as offline, or not any more.
type VisibilityChanged struct {
	Player    PlayerID  `json:"player"`
	Invisible bool      `json:"invisible"`
	At        time.Time `json:"at"`
}

// GameEntered: a player plays.
type GameEntered struct {
	Player  PlayerID  `json:"player"`
	Session SessionID `json:"session"`
	Game    GameID    `json:"game"`
	At      time.Time `json:"at"`
}

// GameLeft: a player plays that no more.
type GameLeft struct {
	Player  PlayerID  `json:"player"`
	Session SessionID `json:"session"`
	At      time.Time `json:"at"`
}

// JoinableChanged: others may ask to join what a player plays, or not any more.
type JoinableChanged struct {
	Player   PlayerID  `json:"player"`
	Session  SessionID `json:"session"`
	Joinable bool      `json:"joinable"`
	At       time.Time `json:"at"`
}

// PresenceCleared: the player is erased, and what there was of their presence has
// ended.
type PresenceCleared struct {
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// PresenceStream is where a player's presence is kept.
func PresenceStream(id PlayerID) Stream { return Stream("presence-" + string(id)) }

// ConnectionID names a connection; its form is that of a GameID. One that was
// closed never comes back: a device that returns has another.
type ConnectionID string

// ParseConnectionID checks the form.
func ParseConnectionID(text string) (ConnectionID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("connection id %q: %w", text, err)
	}
	return ConnectionID(text), nil
}

// DeviceID names a device (a browser) of a player; its form is that of a GameID.
type DeviceID string

// ParseDeviceID checks the form.
func ParseDeviceID(text string) (DeviceID, error) {
	if err := checkSlug(text); err != nil {
		return "", fmt.Errorf("device id %q: %w", text, err)
	}
	return DeviceID(text), nil
}

func (PresenceChanged) EventType() string    { return "PresenceChanged" }
func (DeviceConnected) EventType() string    { return "DeviceConnected" }
func (DeviceDisconnected) EventType() string { return "DeviceDisconnected" }
func (DeviceGone) EventType() string         { return "DeviceGone" }
func (DeviceIdled) EventType() string        { return "DeviceIdled" }
func (DeviceUsed) EventType() string         { return "DeviceUsed" }
func (VisibilityChanged) EventType() string  { return "VisibilityChanged" }
func (GameEntered) EventType() string        { return "GameEntered" }
func (GameLeft) EventType() string           { return "GameLeft" }
func (JoinableChanged) EventType() string    { return "JoinableChanged" }
func (PresenceCleared) EventType() string    { return "PresenceCleared" }

func (PresenceChanged) event()    {}
func (DeviceConnected) event()    {}
func (DeviceDisconnected) event() {}
func (DeviceGone) event()         {}
func (DeviceIdled) event()        {}
func (DeviceUsed) event()         {}
func (VisibilityChanged) event()  {}
func (GameEntered) event()        {}
func (GameLeft) event()           {}
func (JoinableChanged) event()    {}
func (PresenceCleared) event()    {}
