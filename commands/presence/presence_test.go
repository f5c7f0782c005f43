package presence_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

var (
	played    = events.SessionID{1}
	line      = events.Connection{ID: "c1", Device: "d1", Gateway: "g", Incarnation: "i"}
	connected = events.DeviceConnected{Player: "anna", Connection: line, At: Now}
	again     = events.DeviceConnected{Player: "anna", Connection: events.Connection{ID: "c2", Device: "d1", Gateway: "g", Incarnation: "i"}, At: Now}
	other     = events.DeviceConnected{Player: "anna", Connection: events.Connection{ID: "c3", Device: "d3", Gateway: "g", Incarnation: "i"}, At: Now}
	closed    = events.DeviceDisconnected{Player: "anna", Connection: line, Cause: events.DisconnectClosed, At: Now}
	gone      = events.DeviceGone{Player: "anna", Connection: "c1", At: Now}
	idled     = events.DeviceIdled{Player: "anna", Connection: "c1", At: Now}
	used      = events.DeviceUsed{Player: "anna", Connection: "c1", At: Now}
	hidden    = events.VisibilityChanged{Player: "anna", Invisible: true, At: Now}
	visible   = events.VisibilityChanged{Player: "anna", At: Now}
	entered   = events.GameEntered{Player: "anna", Session: played, Game: "doom", At: Now}
	left      = events.GameLeft{Player: "anna", Session: played, At: Now}
	joinable  = events.JoinableChanged{Player: "anna", Session: played, Joinable: true, At: Now}
)

func changed(state events.PresenceState) events.PresenceChanged {
	return events.PresenceChanged{Player: "anna", State: state, Shown: state, At: Now}
}

func unseen(state events.PresenceState) events.PresenceChanged {
	return events.PresenceChanged{Player: "anna", State: state, Shown: events.PresenceIsOffline, At: Now}
}

func TestConnect(t *testing.T) {
	connect := presence.Connect{Player: "anna", Connection: line}
	When(Given(), connect).Then(t, connected, changed(events.PresenceIsOnline))
	When(Given(connected), connect).Then(t)
	When(Given(connected, closed), presence.Connect{Player: "anna", Connection: again.Connection}).Then(t, again)
	When(Given(connected), presence.Connect{Player: "anna", Connection: other.Connection}).Then(t, other)
	When(Given(connected, closed), connect).Refused(t, presence.ErrConnectionUsed)
	elsewhere := connect
	elsewhere.Connection.Incarnation = "j"
	When(Given(connected), elsewhere).Refused(t, presence.ErrConnectionUsed)

	When(Given(hidden), connect).Then(t, hidden, connected, unseen(events.PresenceIsOnline)) // it says so again
	When(Given(hidden, other), connect).Then(t, connected)
	When(Given(hidden, visible), connect).Then(t, connected, changed(events.PresenceIsOnline))
	for _, bad := range []presence.Connect{
		{}, {Player: "An na", Connection: line}, {Player: "anna"},
		{Player: "anna", Connection: events.Connection{ID: "c", Device: "d", Gateway: "g"}},
		{Player: "anna", Connection: events.Connection{ID: "c", Device: "D!", Gateway: "g", Incarnation: "i"}},
		{Player: "anna", Connection: events.Connection{ID: "c", Device: "d", Gateway: "", Incarnation: "i"}},
	} {
		When(Given(), bad).Refused(t, presence.ErrMalformed)
	}
}

func TestTooManyDevices(t *testing.T) {
	var past []events.Event
	for i := range 32 {
		past = append(past, events.DeviceConnected{Player: "anna", Connection: events.Connection{
			ID: events.ConnectionID(fmt.Sprintf("x%d", i)), Device: events.DeviceID(fmt.Sprintf("x%d", i)), Gateway: "g", Incarnation: "i"}})
	}
	When(Given(past...), presence.Connect{Player: "anna", Connection: line}).Refused(t, presence.ErrTooManyDevices)
}

func TestADeviceGoes(t *testing.T) {
	disconnect := presence.Disconnect{Player: "anna", Connection: "c1", Cause: events.DisconnectClosed}
	When(Given(connected), disconnect).Then(t, closed)
	When(Given(connected, closed), disconnect).Then(t)
	When(Given(), disconnect).Then(t)
	When(Given(connected), presence.Disconnect{Player: "anna", Connection: "c1"}).Refused(t, presence.ErrMalformed)

	late := Now.Add(presence.Grace)
	off, lateGone := changed(events.PresenceIsOffline), gone
	off.At, lateGone.At = late, late
	When(Given(connected, closed).At(late), settle).Then(t, lateGone, off)
	When(Given(connected, closed, other).At(late), settle).Then(t, lateGone)
	When(Given(connected, closed).At(late.Add(-time.Millisecond)), settle).Then(t)
	When(Given(connected, closed).At(Now.Add(-time.Hour)), settle).Then(t)
	When(Given(connected, closed, again).At(late), settle).Then(t)
	When(Given(connected).At(late), settle).Then(t)
	When(Given(connected, closed, entered).At(late), settle).Then(t, lateGone) // in game still
}

