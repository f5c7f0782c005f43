package gateway_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

func TestWhoWatchesSeesEachChange(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	w := player.dial()
	w.hello(player.token)
	last := w.watch(id)
	if last.State != "ready" {
		t.Fatalf("got %+v", last)
	}
	for _, step := range []struct {
		do   func() events.Position
		want events.SessionState
	}{
		{func() events.Position { return issue(s, session.Activate{Session: id}) }, events.SessionIsActive},
		{func() events.Position { return issue(s, session.Pause{Session: id, By: "player1"}) }, events.SessionIsPaused},
		{func() events.Position { return issue(s, session.Resume{Session: id, By: "player1"}) }, events.SessionIsActive},
		{func() events.Position { return issue(s, session.Fail{Session: id, Cause: events.FailedGame}) }, events.SessionIsFailed},
	} {
		at := step.do()
		got := w.state(id)
		if got.State != string(step.want) || got.Position != decimal(at) {
			t.Errorf("want %s at %d, got %+v", step.want, at, got)
		}
	}
}

func TestUnwatchedSessionsAreNotPushed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	one, two := player.play(), player.play()
	w := player.dial()
	w.hello(player.token)
	w.watch(one)
	w.watch(two)
	w.send(message{Type: "unwatch", View: "session", Key: one.String()})
	w.watch(two) // its answer says that the unwatch was heard
	issue(s, session.Activate{Session: one})
	issue(s, session.Activate{Session: two})
	if got := w.state(two); got.State != "active" {
		t.Errorf("got %+v", got)
	}
}

func TestAPlaceInTheQueueIsPushedWhenOthersLeave(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	first, second := s.as(t, "player1"), s.as(t, "player2")
	ahead := first.request()
	behind := second.request()
	id := behind.id(t)
	second.seen(id, position(t, behind.Position))
	w := second.dial()
	w.hello(second.token)
	if got := w.watch(id); got.QueuePlace != 2 {
		t.Fatalf("got %+v", got)
	}
	var done accepted
	first.post("/v1/sessions/"+ahead.Session+"/end").into(http.StatusOK, &done)
	if got := w.state(id); got.QueuePlace != 1 || got.State != "requested" || got.QueueWaitMs != 0 {
		t.Errorf("got %+v", got)
	}
	// Two slots are given in the last minute, and somebody of priority is served first.
	now := time.Now()
	for _, ago := range []time.Duration{time.Minute, 30 * time.Second} {
		other := events.NewSessionID()
		s.happened(events.SessionStream(other),
			events.SessionRequested{Session: other, Player: "anna", Game: doom, At: now.Add(-time.Hour)},
			events.SessionAllocated{Session: other, Player: "anna", Game: doom, Worker: worker, At: now.Add(-ago)})
	}
	paid := events.NewSessionID()
	s.happened(events.SessionStream(paid),
		events.SessionRequested{Session: paid, Player: "anna", Game: doom, Terms: events.SessionTerms{Priority: 4}, At: now})
	got := second.seen(id, s.head())
	if got.QueuePlace != 2 || got.QueueWaitMs < 60_000 || got.QueueWaitMs > 120_000 {
		t.Errorf("behind one of priority, with a slot each half minute: %+v", got)
	}
}

func TestAnEndThatIsNearIsPushed(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	host, guest := s.as(t, "player1"), s.as(t, "player2")
	id := host.play()
	var seat accepted
	guest.post("/v1/invitations/"+host.invite(id, "play").Code).into(http.StatusOK, &seat)
	guest.seen(id, position(t, seat.Position))
	w, other := host.dial(), guest.dial()
	w.hello(host.token)
	other.hello(guest.token)
	if got := w.watch(id); got.Warning != nil {
		t.Fatalf("got %+v", got)
	}
	other.watch(id)
	soon, later := time.Now().Add(4*time.Minute).UTC().Truncate(time.Millisecond), time.Now().Add(time.Hour)
	issue(s, session.Warn{Session: id, Reason: events.EndedLongest, Left: 3600, Ends: later})
	w.state(id)
	other.state(id)
	issue(s, session.Warn{Session: id, Reason: events.EndedByGuardian, Left: 300, Ends: soon})
	if got := w.state(id).Warning; got == nil || *got != (warning{Reason: "guardian", LeftS: 300, EndsAt: soon}) {
		t.Errorf("the player is told of %+v", got)
	}
	if got := other.state(id).Warning; got == nil || *got != (warning{LeftS: 300, EndsAt: soon}) {
		t.Errorf("a guest is told of %+v, and not why", got)
	}
	issue(s, session.End{Session: id, Reason: events.EndedByGuardian})
	at := issue(s, session.Finish{Session: id})
	if got := host.seen(id, at); got.Warning != nil || got.EndReason != "guardian" {
		t.Errorf("after the end: %+v", got)
	}
}

