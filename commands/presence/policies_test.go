package presence_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/events"
)

var (
	settle  = presence.Settle{Player: "anna", Connection: "c1"}
	runs    = events.GatewayRegistered{Gateway: "g", Incarnation: "i", At: Now}
	lost    = events.GatewayLost{Gateway: "g", Incarnation: "i", At: Now}
	strand  = presence.Disconnect{Player: "anna", Connection: "c1", Cause: events.DisconnectGatewayGone}
	asked   = events.SessionRequested{Session: played, Player: "anna", Game: "doom", At: Now}
	active  = events.SessionActivated{Session: played, Segment: 1, At: Now}
	ending  = events.SessionEnding{Session: played, At: Now}
	over    = events.SessionEnded{Session: played, At: Now}
	enter   = presence.Enter{Player: "anna", Session: played, Game: "doom"}
	exit    = presence.Exit{Player: "anna", Session: played}
	online  = changed(events.PresenceIsOnline)
	offline = changed(events.PresenceIsOffline)
)

func TestWhoDoesNotComeBackInTimeIsSettled(t *testing.T) {
	late := Now.Add(presence.Grace)
	Due(t, Told(presence.NewLingering(), connected, closed), late.Add(-time.Millisecond))
	Due(t, Told(presence.NewLingering(), connected, closed), late, settle)
	Due(t, Told(presence.NewLingering(), connected, closed, again), late)
	Due(t, Told(presence.NewLingering(), connected, closed, other), late, settle)
	Due(t, Told(presence.NewLingering(), connected, closed, gone), late)
	Due(t, Told(presence.NewLingering(), connected, closed), Now.Add(-time.Hour))
}

func TestConnectionsGoWithTheirGateway(t *testing.T) {
	Due(t, Told(presence.NewStranded(), runs, connected), Now)
	Due(t, Told(presence.NewStranded(), runs, connected, lost), Now, strand)
	Due(t, Told(presence.NewStranded(), runs, connected, events.GatewayStopped{Gateway: "g", Incarnation: "i"}), Now, strand)
	Due(t, Told(presence.NewStranded(), runs, connected, events.GatewayLost{Gateway: "g", Incarnation: "before"}), Now)
	Due(t, Told(presence.NewStranded(), runs, connected, closed, lost), Now)
	Due(t, Told(presence.NewStranded(), runs, connected, lost, closed), Now)
	Due(t, Told(presence.NewStranded(), runs, lost, connected), Now, strand) // noticed late
	Due(t, Told(presence.NewStranded(), connected), Now, strand)             // of nobody
	Due(t, Told(presence.NewStranded(), runs, connected, other, lost), Now, strand,
		presence.Disconnect{Player: "anna", Connection: "c3", Cause: events.DisconnectGatewayGone})
}

func TestPlayersAreInTheGamesOfTheirSessions(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []events.Event
		want  []any
	}{
		{"who is there", []events.Event{online, asked, active}, []any{enter}},
		{"who comes later", []events.Event{asked, active, online}, []any{enter}},
		{"not who is offline", []events.Event{asked, active}, nil},
		{"not who has gone", []events.Event{online, asked, active, offline}, nil},
		{"not before it is active", []events.Event{online, asked}, nil},
		{"once", []events.Event{online, asked, active, entered, active}, nil},
		{"not what is over", []events.Event{online, asked, active, over}, nil},
		{"out of what ends", []events.Event{online, asked, active, entered, ending}, []any{exit}},
		{"out of what has ended", []events.Event{online, asked, active, entered, over}, []any{exit}},
		{"out of what failed", []events.Event{online, asked, active, entered, events.SessionFailed{Session: played}}, []any{exit}},
		{"out once", []events.Event{online, asked, active, entered, ending, left, over}, nil},
		{"out of what was over before they were in", []events.Event{online, asked, active, over, entered}, []any{exit}},
		{"not of what was never asked for", []events.Event{online, active, over}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(presence.NewSessions(), c.given...), Now, c.want...) })
	}
}
