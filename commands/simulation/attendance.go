package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// attendance: what a player is is the highest of what their devices and games are,
// and is said when it changes; a connection does not outlive its gateway's process;
// who is there and plays is in the game soon, and out of it soon after its end; at
// the end everybody is offline.
type attendance struct {
	players   map[events.PlayerID]*there
	order     []*there
	processes map[events.GatewayID]string
	gone      map[string]time.Time // processes, by their incarnation
	sessions  map[events.SessionID]*sitting
}

// there is a player's presence.
type there struct {
	id      events.PlayerID
	said    events.PresenceState
	devices map[events.ConnectionID]*device
	games   map[events.SessionID]bool
	plays   map[events.SessionID]time.Time // activated, and since when
	changed time.Time
}

// sitting is a session with those who have a seat in it.
type sitting struct {
	active bool
	seats  []*there
}

type device struct {
	of   events.Connection
	idle bool
	left bool // and may come back
}

func newAttendance() *attendance {
	return &attendance{
		players: map[events.PlayerID]*there{}, processes: map[events.GatewayID]string{}, gone: map[string]time.Time{},
		sessions: map[events.SessionID]*sitting{},
	}
}

var _ invariant = (*attendance)(nil)

func (a *attendance) of(id events.PlayerID) *there {
	t := a.players[id]
	if t == nil {
		t = &there{id: id, said: events.PresenceIsOffline, devices: map[events.ConnectionID]*device{},
			games: map[events.SessionID]bool{}, plays: map[events.SessionID]time.Time{}}
		a.players[id] = t
		a.order = append(a.order, t)
	}
	return t
}

// is is what the player is by what is known of them.
func (t *there) is() events.PresenceState {
	if len(t.games) > 0 {
		return events.PresenceIsInGame
	}
	is := events.PresenceIsOffline
	for _, d := range t.devices {
		if !d.idle {
			return events.PresenceIsOnline
		}
		is = events.PresenceIsIdle
	}
	return is
}

func (a *attendance) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.GatewayRegistered:
		a.processes[e.Gateway] = e.Incarnation
	case events.GatewayLost:
		a.gone[e.Incarnation] = n.Time
	case events.GatewayStopped:
		a.gone[e.Incarnation] = n.Time
	case events.PresenceChanged:
		t := a.of(e.Player)
		if t.said = e.State; e.State != t.is() || e.Shown != e.State && e.Shown != events.PresenceIsOffline {
			return a.wrong(n.Time, e.Player, "is said to be %s and shown as %s, and is %s", e.State, e.Shown, t.is())
		}
	case events.SessionRequested:
		a.sessions[e.Session] = &sitting{seats: []*there{a.of(e.Player)}}
	case events.GuestJoined:
		a.seated(n, e)
	case events.GuestLeft:
		a.unseated(n, e)
	default:
		if !a.came(n) {
			a.played(n)
		}
	}
	return nil
}

// came takes what happens to devices and games of a player.
func (a *attendance) came(n commands.Noted) bool {
	switch e := n.Event.(type) {
	case events.DeviceConnected:
		t := a.of(e.Player)
		for id, d := range t.devices {
			if d.left && d.of.Device == e.Connection.Device {
				delete(t.devices, id)
			}
		}
		t.devices[e.Connection.ID] = &device{of: e.Connection, idle: e.Idle}
		t.changed = n.Time
	case events.DeviceDisconnected:
		a.of(e.Player).with(e.Connection.ID, func(d *device) { d.left = true })
	case events.DeviceGone:
		delete(a.of(e.Player).devices, e.Connection)
	case events.DeviceIdled:
		a.of(e.Player).with(e.Connection, func(d *device) { d.idle = true })
	case events.DeviceUsed:
		a.of(e.Player).with(e.Connection, func(d *device) { d.idle = false })
	case events.GameEntered:
		a.of(e.Player).games[e.Session] = true
	case events.GameLeft:
		delete(a.of(e.Player).games, e.Session)
	default:
		return false
	}
	return true
}

func (t *there) with(id events.ConnectionID, change func(*device)) {
	if d := t.devices[id]; d != nil {
		change(d)
	}
}

func (a *attendance) seated(n commands.Noted, e events.GuestJoined) {
	if s := a.sessions[e.Session]; s != nil {
		t := a.of(e.Player)
		if s.seats = append(s.seats, t); s.active {
			t.plays[e.Session] = n.Time
		}
	}
}

func (a *attendance) unseated(n commands.Noted, e events.GuestLeft) {
	if s := a.sessions[e.Session]; s != nil {
		t := a.of(e.Player)
		s.seats = slices.DeleteFunc(s.seats, func(other *there) bool { return other == t })
		delete(t.plays, e.Session)
		t.changed = n.Time
	}
}

func (a *attendance) played(n commands.Noted) {
	id, ok := sessionOf(n.Event)
	s := a.sessions[id]
	if !ok || s == nil {
		return
	}
	for _, t := range s.seats {
		switch n.Event.(type) {
		case events.SessionActivated:
			if !s.active {
				t.plays[id] = n.Time
			}
		case events.SessionEnding, events.SessionEnded, events.SessionFailed:
			delete(t.plays, id)
			t.changed = n.Time
		}
	}
	if _, activated := n.Event.(events.SessionActivated); activated {
		s.active = true
	}
	if over(n.Event) {
		delete(a.sessions, id)
	}
}

func (a *attendance) check(now time.Time) error {
	for _, t := range a.order {
		if t.said != t.is() {
			return a.wrong(now, t.id, "is %s, and was last said to be %s", t.is(), t.said)
		}
		for id, d := range t.devices {
			if at, gone := a.gone[d.of.Incarnation]; gone && !d.left && now.Sub(at) > worst {
				return a.wrong(now, t.id, "is connected by %s to %s, which is gone since %v", id, d.of.Incarnation, now.Sub(at))
			}
		}
		if now.Sub(t.changed) <= worst {
			continue
		}
		for id := range t.games {
			if _, plays := t.plays[id]; !plays {
				return a.wrong(now, t.id, "is in the game of session %s, which is over", id)
			}
		}
		for id, since := range t.plays {
			if len(t.devices) > 0 && !t.games[id] && now.Sub(since) > worst {
				return a.wrong(now, t.id, "is there and plays session %s since %v, and is in no game", id, now.Sub(since))
			}
		}
	}
	return nil
}

func (a *attendance) final(now time.Time) error {
	for _, t := range a.order {
		if t.said != events.PresenceIsOffline || t.is() != events.PresenceIsOffline {
			return a.wrong(now, t.id, "has gone home and is %s, by %d devices and %d games", t.is(), len(t.devices), len(t.games))
		}
	}
	return nil
}

func (a *attendance) wrong(at time.Time, id events.PlayerID, says string, details ...any) error {
	return &Violation{
		Invariant: "attendance", At: at, Says: fmt.Sprintf("player %s ", id) + fmt.Sprintf(says, details...), Streams: []events.Stream{events.PresenceStream(id)},
	}
}

func (a *attendance) tell(*Report) {}