func TestWhatShows(t *testing.T) {
	idle := presence.Idle{Player: "anna", Connection: "c1", Idle: true}
	for _, c := range []struct {
		name    string
		given   []events.Event
		when    commands.Command[presence.State]
		then    []events.Event
		refused error
	}{
		{"the only device idles", []events.Event{connected}, idle, []events.Event{idled, changed(events.PresenceIsIdle)}, nil},
		{"one of two idles", []events.Event{connected, other}, idle, []events.Event{idled}, nil},
		{"it idles again", []events.Event{connected, idled}, idle, nil, nil},
		{"it is used", []events.Event{connected, idled}, presence.Idle{Player: "anna", Connection: "c1"}, []events.Event{used, changed(events.PresenceIsOnline)}, nil},
		{"what is not there idles", nil, idle, nil, presence.ErrNotConnected},
		{"what has gone idles", []events.Event{connected, closed}, idle, nil, presence.ErrNotConnected},
		{"hiding", []events.Event{connected}, presence.Hide{Player: "anna", Invisible: true}, []events.Event{hidden, unseen(events.PresenceIsOnline)}, nil},
		{"hiding again", []events.Event{connected, hidden}, presence.Hide{Player: "anna", Invisible: true}, nil, nil},
		{"showing", []events.Event{connected, hidden}, presence.Hide{Player: "anna"}, []events.Event{visible, changed(events.PresenceIsOnline)}, nil},
		{"hiding offline", nil, presence.Hide{Player: "anna", Invisible: true}, []events.Event{hidden}, nil},
		{"hiding nobody", nil, presence.Hide{}, nil, presence.ErrMalformed},
		{"entering", []events.Event{connected}, enter, []events.Event{entered, changed(events.PresenceIsInGame)}, nil},
		{"entering unseen", []events.Event{connected, hidden}, enter, []events.Event{entered, unseen(events.PresenceIsInGame)}, nil},
		{"entering again", []events.Event{connected, entered}, enter, nil, nil},
		{"entering offline", nil, enter, nil, nil},
		{"leaving", []events.Event{connected, entered}, exit, []events.Event{left, changed(events.PresenceIsOnline)}, nil},
		{"leaving again", []events.Event{connected, entered, left}, exit, nil, nil},
		{"letting join", []events.Event{connected, entered}, presence.LetJoin{Player: "anna", Session: played, Joinable: true}, []events.Event{joinable}, nil},
		{"letting join again", []events.Event{connected, entered, joinable}, presence.LetJoin{Player: "anna", Session: played, Joinable: true}, nil, nil},
		{"letting join nothing", []events.Event{connected}, presence.LetJoin{Player: "anna", Session: played, Joinable: true}, nil, presence.ErrNotPlaying},
	} {
		t.Run(c.name, func(t *testing.T) {
			decision := When(Given(c.given...), c.when)
			if c.refused != nil {
				decision.Refused(t, c.refused)
				return
			}
			decision.Then(t, c.then...)
		})
	}
}

func TestClear(t *testing.T) {
	clear, cleared := presence.Clear{Player: "anna"}, events.PresenceCleared{Player: "anna", At: Now}
	otherGone := events.DeviceGone{Player: "anna", Connection: "c3", At: Now}
	otherClosed := events.DeviceDisconnected{Player: "anna", Connection: other.Connection, Cause: events.DisconnectClosed, At: Now}
	When(Given(), clear).Then(t, cleared)
	When(Given(cleared), clear).Then(t)
	When(Given(hidden, connected, other, entered, closed), clear).Then(t, left, gone, otherClosed, otherGone, visible, cleared, changed(events.PresenceIsOffline))
	When(Given(connected, cleared, changed(events.PresenceIsOffline)), clear).Then(t)
	When(Given(cleared, connected), clear).Then(t, closed, gone, cleared, changed(events.PresenceIsOffline))
	When(Given(), presence.Clear{Player: "An na"}).Refused(t, presence.ErrMalformed)
}

func TestHidingIsRestatedWhereThatIsAsked(t *testing.T) {
	When(Given(hidden), presence.Hide{Player: "anna", Invisible: true}).Then(t)
	When(Given(hidden), presence.Hide{Player: "anna", Invisible: true, Restate: true}).Then(t, hidden)
	When(Given(), presence.Hide{Player: "anna", Restate: true}).Then(t, visible)
}
