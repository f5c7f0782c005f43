package presence_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

// world runs the aggregate with its policies, and keeps beside it what is so.
type world struct {
	t        *rapid.T
	now      time.Time
	state    presence.State
	past     []events.Event
	policies []commands.Policy
	number   int
	came     int // how much was past when they came online last
	open     map[events.ConnectionID]*tab
	plays    map[events.SessionID]bool // where anna has a seat; true: and is in the game
}

// tab is a connection as the test knows it; left is zero while it lasts.
type tab struct {
	connection events.Connection
	idle       bool
	left       time.Time
}

func newWorld(t *rapid.T) *world {
	w := &world{t: t, now: Now, open: map[events.ConnectionID]*tab{}, plays: map[events.SessionID]bool{},
		policies: []commands.Policy{presence.NewLingering(), presence.NewStranded(), presence.NewSessions()}}
	w.note(runs)
	return w
}

func (w *world) note(e events.Event) {
	for _, p := range w.policies {
		p.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
	}
}

func (w *world) do(command commands.Command[presence.State]) {
	decided, err := command.Decide(w.state, w.now)
	if err != nil {
		w.t.Fatalf("%+v: %v", command, err)
	}
	if w.state.Is() == events.PresenceIsOffline {
		w.came = len(w.past)
	}
	for _, e := range decided {
		w.state, w.past = w.state.Evolve(e), append(w.past, e)
		w.note(e)
	}
}

// recent is what the events since they came online tell.
func (w *world) recent() (s presence.State) {
	for _, e := range w.past[w.came:] {
		s = s.Evolve(e)
	}
	return s
}

// settle lets the policies have done what is due.
func (w *world) settle() {
	for range 100 {
		var orders []commands.Order
		for _, p := range w.policies {
			orders = append(orders, p.Due(w.now)...)
		}
		if len(orders) == 0 {
			return
		}
		for _, o := range orders {
			w.do(o.Command.(commands.Command[presence.State]))
		}
	}
	w.t.Fatal("something stays due")
}

// step lets one thing happen.
func (w *world) step() {
	device := events.DeviceID(rapid.SampledFrom([]string{"d1", "d2", "d3"}).Draw(w.t, "device"))
	switch rapid.IntRange(0, 6).Draw(w.t, "step") {
	case 0, 1:
		if len(w.open) >= 20 {
			return
		}
		w.number++
		c := events.Connection{ID: events.ConnectionID(fmt.Sprintf("c%d", w.number)), Device: device, Gateway: "g", Incarnation: "i"}
		idle := rapid.Bool().Draw(w.t, "idle")
		w.do(presence.Connect{Player: "anna", Connection: c, Idle: idle})
		for id, o := range w.open {
			if o.connection.Device == device && !o.left.IsZero() {
				delete(w.open, id)
			}
		}
		w.open[c.ID] = &tab{connection: c, idle: idle}
	case 2:
		if o := w.lasting(device); o != nil {
			w.do(presence.Disconnect{Player: "anna", Connection: o.connection.ID, Cause: events.DisconnectClosed})
			o.left = w.now
		}
	case 3:
		if o := w.lasting(device); o != nil {
			o.idle = !o.idle
			w.do(presence.Idle{Player: "anna", Connection: o.connection.ID, Idle: o.idle})
		}
	case 4:
		w.do(presence.Hide{Player: "anna", Invisible: rapid.Bool().Draw(w.t, "invisible")})
	case 5:
		w.now = w.now.Add(time.Duration(rapid.IntRange(1, 12_000).Draw(w.t, "ms")) * time.Millisecond)
	case 6:
		w.play()
	}
	for id, o := range w.open {
		if !o.left.IsZero() && !w.now.Before(o.left.Add(presence.Grace)) {
			delete(w.open, id)
		}
	}
}

// play has anna take a seat in a session, of hers or as a guest, or lose it.
func (w *world) play() {
	n := rapid.IntRange(0, 3).Draw(w.t, "session")
	session := events.SessionID{0: 1, 1: byte(n)}
	if _, seated := w.plays[session]; seated {
		delete(w.plays, session)
		if n%2 == 1 && rapid.Bool().Draw(w.t, "rises") {
			w.note(events.GuestLeft{Session: session, Player: "anna"})
		}
		w.note(events.SessionEnded{Session: session})
		return
	}
	w.plays[session] = false
	if n%2 == 0 {
		w.note(events.SessionRequested{Session: session, Player: "anna", Game: "doom"})
	} else {
		w.note(events.SessionRequested{Session: session, Player: "bert", Game: "doom"})
		w.note(events.GuestJoined{Session: session, Player: "anna"})
	}
	w.note(events.SessionActivated{Session: session, Segment: 1})
}

