package presence_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

const many = 2000 // players

// crowd has something happen for each of many players.
func crowd(policy commands.Policy, happens func(n int, player events.PlayerID) []events.Event) {
	for n := range many {
		for _, e := range happens(n, events.PlayerID(fmt.Sprintf("player-%d", n))) {
			policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
		}
	}
}

func comes(player events.PlayerID) events.DeviceConnected {
	return events.DeviceConnected{Player: player, At: Now,
		Connection: events.Connection{ID: events.ConnectionID(player), Device: "d", Gateway: "g", Incarnation: "i"}}
}

func goes(player events.PlayerID, at time.Time) events.DeviceDisconnected {
	return events.DeviceDisconnected{Player: player, Connection: comes(player).Connection, Cause: events.DisconnectClosed, At: at}
}

func plays(n int, player events.PlayerID) []events.Event {
	var session events.SessionID
	binary.BigEndian.PutUint32(session[:], uint32(n+1))
	return []events.Event{
		events.SessionRequested{Session: session, Player: player, Game: "doom"}, events.SessionActivated{Session: session, Segment: 1},
		events.PresenceChanged{Player: player, State: events.PresenceIsOnline},
	}
}

// BenchmarkDue looks at each policy while nothing is due, and while it is of all
// players at once: then Due returns one batch.
func BenchmarkDue(b *testing.B) {
	lingering, late := presence.NewLingering(), presence.NewLingering()
	stranded, lone := presence.NewStranded(), presence.NewStranded()
	settled, entering := presence.NewSessions(), presence.NewSessions()
	for _, p := range []*presence.Stranded{stranded, lone} {
		p.Evolve(commands.Noted{Event: runs})
		crowd(p, func(_ int, player events.PlayerID) []events.Event { return []events.Event{comes(player)} })
	}
	lone.Evolve(commands.Noted{Event: lost})
	crowd(lingering, func(_ int, player events.PlayerID) []events.Event { return []events.Event{goes(player, Now)} })
	crowd(late, func(_ int, player events.PlayerID) []events.Event {
		return []events.Event{goes(player, Now.Add(-presence.Grace))}
	})
	crowd(entering, plays)
	crowd(settled, func(n int, player events.PlayerID) []events.Event {
		past := plays(n, player)
		return append(past, events.GameEntered{Player: player, Session: past[0].(events.SessionRequested).Session, Game: "doom"})
	})
	for _, c := range []struct {
		name   string
		policy commands.Policy
		due    bool
	}{
		{"grace", lingering, false}, {"grace, all late", late, true},
		{"gateways", stranded, false}, {"gateways, all stranded", lone, true},
		{"sessions", settled, false}, {"sessions, all to enter", entering, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if due := c.policy.Due(Now); len(due) > 0 != c.due {
					b.Fatalf("%d are due", len(due))
				}
			}
		})
	}
}
