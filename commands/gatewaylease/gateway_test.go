package gatewaylease_test

import (
	"strings"
	"testing"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/gatewaylease"
	"github.com/playcast/playcast/events"
)

var (
	first  = gatewaylease.Register{Gateway: "g", Incarnation: "first", Address: "10.0.0.7:8189"}
	second = events.GatewayRegistered{Gateway: "g", Incarnation: "second", At: Now}
	lost   = events.GatewayLost{Gateway: "g", Incarnation: "first", At: Now}
	ended  = events.GatewayStopped{Gateway: "g", Incarnation: "first", At: Now}
)

func TestRegister(t *testing.T) {
	When(Given(), first).Then(t, reachable)
	When(Given(reachable), first).Then(t)
	When(Given(reachable), gatewaylease.Register{Gateway: "g", Incarnation: "second"}).Then(t, lost, second)
	When(Given(reachable, ended), gatewaylease.Register{Gateway: "g", Incarnation: "second"}).Then(t, second)
	When(Given(reachable, lost), first).Refused(t, gatewaylease.ErrOver)
	When(Given(), gatewaylease.Register{Gateway: "g"}).Refused(t, gatewaylease.ErrMalformed)
	When(Given(), gatewaylease.Register{Gateway: "G/", Incarnation: "first"}).Refused(t, gatewaylease.ErrMalformed)
	When(Given(), gatewaylease.Register{Gateway: "g", Incarnation: strings.Repeat("a", 65)}).Refused(t, gatewaylease.ErrMalformed)
	When(Given(), gatewaylease.Register{Gateway: "g", Incarnation: "first", Address: "nowhere"}).Refused(t, gatewaylease.ErrMalformed)
}

func TestTheEndOfAProcess(t *testing.T) {
	stop, lose := gatewaylease.Stop{Gateway: "g", Incarnation: "first"}, gatewaylease.Lose{Gateway: "g", Incarnation: "first"}
	When(Given(reachable), stop).Then(t, ended)
	When(Given(reachable), lose).Then(t, lost)
	for _, given := range []History{Given(), Given(reachable, ended), Given(reachable, lost), Given(reachable, lost, second)} {
		When(given, stop).Then(t)
		When(given, lose).Then(t)
	}
}

func TestRenew(t *testing.T) {
	renew := gatewaylease.Renew{Gateway: "g", Incarnation: "first"}
	When(Given(reachable), renew).Then(t)
	When(Given(reachable, lost), renew).Refused(t, gatewaylease.ErrOver)
	When(Given(reachable, ended), renew).Refused(t, gatewaylease.ErrOver)
	When(Given(), renew).Refused(t, gatewaylease.ErrOver)
	When(Given(reachable, lost, second), renew).Refused(t, gatewaylease.ErrDisplaced)
}
