// Package presence decides on who is there. A player is there over several
// devices, each over any number of connections, and in games:
//
//	            Connect                    Disconnect
//	(no device) ──────▶ connected ⇄ idle ─────────────▶ lingers ── Settle ──▶ gone
//	                        ▲                              │
//	                        └── Connect of the same device ┘
//
// What the player is, is the highest of what their devices are and of in-game;
// it is derived and not kept, so that it can't differ. A device that lingers
// counts as what it was, for the time of Grace: one that is back within it shows
// nothing. Others see an invisible player as offline.
//
// Events are appended when a device comes, goes, or changes between used and
// idle, and when games or visibility change; PresenceChanged follows in the same
// append whenever that changes what anybody sees. Heartbeats of gateways are
// leases (package gatewaylease), and no events.
//
// Who is offline has nothing but their visibility, and who comes online as an
// invisible player says so again in the same append: so a stream from the last
// coming on tells all that the whole one does, and what is before may be dropped
// from it, but not the last event.
package presence

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// Grace is how long a device that was disconnected counts as there.
const Grace = 10 * time.Second

// State is a player's presence as their stream tells it.
type State struct {
	Invisible bool
	Devices   []Device // a connection each, in the order in which they came
	Games     []Playing
	Cleared   bool // and nothing has happened since
}

// Device is a connection of a device. Left is zero while it lasts.
type Device struct {
	events.Connection
	Idle bool
	Left time.Time
}

// Playing is a game that the player is in.
type Playing struct {
	Session  events.SessionID
	Game     events.GameID
	Joinable bool
}

// Schema is that of its snapshots.
func (State) Schema() int { return 2 }

// Is says what the player is, and what they themselves see.
func (s State) Is() events.PresenceState {
	if len(s.Games) > 0 {
		return events.PresenceIsInGame
	}
	is := events.PresenceIsOffline
	for _, d := range s.Devices {
		if !d.Idle {
			return events.PresenceIsOnline
		}
		is = events.PresenceIsIdle
	}
	return is
}

// Shown says what others see.
func (s State) Shown() events.PresenceState {
	if s.Invisible {
		return events.PresenceIsOffline
	}
	return s.Is()
}

// Activity is what the player does, and others see of the visible: the game they
// entered last. ok is false for who is in none.
func (s State) Activity() (playing Playing, ok bool) {
	if len(s.Games) == 0 {
		return Playing{}, false
	}
	return s.Games[len(s.Games)-1], true
}

// Evolve returns the state after an event. States share nothing that changes.
func (s State) Evolve(e events.Event) State {
	if _, told := e.(events.PresenceChanged); !told {
		s.Cleared = false
	}
	switch e := e.(type) {
	case events.PresenceCleared:
		s.Cleared = true
	case events.DeviceConnected:
		s.Devices = slices.DeleteFunc(slices.Clone(s.Devices), func(d Device) bool {
			return d.Device == e.Connection.Device && !d.Left.IsZero()
		})
		s.Devices = append(s.Devices, Device{Connection: e.Connection, Idle: e.Idle})
	case events.DeviceDisconnected:
		s.Devices = s.with(e.Connection.ID, func(d *Device) { d.Left = e.At })
	case events.DeviceGone:
		s.Devices = slices.DeleteFunc(slices.Clone(s.Devices), func(d Device) bool { return d.ID == e.Connection })
	case events.DeviceIdled:
		s.Devices = s.with(e.Connection, func(d *Device) { d.Idle = true })
	case events.DeviceUsed:
		s.Devices = s.with(e.Connection, func(d *Device) { d.Idle = false })
	case events.VisibilityChanged:
		s.Invisible = e.Invisible
	case events.GameEntered:
		s.Games = append(slices.Clone(s.Games), Playing{Session: e.Session, Game: e.Game})
	case events.GameLeft:
		s.Games = slices.DeleteFunc(slices.Clone(s.Games), func(p Playing) bool { return p.Session == e.Session })
	case events.JoinableChanged:
		s.Games = slices.Clone(s.Games)
		if i := s.game(e.Session); i >= 0 {
			s.Games[i].Joinable = e.Joinable
		}
	}
	return s
}

// with returns the devices after a change of one of them.
func (s State) with(id events.ConnectionID, change func(*Device)) []Device {
	devices := slices.Clone(s.Devices)
	if i := s.device(id); i >= 0 {
		change(&devices[i])
	}
	return devices
}

// device returns the index of a connection, or -1.
func (s State) device(id events.ConnectionID) int {
	return slices.IndexFunc(s.Devices, func(d Device) bool { return d.ID == id })
}

// game returns the index of a game, or -1.
func (s State) game(session events.SessionID) int {
	return slices.IndexFunc(s.Games, func(p Playing) bool { return p.Session == session })
}

// decided is what happened, and PresenceChanged where anybody sees a difference.
func (s State) decided(player events.PlayerID, now time.Time, happened ...events.Event) ([]events.Event, error) {
	after := s
	for _, e := range happened {
		after = after.Evolve(e)
	}
	if after.Is() != s.Is() || after.Shown() != s.Shown() {
		happened = append(happened, events.PresenceChanged{Player: player, State: after.Is(), Shown: after.Shown(), At: now})
	}
	return happened, nil
}

// ErrMalformed refuses ids that are none.
var ErrMalformed = &events.Fault{Kind: events.Invalid, Code: "presence-malformed",
	Message: "This does not name a player and their device. Load the page again."}

func checkPlayer(player events.PlayerID) error {
	if _, err := events.ParsePlayerID(string(player)); err != nil {
		return ErrMalformed.With(fmt.Sprintf("%v.", err))
	}
	return nil
}
