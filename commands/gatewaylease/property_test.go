package gatewaylease_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/events"
)

// TestOneProcessAtATime: whatever is asked, in whatever order and at whatever time,
// a gateway has one process at most, and that one is asked whether it is there.
func TestOneProcessAtATime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state gatewaylease.State
		leases, running := gatewaylease.NewLeases(), ""
		ends := func(incarnation string) {
			if incarnation != running || running == "" {
				t.Fatalf("%q ends while %q runs", incarnation, running)
			}
			running = ""
		}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			incarnation := rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, "incarnation")
			gateway := events.GatewayID(rapid.SampledFrom([]string{"g", "g", "g", "", "G/"}).Draw(t, "gateway"))
			command := rapid.SampledFrom([]commands.Command[gatewaylease.State]{
				gatewaylease.Register{Gateway: gateway, Incarnation: incarnation, Address: rapid.SampledFrom([]string{"g:1", "", "x"}).Draw(t, "address")},
				gatewaylease.Stop{Gateway: gateway, Incarnation: incarnation}, gatewaylease.Lose{Gateway: gateway, Incarnation: incarnation},
				gatewaylease.Renew{Gateway: gateway, Incarnation: incarnation},
			}).Draw(t, "command")
			of := state
			if gateway != "g" {
				of = gatewaylease.State{} // of another stream, which has no event
			}
			decided, err := command.Decide(of, Now.Add(time.Duration(rapid.Int64().Draw(t, "time"))))
			var fault *events.Fault
			if err != nil && (!errors.As(err, &fault) || len(decided) > 0) {
				t.Fatalf("%+v is refused with %v, %v", command, err, decided)
			}
			if gateway != "g" && len(decided) > 0 {
				t.Fatalf("%+v decides %v", command, decided)
			}
			for _, e := range decided {
				state = state.Evolve(e)
				leases.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
				switch e := e.(type) {
				case events.GatewayRegistered:
					if running != "" {
						t.Fatalf("%q registers while %q runs", e.Incarnation, running)
					}
					running = e.Incarnation
				case events.GatewayLost:
					ends(e.Incarnation)
				case events.GatewayStopped:
					ends(e.Incarnation)
				}
			}
			if state.Running != (running != "") || state.Running && state.Incarnation != running {
				t.Fatalf("%+v, and %q runs", state, running)
			}
			for _, h := range leases.Holders() {
				if h.Incarnation != running || h.Address != "g:1" {
					t.Fatalf("%+v is asked while %q runs", h, running)
				}
			}
			if again, err := command.Decide(state, Now); len(decided) > 0 && (len(again) > 0 || err != nil) {
				t.Fatalf("%+v again decides %v, %v", command, again, err)
			}
		}
	})
}
