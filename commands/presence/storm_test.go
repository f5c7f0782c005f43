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

// TestTheLossOfABigGatewayIsDealtWithOnce: each connection is ended, and then
// settled, by few orders more than there are connections, though policies are
// asked after every event, and each event comes back late.
func TestTheLossOfABigGatewayIsDealtWithOnce(t *testing.T) {
	policies := []commands.Policy{presence.NewStranded(), presence.NewLingering()}
	states := map[events.PlayerID]presence.State{}
	now, issued := Now, 0
	var log []events.Event
	tell := func(e events.Event) {
		for _, p := range policies {
			p.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
		}
		for _, p := range policies {
			for _, order := range p.Due(now) {
				issued++
				command := order.Command.(commands.Command[presence.State])
				player := events.PlayerID(order.Target[len("presence-"):])
				decided, err := command.Decide(states[player], now)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range decided {
					states[player] = states[player].Evolve(e)
				}
				log = append(log, decided...)
			}
		}
		now = now.Add(50 * time.Microsecond)
	}
	tell(runs)
	for n := range many {
		player := events.PlayerID(fmt.Sprintf("player-%d", n))
		e := comes(player)
		states[player] = states[player].Evolve(e)
		tell(e)
	}
	tell(lost)
	told := 0
	for ; told < len(log); told++ {
		tell(log[told])
	}
	now = now.Add(presence.Grace)
	tell(runs)
	for ; told < len(log); told++ {
		tell(log[told])
	}
	for player, s := range states {
		if len(s.Devices) > 0 {
			t.Fatalf("%s is there over %+v", player, s.Devices)
		}
	}
	if issued > 2*many+many/10 {
		t.Errorf("%d orders were issued for %d connections", issued, many)
	}
}
