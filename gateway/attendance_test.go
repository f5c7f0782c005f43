package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// hall is an attendance on a log in memory, which may be out of reach.
type hall struct {
	events.Store
	t      *testing.T
	down   atomic.Bool
	doing  *commands.Handler
	people *attendance

	open   context.Context // of all sockets
	cancel context.CancelFunc
	group  sync.WaitGroup
}

func newHall(t *testing.T) *hall {
	h := &hall{Store: memstore.New(time.Now), t: t}
	h.open, h.cancel = context.WithCancel(context.Background())
	h.doing = commands.NewHandler(h, time.Now)
	log := slog.New(slog.DiscardHandler)
	h.people = newAttendance(&lease{commands: h.doing, config: LeaseConfig{Gateway: "g", Address: "g:1"}, log: log}, h.doing, log)
	if err := h.people.lease.register(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hall) Append(ctx context.Context, stream events.Stream, expected events.Expected, batch []events.Proposed) (events.Position, error) {
	if h.down.Load() {
		return 0, fmt.Errorf("append: %w", events.ErrUnavailable)
	}
	return h.Store.Append(ctx, stream, expected, batch)
}

// opens has a socket of anna's opened, and returns what closes it.
func (h *hall) opens(device events.DeviceID) (closes func()) {
	ctx, cancel := context.WithCancel(h.open)
	h.group.Go(func() { h.people.attend(ctx, "anna", device) })
	synctest.Wait()
	return func() {
		cancel()
		synctest.Wait()
	}
}

// has are the events of a stream.
func (h *hall) has(stream events.Stream) (story []events.Event) {
	h.t.Helper()
	for recorded, err := range h.Read(h.t.Context(), stream, 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		event, _, err := events.Decode(recorded)
		if err != nil {
			h.t.Fatal(err)
		}
		story = append(story, event)
	}
	return story
}

// tells holds the types of the events of anna's presence.
func (h *hall) tells(want ...string) {
	h.t.Helper()
	var got []string
	for _, e := range h.has("presence-anna") {
		got = append(got, e.EventType())
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("it tells %v, want %v", got, want)
	}
}

func (h *hall) ends() {
	h.people.close()
	h.cancel()
	h.group.Wait()
}

const (
	connected, disconnected, changed = "DeviceConnected", "DeviceDisconnected", "PresenceChanged"
)

func TestASocketIsAConnectionFromItsHelloToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		closes := h.opens("laptop")
		h.tells(connected, changed)
		time.Sleep(time.Hour)
		h.tells(connected, changed)
		closes()
		h.tells(connected, changed, disconnected)
		h.opens("laptop")()
		h.tells(connected, changed, disconnected, connected, disconnected)
		first := h.has("presence-anna")[0].(events.DeviceConnected).Connection
		if first.Device != "laptop" || first.Gateway != "g" || first.Incarnation != h.people.lease.asked() {
			t.Errorf("the connection is %+v", first)
		}
		h.ends()
	})
}

func TestAStoreThatIsAwayIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		h.down.Store(true)
		closes := h.opens("")
		short := h.opens("")
		short() // it comes and goes meanwhile: nothing may be left of it
		time.Sleep(time.Minute)
		h.down.Store(false)
		time.Sleep(2 * recordAgain)
		h.tells(connected, changed)
		h.down.Store(true)
		closes()
		time.Sleep(time.Minute)
		h.tells(connected, changed)
		h.down.Store(false)
		time.Sleep(2 * recordAgain)
		h.tells(connected, changed, disconnected)
		h.ends()
	})
}

func TestOneWhoComesAndGoesAllTheTimeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		for range 10 * connectsPerMinute {
			h.opens("laptop")()
		}
		if n := len(h.has("presence-anna")); n > 2*connectsPerMinute+1 {
			t.Errorf("%d events of %d sockets", n, 10*connectsPerMinute)
		}
		h.opens("laptop") // one that lasts is recorded when its turn comes
		time.Sleep(time.Minute)
		story := h.has("presence-anna")
		if last := story[len(story)-1].EventType(); last != connected {
			t.Errorf("a socket that lasts is not recorded: the last event is %s", last)
		}
		h.ends()
	})
}

func TestAGatewayThatWasLostRegistersAgainWithItsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		h.opens("laptop")
		ctx, cancel := context.WithCancel(context.Background())
		kept := make(chan error, 1)
		go func() { kept <- h.people.lease.keep(ctx) }()
		time.Sleep(time.Hour)
		before := h.people.lease.asked()
		h.must(gatewaylease.Lose{Gateway: "g", Incarnation: before})
		time.Sleep(renewEvery + shortestAbsence)
		synctest.Wait()
		registered := h.has("gateway-g")
		again, is := registered[len(registered)-1].(events.GatewayRegistered)
		if !is || again.Incarnation == before || again.Incarnation != h.people.lease.asked() || again.Address != "g:1" || len(registered) != 3 {
			t.Fatalf("it has registered as %+v", registered)
		}
		h.tells(connected, changed, connected)
		if c := h.has("presence-anna")[2].(events.DeviceConnected).Connection; c.Incarnation != again.Incarnation || c.Device != "laptop" {
			t.Errorf("the device is there as %+v", c)
		}
		// Who can't be reached is lost again and again, and comes ever later.
		for range 5 {
			h.must(gatewaylease.Lose{Gateway: "g", Incarnation: h.people.lease.asked()})
			time.Sleep(time.Minute / 2)
		}
		if n := len(h.has("gateway-g")); n > 2*5+3 {
			t.Errorf("it has registered %d times", n)
		}
		h.must(gatewaylease.Register{Gateway: "g", Incarnation: "another"})
		if err := <-kept; !errors.Is(err, gatewaylease.ErrDisplaced) {
			t.Errorf("displaced by another, it says %v", err)
		}
		cancel()
		h.ends()
	})
}

func (h *hall) must(command commands.Command[gatewaylease.State]) {
	h.t.Helper()
	if _, err := h.doing.Do(h.t.Context(), commands.Issue(command, commands.By("policy:x"))); err != nil {
		h.t.Fatal(err)
	}
}

func TestAGatewayThatClosesSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		h.opens("laptop")
		h.ends()
		if err := h.people.lease.stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.tells(connected, changed) // the rest is the policy's
		story := h.has("gateway-g")
		if _, stopped := story[len(story)-1].(events.GatewayStopped); !stopped {
			t.Errorf("its stream ends with %+v", story)
		}
	})
}
