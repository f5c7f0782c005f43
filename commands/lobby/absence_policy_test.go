package lobby_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/events"
)

func is(player events.PlayerID, state events.PresenceState, at time.Time) events.PresenceChanged {
	return events.PresenceChanged{Player: player, State: state, Shown: state, At: at}
}

func TestAbsences(t *testing.T) {
	long := before.Add(lobby.Absence)
	annaComes, annaGoes := is("anna", events.PresenceIsOnline, before), is("anna", events.PresenceIsOffline, before)
	later := is("anna", events.PresenceIsOffline, before.Add(time.Minute))
	drop := lobby.Drop{Lobby: id, Player: "anna"}
	for _, c := range []struct {
		name  string
		given []events.Event
		at    time.Time
		due   []any
	}{
		{"nobody who is there", []events.Event{annaComes, public}, long.Add(time.Hour), nil},
		{"nobody who has only just gone", []events.Event{annaComes, public, annaGoes}, long.Add(-1), nil},
		{"who is away for long", []events.Event{annaComes, public, annaGoes}, long, []any{drop}},
		{"nobody who is back", []events.Event{annaComes, public, annaGoes, annaComes}, long, nil},
		{"from their last going", []events.Event{annaComes, public, annaGoes, annaComes, later}, long, nil},
		{"who went again", []events.Event{annaComes, public, annaGoes, annaComes, later}, long.Add(time.Minute), []any{drop}},
		{"who never came", []events.Event{public}, long, []any{drop}},
		{"who was away when they joined, from then", []events.Event{annaGoes, bert, events.LobbyJoined{Lobby: id, Player: "anna", At: before.Add(time.Minute)},
			is("bert", events.PresenceIsIdle, before)}, long, nil},
		{"nobody who is seen as offline alone", []events.Event{events.PresenceChanged{Player: "anna", State: events.PresenceIsIdle, Shown: events.PresenceIsOffline}, public}, long, nil},
		{"nobody who has left", []events.Event{public, annaLeft, closed}, long, nil},
		{"who is erased, at once", []events.Event{annaComes, public, events.PlayerErased{Player: "anna", At: before}}, before, []any{lobby.Drop{Lobby: id, Player: "anna", Erased: true}}},
		{"who is erased, though they come", []events.Event{public, events.PlayerErased{Player: "anna", At: before}, annaComes}, before, []any{lobby.Drop{Lobby: id, Player: "anna", Erased: true}}},
		{"when the clock went back, not yet", []events.Event{annaComes, public, annaGoes}, before.Add(-time.Hour), nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(lobby.NewAbsences(), c.given...), c.at, c.due...) })
	}
}

func TestWhoIsInSeveralLobbiesIsDroppedFromEach(t *testing.T) {
	other := public
	other.Lobby = events.LobbyID(uuid.UUID{0xff})
	policy := Told(lobby.NewAbsences(), public, other)
	due := policy.Due(Now.Add(lobby.Absence))
	if len(due) != 2 || due[0].ID == due[1].ID {
		t.Fatalf("due is %v", due)
	}
	left := events.LobbyLeft{Lobby: id, Player: "anna", Reason: events.LeftAbsent, At: Now}
	Due(t, Told(policy, left), Now.Add(lobby.Absence), lobby.Drop{Lobby: other.Lobby, Player: "anna"})
}

func TestDrop(t *testing.T) {
	left := events.LobbyLeft{Lobby: id, Player: "bert", Reason: events.LeftAbsent, At: Now}
	erased := left
	erased.Reason = events.LeftErased
	When(Given(public, bert), lobby.Drop{Lobby: id, Player: "bert"}).Then(t, left)
	When(Given(public, bert), lobby.Drop{Lobby: id, Player: "bert", Erased: true}).Then(t, erased)
	When(Given(public), lobby.Drop{Lobby: id, Player: "bert"}).Then(t)
	When(gone(), lobby.Drop{Lobby: id, Player: "anna"}).Then(t)
	When(Given(), lobby.Drop{Lobby: id, Player: "anna"}).Refused(t, lobby.ErrUnknown)
}

// TestAbsencesInEveryHistory holds, whoever comes and goes, that members are
// dropped when they have been away for the whole time, and nobody else is.
func TestAbsencesInEveryHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, state, now := lobby.NewAbsences(), lobby.State{}, Now
		away := map[events.PlayerID]time.Time{} // since when; none: they are there
		for _, player := range crowd {
			away[player] = Now
		}
		apply := func(command commands.Command[lobby.State]) {
			decided, err := command.Decide(state, now)
			if err != nil {
				return
			}
			for _, e := range decided {
				if joined, is := e.(events.LobbyJoined); is {
					if since, is := away[joined.Player]; is && since.Before(now) {
						away[joined.Player] = now
					}
				}
				state = state.Evolve(e)
				policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
			}
		}
		tell := func(player events.PlayerID, is events.PresenceState) {
			e := events.PresenceChanged{Player: player, State: is, Shown: is, At: now}
			policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
		}
		apply(lobby.Create{Lobby: id, By: "anna", Visibility: events.LobbyPublic, Capacity: 4})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			who := rapid.SampledFrom(crowd).Draw(t, "who")
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				delete(away, who)
				tell(who, rapid.SampledFrom([]events.PresenceState{events.PresenceIsIdle, events.PresenceIsOnline, events.PresenceIsInGame}).Draw(t, "is"))
			case 1:
				if _, is := away[who]; !is {
					away[who] = now
					tell(who, events.PresenceIsOffline)
				}
			case 2:
				apply(lobby.Join{Lobby: id, Player: who})
			case 3:
				apply(lobby.Leave{Lobby: id, Player: who})
			default:
				now = now.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "seconds")) * time.Second)
			}
			members := state.Members
			dropped := map[events.PlayerID]bool{}
			for _, order := range policy.Due(now) {
				drop := order.Command.(lobby.Drop)
				dropped[drop.Player] = true
				apply(drop)
			}
			for _, m := range members {
				since, is := away[m.Player]
				if want := is && !now.Before(since.Add(lobby.Absence)); want != dropped[m.Player] {
					t.Fatalf("%s, away since %s (%v), is dropped at %s: %v", m.Player, since, is, now, dropped[m.Player])
				}
			}
			if again := policy.Due(now); len(again) > 0 {
				t.Fatalf("due again: %v", again)
			}
		}
	})
}

// BenchmarkAbsencesDue looks at 2,000 members who are away, none of whom is due.
func BenchmarkAbsencesDue(b *testing.B) {
	policy := lobby.NewAbsences()
	for i := range 2000 {
		e := events.LobbyOpened{Lobby: events.LobbyID(uuid.UUID{byte(i), byte(i >> 8)}), Host: events.PlayerID(fmt.Sprintf("player-%d", i)), At: Now.Add(time.Duration(i) * time.Second)}
		policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if due := policy.Due(Now); len(due) > 0 {
			b.Fatal(due)
		}
	}
}
