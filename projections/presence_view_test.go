package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func is(player events.PlayerID, state, shown events.PresenceState) events.Event {
	return events.PresenceChanged{Player: player, State: state, Shown: shown, At: noon}
}

const (
	away   = events.PresenceIsOffline
	there  = events.PresenceIsOnline
	inGame = events.PresenceIsInGame
)

func TestPresenceOfWhoPlays(t *testing.T) {
	doom, quake := events.SessionID{1}, events.SessionID{2}
	v, f := folded[*presenceView](t, newPresenceView,
		is("anna", there, there),
		events.GameEntered{Player: "anna", Session: doom, Game: "doom", At: noon}, is("anna", inGame, inGame),
		events.GameEntered{Player: "anna", Session: quake, Game: "quake", At: noon},
		events.JoinableChanged{Player: "anna", Session: quake, Joinable: true, At: noon})
	want := presenceRow{Player: "anna", State: inGame, Position: 5, Shown: inGame, ShownAt: noon, ShownPos: 5}
	if row, _ := v.players.Get("anna"); row != want {
		t.Error(cmp.Diff(want, row))
	}
	games := map[playerSession]playingRow{
		{"anna", doom}:  {Player: "anna", Session: doom, Game: "doom", EnteredPos: 2},
		{"anna", quake}: {Player: "anna", Session: quake, Game: "quake", Joinable: true, EnteredPos: 4},
	}
	if diff := cmp.Diff(games, rows(v.playing)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.take("", events.GameLeft{Player: "anna", Session: quake, At: noon}, events.GameLeft{Player: "anna", Session: doom, At: noon},
		is("anna", away, away))
	want = presenceRow{Player: "anna", State: away, Position: 8, Shown: away, ShownAt: noon, ShownPos: 8}
	if row, _ := v.players.Get("anna"); row != want || len(rows(v.playing)) != 0 {
		t.Error(cmp.Diff(want, row), rows(v.playing))
	}
}

// TestPresenceOfTheInvisible: what others see, and its position, don't move
// with what an invisible player does.
func TestPresenceOfTheInvisible(t *testing.T) {
	v, f := folded[*presenceView](t, newPresenceView,
		events.VisibilityChanged{Player: "anna", Invisible: true, At: noon}, is("anna", there, away))
	want := presenceRow{Player: "anna", State: there, Invisible: true, Position: 2, Shown: away}
	if row, _ := v.players.Get("anna"); row != want {
		t.Error(cmp.Diff(want, row))
	}
	f.take("", events.VisibilityChanged{Player: "anna", Invisible: true, At: noon},
		events.GameEntered{Player: "anna", Session: events.SessionID{1}, Game: "doom", At: noon}, is("anna", inGame, away))
	if row, _ := v.players.Get("anna"); row.ShownPos != 0 || row.Position != 5 {
		t.Errorf("%+v", row)
	}
	f.take("", events.VisibilityChanged{Player: "anna", At: noon}, events.PresenceChanged{Player: "anna", State: inGame, Shown: inGame, At: noon.Add(time.Minute)})
	if row, _ := v.players.Get("anna"); row.Shown != inGame || row.ShownPos != 7 || !row.ShownAt.Equal(noon.Add(time.Minute)) || row.Invisible {
		t.Errorf("who is seen again is %+v", row)
	}
}

// TestPresenceRowsRest: what changes nothing that is shown changes no row.
func TestPresenceRowsRest(t *testing.T) {
	v, f := folded[*presenceView](t, newPresenceView, is("anna", there, there))
	f.take("", is("anna", there, there), events.VisibilityChanged{Player: "anna", At: noon},
		events.JoinableChanged{Player: "anna", Session: events.SessionID{1}, Joinable: true, At: noon})
	if row, _ := v.players.Get("anna"); row.Position != 1 {
		t.Errorf("%+v", row)
	}
}

// TestPresenceOfTheErased: nothing that follows of the end of their presence
// makes a row.
func TestPresenceOfTheErased(t *testing.T) {
	doom := events.SessionID{1}
	v, f := folded[*presenceView](t, newPresenceView,
		events.VisibilityChanged{Player: "anna", Invisible: true, At: noon},
		events.GameEntered{Player: "anna", Session: doom, Game: "doom", At: noon}, is("anna", inGame, away))
	f.take("", events.PlayerErased{Player: "anna", At: noon})
	if len(rows(v.players)) != 0 || len(rows(v.playing)) != 0 {
		t.Errorf("there are %v, %v", rows(v.players), rows(v.playing))
	}
	f.take("", events.JoinableChanged{Player: "anna", Session: doom, Joinable: true, At: noon},
		events.GameLeft{Player: "anna", Session: doom, At: noon}, events.VisibilityChanged{Player: "anna", At: noon},
		events.PresenceCleared{Player: "anna", At: noon}, is("anna", away, away))
	if len(rows(v.players)) != 0 || len(rows(v.playing)) != 0 {
		t.Errorf("at last there are %v, %v", rows(v.players), rows(v.playing))
	}
}
