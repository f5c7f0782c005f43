package gatewaylease_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/events"
)

var (
	reachable = events.GatewayRegistered{Gateway: "g", Incarnation: "first", Address: "10.0.0.7:8189", At: Now}
	holder    = commands.Holder[events.GatewayID]{Name: "g", Incarnation: "first", Address: "10.0.0.7:8189"}
)

func TestAGatewayThatAnswersNoMoreIsLost(t *testing.T) {
	leases := Told(gatewaylease.NewLeases(), reachable)
	for range commands.Missable {
		if leases.Missed(holder) {
			t.Error("it was lost early")
		}
	}
	Due(t, leases, Now)
	leases.Answered(holder)
	for range commands.Missable {
		leases.Missed(holder)
	}
	Due(t, leases, Now)
	if !leases.Missed(holder) {
		t.Error("it was not lost in time")
	}
	lose := gatewaylease.Lose{Gateway: "g", Incarnation: "first"}
	Due(t, leases, Now, lose)
	leases.Answered(holder) // too late: others may have been told
	Due(t, leases, Now, lose)
	Due(t, Told(leases, events.GatewayLost{Gateway: "g", Incarnation: "first", At: Now}), Now)
}

func TestWhoIsAsked(t *testing.T) {
	other := reachable
	other.Gateway = "f"
	again := reachable
	again.Incarnation = "second"
	inside := events.GatewayRegistered{Gateway: "g", Incarnation: "second", At: Now}
	for _, c := range []struct {
		name  string
		given []events.Event
		want  []commands.Holder[events.GatewayID]
	}{
		{"a gateway with an address", []events.Event{reachable}, []commands.Holder[events.GatewayID]{holder}},
		{"all of them", []events.Event{reachable, other}, []commands.Holder[events.GatewayID]{{Name: "f", Incarnation: "first", Address: holder.Address}, holder}},
		{"not one without an address", []events.Event{reachable, inside}, nil},
		{"not one that has stopped", []events.Event{reachable, events.GatewayStopped{Gateway: "g", Incarnation: "first"}}, nil},
		{"not one that is lost", []events.Event{reachable, events.GatewayLost{Gateway: "g", Incarnation: "first"}}, nil},
		{"its latest process", []events.Event{reachable, again}, []commands.Holder[events.GatewayID]{{Name: "g", Incarnation: "second", Address: holder.Address}}},
	} {
		if got := Told(gatewaylease.NewLeases(), c.given...).Holders(); !slices.Equal(got, c.want) {
			t.Errorf("%s: asked are %v, want %v", c.name, got, c.want)
		}
	}
}

// TestAnEarlierProcessDoesNotCount: what is heard of it says nothing of the one
// that has followed it.
func TestAnEarlierProcessDoesNotCount(t *testing.T) {
	again := reachable
	again.Incarnation = "second"
	leases := Told(gatewaylease.NewLeases(), reachable, again)
	for range 2 * commands.Missable {
		if leases.Missed(holder) {
			t.Error("another process was lost")
		}
	}
	Due(t, leases, Now)
}

// BenchmarkLeasesDue looks at 40 gateways that answer.
func BenchmarkLeasesDue(b *testing.B) {
	leases := gatewaylease.NewLeases()
	for i := range 40 {
		e := reachable
		e.Gateway = events.GatewayID(fmt.Sprintf("gateway-%d", i))
		Told(leases, e)
	}
	b.ReportAllocs()
	for b.Loop() {
		if due := leases.Due(Now); len(due) > 0 {
			b.Fatal(due)
		}
	}
}
