package lobby_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	requested = events.SessionRequested{Session: played, Player: "anna", Game: "doom", Title: "Doom", At: before}
	held      = events.SessionAllocated{Session: played, Player: "anna", Game: "doom", Worker: "w", At: before}
	ending    = events.SessionEnding{Session: played, Reason: events.EndedByPlayer, At: before}
	ended     = events.SessionEnded{Session: played, Reason: events.EndedByPlayer, At: before}
	failed    = events.SessionFailed{Session: played, Cause: events.FailedWorker, At: before}
	bertSits  = events.GuestJoined{Session: played, Player: "bert", At: before}
	bertComes = events.GuestJoined{Session: played, Player: "bert", Invitation: events.InvitationID(uuid.UUID{1}), At: before}
	bertGoes  = events.GuestLeft{Session: played, Player: "bert", At: before}
	bertOut   = events.GuestLeft{Session: played, Player: "bert", Removed: true, At: before}
	coraLeft  = events.LobbyLeft{Lobby: id, Player: "cora", Reason: events.LeftByChoice, At: before}
	coraSits  = events.GuestJoined{Session: played, Player: "cora", At: before}
	refused   = events.LobbyReopened{Lobby: id, Session: played, Outcome: events.LobbyNotStarted, At: before}
)

func TestStarting(t *testing.T) {
	ask := session.Request{Session: played, Player: "anna", Game: "doom", Title: "Doom"}
	paid, theirs := started, ask
	paid.Terms = events.SessionTerms{Priority: 2, Longest: 3600}
	theirs.Terms = paid.Terms
	admit := func(who events.PlayerID) any { return session.Admit{Session: played, Player: who} }
	leave := func(who events.PlayerID) any { return session.Leave{Session: played, By: who, Player: who} }
	reopen := func(outcome events.LobbyOutcome) any {
		return lobby.Reopen{Lobby: id, Session: played, Outcome: outcome}
	}
	soon := before.Add(time.Second)
	for _, c := range []struct {
		name  string
		given []events.Event
		at    time.Time
		due   []any
	}{
		{"nothing for a lobby that is open", []events.Event{public, bert, doom, bertSet}, soon, nil},
		{"nothing for a session that is nobody's", []events.Event{requested, held, bertComes, ended}, soon, nil},
		{"a start asks for the host's session", []events.Event{started}, soon, []any{ask}},
		{"on the terms of the host's plan", []events.Event{paid}, soon, []any{theirs}},
		{"also when the clock has gone back", []events.Event{started}, before.Add(-time.Hour), []any{ask}},
		{"for half a minute", []events.Event{started}, before.Add(30 * time.Second), []any{reopen(events.LobbyNotStarted)}},
		{"but for none of a lobby that is closed", []events.Event{started, bertLeft, annaLeft, closed}, soon, nil},
		{"a session that waits has no seats", []events.Event{started, requested}, soon, nil},
		{"one that a worker has seats the members", []events.Event{started, requested, held}, soon, []any{admit("bert")}},
		{"and who has joined since", []events.Event{started, cora, requested, held, bertSits}, soon, []any{admit("cora")}},
		{"for a minute", []events.Event{started, requested, held}, before.Add(time.Minute), nil},
		{"who has left before gets none", []events.Event{started, requested, bertLeft, held}, soon, nil},
		{"who has a seat needs no other", []events.Event{started, requested, held, bertSits}, soon, nil},
		{"nor who was invited", []events.Event{started, requested, held, bertComes}, soon, nil},
		{"who gives it up has it no more", []events.Event{started, requested, held, bertSits, bertGoes}, soon, nil},
		{"who leaves the lobby leaves the seat", []events.Event{started, requested, held, bertSits, bertLeft}, soon, []any{leave("bert")}},
		{"also who was given it as they left", []events.Event{started, requested, held, bertLeft, bertSits}, soon, []any{leave("bert")}},
		{"not who was invited to it", []events.Event{started, requested, held, bertComes, bertLeft}, soon, nil},
		{"once it is given up, all is settled", []events.Event{started, requested, held, bertSits, bertLeft, bertGoes}, soon, nil},
		{"who comes back has the seat still", []events.Event{started, requested, held, bertSits, bertLeft, bert}, soon, nil},
		{"or gets another one", []events.Event{started, requested, held, bertSits, bertLeft, bert, bertGoes}, soon, []any{admit("bert")}},
		{"but not whom the host has removed", []events.Event{started, requested, held, bertSits, bertOut, bertLeft, bert}, soon, nil},
		{"the host of the lobby who leaves it plays on", []events.Event{started, requested, held, bertSits, annaLeft}, soon, nil},
		{"and has no seat as a guest", []events.Event{started, requested, held, bertSits, annaLeft, events.LobbyJoined{Lobby: id, Player: "anna", At: before}}, soon, nil},
		{"the last seats are given up, too", []events.Event{started, requested, held, bertSits, annaLeft, bertLeft, closed}, soon, []any{leave("bert")}},
		{"not in a session that ends", []events.Event{started, requested, held, bertSits, bertLeft, ending}, soon, nil},
		{"nobody comes to one, either", []events.Event{started, requested, held, ending}, soon, nil},
		{"an end is told to the lobby", []events.Event{started, requested, held, ending, ended}, soon, []any{reopen(events.LobbyPlayed)}},
		{"so is a failure", []events.Event{started, requested, held, failed}, soon, []any{reopen(events.LobbyFailed)}},
		{"not to one that is closed", []events.Event{started, requested, held, annaLeft, bertLeft, closed, ended}, soon, nil},
		{"nor to one that closes then", []events.Event{started, requested, held, ended, annaLeft, bertLeft, closed}, soon, nil},
		{"once it knows, all is settled", []events.Event{started, requested, held, ended, reopened}, soon, nil},
		{"once given up, too", []events.Event{started, refused}, soon, nil},
		{"a session that came as it was given up is ended", []events.Event{started, requested, held, refused}, soon,
			[]any{session.End{Session: played, Reason: events.EndedUnconnected}}},
		{"and then settled", []events.Event{started, requested, refused, ended}, soon, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			Due(t, Told(lobby.NewStarting(), c.given...), c.at, c.due...)
		})
	}
}

