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
	theirs  = events.SessionRequested{Session: played, Player: "bert", Game: "doom", At: Now}
	sits    = events.GuestJoined{Session: played, Player: "anna", At: Now}
	rises   = events.GuestLeft{Session: played, Player: "anna", At: Now}
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
		{"as guests of others, too", []events.Event{online, theirs, active, sits}, []any{enter}},
		{"as guests from its beginning", []events.Event{online, theirs, sits, active}, []any{enter}},
		{"not as guests of what does not run", []events.Event{online, theirs, sits}, nil},
		{"not as guests who have left", []events.Event{online, theirs, active, sits, rises}, nil},
		{"as guests, when they come", []events.Event{theirs, active, sits, online}, []any{enter}},
		{"as guests out of what they leave", []events.Event{online, theirs, active, sits, entered, rises}, []any{exit}},
		{"as guests out of what ends", []events.Event{online, theirs, active, sits, entered, over}, []any{exit}},
		{"as guests once", []events.Event{online, theirs, active, sits, entered, sits, active}, nil},
		{"as guests again", []events.Event{online, theirs, active, sits, entered, rises, left, sits}, []any{enter}},
		{"host and guests", []events.Event{online, asked, events.GuestJoined{Session: played, Player: "bert"}, active,
			events.PresenceChanged{Player: "bert", State: events.PresenceIsIdle}}, []any{enter, presence.Enter{Player: "bert", Session: played, Game: "doom"}}},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(presence.NewSessions(), c.given...), Now, c.want...) })
	}
}

func TestWhoIsErasedIsCleared(t *testing.T) {
	erased, clear := events.PlayerErased{Player: "anna", At: Now}, presence.Clear{Player: "anna"}
	Due(t, Told(presence.NewErasing(), connected), Now)
	Due(t, Told(presence.NewErasing(), connected, erased), Now, clear)
	Due(t, Told(presence.NewErasing(), connected, erased, events.PresenceCleared{Player: "anna", At: Now}), Now)
	Due(t, Told(presence.NewErasing(), connected, erased, events.PresenceCleared{Player: "bert", At: Now}), Now, clear)
}

func TestPreferencesMakeInvisible(t *testing.T) {
	prefers := func(invisible bool) events.Event {
		return events.PreferencesChanged{Player: "anna", Preferences: events.Preferences{Invisible: invisible}, At: Now}
	}
	hide := func(invisible bool) any {
		return presence.Hide{Player: "anna", Invisible: invisible, Restate: true}
	}
	for _, c := range []struct {
		name  string
		given []events.Event
		want  []any
	}{
		{"nothing without a preference", []events.Event{connected, prefers(false)}, nil},
		{"who prefers it", []events.Event{prefers(true)}, []any{hide(true)}},
		{"once", []events.Event{prefers(true), hidden}, nil},
		{"not again with another preference", []events.Event{prefers(true), hidden, prefers(true)}, nil},
		{"not any more", []events.Event{prefers(true), hidden, prefers(false)}, []any{hide(false)}},
		{"by the last of them", []events.Event{prefers(true), prefers(false)}, []any{hide(false)}},
		{"until they say otherwise", []events.Event{prefers(true), visible}, nil},
		{"not who is erased", []events.Event{prefers(true), events.PlayerErased{Player: "anna"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(presence.NewPreferring(), c.given...), Now, c.want...) })
	}
}