func TestARenewedHelloGoesOn(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	w := player.dial()
	w.hello(player.token)
	w.watch(id)
	w.hello(player.token)
	issue(s, session.Activate{Session: id})
	if got := w.state(id); got.State != "active" {
		t.Errorf("got %+v", got)
	}
}

func TestSupportMayWatch(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	id := s.as(t, "player1").play()
	support := s.as(t, "support1")
	w := support.dial()
	w.hello(support.token)
	if got := w.watch(id); got.Player != "player1" {
		t.Errorf("got %+v", got)
	}
}

func TestAClientThatDoesNotReadHoldsNobody(t *testing.T) {
	t.Parallel()
	s := newStack(t, func(with *setup) {
		with.listener = func(l net.Listener) net.Listener { return narrow{l} }
		with.gateway.MessagesPerMinute = 1_000_000
	})
	player := s.as(t, "player1")
	id := player.play()
	dialer := &websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, shrink(conn)
	}}
	slow := player.dialBy(dialer, nil)
	slow.hello(player.token)
	// Each watch is answered with the state. The answers are not read: at last
	// the gateway waits with writing, and so does not read either.
	watch := `{"type":"watch","view":"session","key":"` + id.String() + `"}` + strings.Repeat(" ", 2<<10)
	for {
		if err := slow.conn.SetWriteDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if err := slow.conn.WriteMessage(websocket.TextMessage, []byte(watch)); err != nil {
			break
		}
	}
	other := player.dial()
	other.hello(player.token)
	other.watch(id)
	began := time.Now()
	issue(s, session.Activate{Session: id})
	if got := other.state(id); got.State != "active" {
		t.Errorf("got %+v", got)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("another client waited for %v", took)
	}
}

// TestClientsThatLeaveInAQueryAreNoError has clients leave while what they asked
// for waits for the database, or for a connection to it.
func TestClientsThatLeaveInAQueryAreNoError(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer // of the gateway, which is closed before it is read
	s := newStack(t, func(with *setup) { with.log = &said })
	player := s.as(t, "player1")
	id := player.play()
	wires := make([]*wire, 20) // more than there are connections
	for i := range wires {
		wires[i] = player.dial()
		wires[i].hello(player.token)
	}
	conn, err := pgx.Connect(t.Context(), s.database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE read.session IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	until := func(what string, holds func(waiting int) bool) {
		t.Helper()
		waiting := -1
		for deadline := time.Now().Add(within); !holds(waiting); {
			if time.Now().After(deadline) {
				t.Fatalf("waited in vain until %s: %d wait", what, waiting)
			}
			row := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'read.session'::regclass")
			if err := row.Scan(&waiting); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, w := range wires {
		w.send(message{Type: "watch", View: "session", Key: id.String()})
	}
	until("queries wait", func(waiting int) bool { return waiting > 1 })
	for _, w := range wires {
		if err := w.conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	until("none waits", func(waiting int) bool { return waiting == 0 })
	s.gateway.Close()
	if said.Len() > 0 {
		t.Errorf("the gateway says: %s", &said)
	}
}

func TestCloseEndsEverySocketAndLetsNoneIn(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	player := s.as(t, "player1")
	id := player.play()
	var wires []*wire
	for range 3 {
		w := player.dial()
		w.hello(player.token)
		w.watch(id)
		wires = append(wires, w)
	}
	silent := player.dial()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.gateway.Close()
	}()
	for _, w := range append(wires, silent) {
		w.closes(3001)
	}
	select {
	case <-done:
	case <-time.After(within):
		t.Fatal("Close does not return")
	}
	upgrade := map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
	player.do(ask{method: http.MethodGet, path: "/v1/ws", header: upgrade}).refused(http.StatusServiceUnavailable, "shutting-down")
}