// TestStartingAsksAgain: what was lost on the way is asked for a second later,
// and at once where something has happened.
func TestStartingAsksAgain(t *testing.T) {
	policy := Told(lobby.NewStarting(), started)
	ask := session.Request{Session: played, Player: "anna", Game: "doom", Title: "Doom"}
	Due(t, policy, before, ask)
	Due(t, policy, before.Add(999*time.Millisecond))
	Due(t, policy, before.Add(time.Second), ask)
	Due(t, Told(policy, cora), before.Add(1100*time.Millisecond), ask)
	Due(t, Told(policy, requested, held, bertSits, coraSits), before.Add(1200*time.Millisecond))
	Due(t, Told(policy, coraLeft), before.Add(1300*time.Millisecond), session.Leave{Session: played, By: "cora", Player: "cora"})
}

// BenchmarkStartingDue looks at 2,000 lobbies that play, and have their seats.
func BenchmarkStartingDue(b *testing.B) {
	policy := lobby.NewStarting()
	for i := range 2000 {
		of := events.LobbyID(uuid.UUID{byte(i), byte(i >> 8)})
		plays := events.SessionOfStart(of, 1)
		for _, e := range []events.Event{
			events.LobbyStarted{Lobby: of, Session: plays, Host: "anna", Members: []events.PlayerID{"anna", "bert"}, Game: "doom", At: before},
			events.SessionRequested{Session: plays, Player: "anna", Game: "doom", At: before},
			events.SessionAllocated{Session: plays, Player: "anna", Game: "doom", Worker: "w", At: before},
			events.GuestJoined{Session: plays, Player: "bert", At: before},
		} {
			policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if due := policy.Due(Now); len(due) > 0 {
			b.Fatal(due)
		}
	}
}