// playing is the state with games: who is there is in each that they have a seat
// in, and stays there when they go.
func (w *world) playing(devices events.PresenceState) events.PresenceState {
	there, in := devices != events.PresenceIsOffline, 0
	for _, inside := range w.plays {
		there = there || inside
	}
	for session := range w.plays {
		if w.plays[session] = w.plays[session] || there; w.plays[session] {
			in++
		}
	}
	if in != len(w.state.Games) {
		w.t.Fatalf("in %d games of %+v, want %d", len(w.state.Games), w.state, in)
	}
	if in > 0 {
		return events.PresenceIsInGame
	}
	return devices
}

func (w *world) lasting(device events.DeviceID) *tab {
	for i := range w.number {
		if o := w.open[events.ConnectionID(fmt.Sprintf("c%d", i+1))]; o != nil && o.left.IsZero() && o.connection.Device == device {
			return o
		}
	}
	return nil
}

// check: the state is the maximum over what is there or waited for, no device is
// lost, and what was last told is what is so.
func (w *world) check() {
	want := events.PresenceIsOffline
	for _, o := range w.open {
		if !o.idle {
			want = events.PresenceIsOnline
			break
		}
		want = events.PresenceIsIdle
	}
	if want = w.playing(want); w.state.Is() != want || len(w.state.Devices) != len(w.open) {
		w.t.Fatalf("is %s with %+v, want %s", w.state.Is(), w.state.Devices, want)
	}
	last := events.PresenceChanged{State: events.PresenceIsOffline, Shown: events.PresenceIsOffline}
	var replayed presence.State
	for _, e := range w.past {
		replayed = replayed.Evolve(e)
		if e, ok := e.(events.PresenceChanged); ok {
			if e.State == last.State && e.Shown == last.Shown {
				w.t.Fatalf("%+v was told twice", e)
			}
			last = e
		}
	}
	if last.State != w.state.Is() || last.Shown != w.state.Shown() {
		w.t.Fatalf("told was %+v, and it is %s, shown as %s", last, w.state.Is(), w.state.Shown())
	}
	if !reflect.DeepEqual(replayed, w.state) {
		w.t.Fatalf("replayed %+v, lived %+v", replayed, w.state)
	}
	if r := w.recent(); w.state.Is() != events.PresenceIsOffline &&
		(r.Invisible != w.state.Invisible || !slices.Equal(r.Devices, w.state.Devices) || !slices.Equal(r.Games, w.state.Games)) {
		w.t.Fatalf("since they came, %+v, lived %+v", r, w.state)
	}
}

func TestEveryHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			w.step()
			w.settle()
			w.check()
		}
		for session := range w.plays {
			w.note(events.SessionFailed{Session: session})
		}
		w.note(lost)
		w.settle()
		w.now = w.now.Add(presence.Grace)
		w.settle()
		if w.state.Is() != events.PresenceIsOffline || len(w.state.Devices) > 0 {
			t.Fatalf("the gateway is lost, and there is %+v", w.state)
		}
	})
}

// TestAReconnectInTimeShowsNothing, however often, by whatever way it was lost.
func TestAReconnectInTimeShowsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.do(presence.Connect{Player: "anna", Connection: events.Connection{ID: "c0", Device: "d", Gateway: "g", Incarnation: "i"}})
		told := len(w.past)
		for i := range rapid.IntRange(1, 10).Draw(t, "reconnects") {
			w.do(presence.Disconnect{Player: "anna", Connection: events.ConnectionID(fmt.Sprintf("c%d", i)), Cause: events.DisconnectGatewayGone})
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 9_999).Draw(t, "ms")) * time.Millisecond)
			w.settle()
			w.do(presence.Connect{Player: "anna", Connection: events.Connection{ID: events.ConnectionID(fmt.Sprintf("c%d", i+1)), Device: "d", Gateway: "g", Incarnation: "i"}})
			w.settle()
		}
		for _, e := range w.past[told:] {
			if _, shows := e.(events.PresenceChanged); shows {
				t.Fatalf("a reconnect in time showed %+v", e)
			}
		}
	})
}
