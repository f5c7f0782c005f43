package queries_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// shows adds what a player is, and is shown as.
func (f *fixture) shows(player string, state, shown events.PresenceState, position, shownPos int) {
	f.t.Helper()
	f.exec(`INSERT INTO read.presence VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		player, string(state), state != shown, position, string(shown), noon, shownPos)
}

// plays has a player enter a game.
func (f *fixture) plays(player, game string, joinable bool, position int) events.SessionID {
	f.t.Helper()
	id := events.NewSessionID()
	f.exec(`INSERT INTO read.playing VALUES ($1, $2, $3, $4, $5)`, player, uuid.UUID(id), game, joinable, position)
	return id
}

func (f *fixture) friends(a, b string) {
	f.t.Helper()
	f.exec(`INSERT INTO read.friendship VALUES ($1, $2, $3), ($2, $1, $3)`, a, b, noon)
}

// crowd is players of whom some play, one is invisible, and one blocks anna.
func crowd(f *fixture) (doom, quake events.SessionID) {
	f.shows("bert", events.PresenceIsInGame, events.PresenceIsInGame, 5, 5)
	f.plays("bert", "tetris", true, 2)
	doom = f.plays("bert", "doom", true, 4)
	f.shows("cora", events.PresenceIsInGame, events.PresenceIsOffline, 9, 3)
	quake = f.plays("cora", "quake", false, 8)
	f.shows("dora", events.PresenceIsOnline, events.PresenceIsOnline, 6, 6)
	f.exec(`INSERT INTO read.block VALUES ('dora', 'anna', $1)`, noon)
	return doom, quake
}

func TestPresence(t *testing.T) {
	f := newFixture(t)
	doom, quake := crowd(f)
	f.shows("fred", events.PresenceIsInGame, events.PresenceIsInGame, 7, 7)
	f.plays("fred", "doom", false, 7)
	got, err := f.db.Presences(t.Context(), []events.PlayerID{"fred", "nobody", "dora", "bert", "cora"}, "anna")
	want := []queries.Presence{
		{Player: "fred", State: events.PresenceIsInGame, Since: noon, Playing: &queries.Playing{Game: "doom"}, Position: 7},
		{Player: "nobody", State: events.PresenceIsOffline},
		{Player: "dora", State: events.PresenceIsOffline},
		{Player: "bert", State: events.PresenceIsInGame, Since: noon, Playing: &queries.Playing{Game: "doom", Session: doom, Joinable: true}, Position: 5},
		{Player: "cora", State: events.PresenceIsOffline, Since: noon, Position: 3},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	self, err := f.db.Presence(t.Context(), "cora", "cora")
	mine := queries.Presence{Player: "cora", State: events.PresenceIsInGame, Playing: &queries.Playing{Game: "quake", Session: quake}, Invisible: true, Position: 9}
	if diff := cmp.Diff(mine, self); err != nil || diff != "" {
		t.Errorf("of themselves they see: %v -want +got:\n%s", err, diff)
	}
	// Who blocks sees no more of the other than they do.
	f.shows("anna", events.PresenceIsOnline, events.PresenceIsOnline, 10, 10)
	if p, err := f.db.Presence(t.Context(), "anna", "dora"); err != nil || p.State != events.PresenceIsOffline || p.Position != 0 {
		t.Errorf("who blocks sees %+v, %v", p, err)
	}
}

func TestFriends(t *testing.T) {
	f := newFixture(t)
	doom, _ := crowd(f)
	for _, friend := range []string{"eva", "cora", "bert"} {
		f.friends("anna", friend)
	}
	f.exec(`INSERT INTO read.circle VALUES ('anna', 3, 2, 1, 0, 12)`)
	var got []queries.Friend
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, err := f.db.Friends(t.Context(), "anna", cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		got, cursor = append(got, page.Friends...), page.Next
	}
	want := []queries.Friend{
		{FriendSince: noon, Presence: queries.Presence{Player: "bert", State: events.PresenceIsInGame, Since: noon,
			Playing: &queries.Playing{Game: "doom", Session: doom, Joinable: true}, Position: 5}},
		{FriendSince: noon, Presence: queries.Presence{Player: "cora", State: events.PresenceIsOffline, Since: noon, Position: 3}},
		{FriendSince: noon, Presence: queries.Presence{Player: "eva", State: events.PresenceIsOffline}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	circle, err := f.db.Circle(t.Context(), "anna")
	if err != nil || circle != (queries.Circle{Friends: 3, Asking: 2, Asked: 1, Position: 12}) {
		t.Errorf("anna has %+v, %v", circle, err)
	}
	if circle, err := f.db.Circle(t.Context(), "nobody"); err != nil || circle != (queries.Circle{}) {
		t.Errorf("nobody has %+v, %v", circle, err)
	}
}

func TestFriendRequests(t *testing.T) {
	f := newFixture(t)
	f.exec(`INSERT INTO read.friend_request VALUES
		('bert', 'anna', $1, 3, $1, 3), ('cora', 'anna', $1, 4, $1, 6), ('dora', 'anna', $1, 5, NULL, NULL), ('bert', 'cora', $1, 7, $1, 7)`, noon)
	f.exec(`INSERT INTO read.block VALUES ('anna', 'dora', $1)`, noon)
	type page func(cursor string) (queries.FriendRequestPage, error)
	for name, c := range map[string]struct {
		of   page
		want []events.PlayerID
	}{
		"to anna": {func(c string) (queries.FriendRequestPage, error) { return f.db.RequestsTo(t.Context(), "anna", c, 1) }, []events.PlayerID{"cora", "bert"}},
		"by bert": {func(c string) (queries.FriendRequestPage, error) { return f.db.RequestsBy(t.Context(), "bert", c, 1) }, []events.PlayerID{"cora", "anna"}},
		"by dora": {func(c string) (queries.FriendRequestPage, error) { return f.db.RequestsBy(t.Context(), "dora", c, 1) }, []events.PlayerID{"anna"}},
	} {
		var got []events.PlayerID
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := c.of(cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Requests {
				got = append(got, r.Player)
			}
			cursor = page.Next
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	blocked, err := f.db.Blocked(t.Context(), "anna", "", 10)
	if err != nil || len(blocked.Blocked) != 1 || blocked.Blocked[0].Player != "dora" || blocked.Next != "" {
		t.Errorf("anna blocks %+v, %v", blocked, err)
	}
	if _, err := f.db.Blocked(t.Context(), "anna", "AAAA", 10); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a forged cursor: %v", err)
	}
}

// TestTieOfTheBlocked: who is blocked is not told.
func TestTieOfTheBlocked(t *testing.T) {
	f := newFixture(t)
	f.exec(`INSERT INTO read.friend_request VALUES ('dora', 'anna', $1, 5, NULL, NULL)`, noon)
	f.exec(`INSERT INTO read.block VALUES ('anna', 'dora', $1)`, noon)
	for pair, want := range map[[2]events.PlayerID]queries.Tie{
		{"anna", "dora"}: {Blocking: true},
		{"dora", "anna"}: {Asking: true},
		{"anna", "bert"}: {},
	} {
		if got, err := f.db.Tie(t.Context(), pair[0], pair[1]); err != nil || got != want {
			t.Errorf("%v: %+v, %v", pair, got, err)
		}
		apart, err := f.db.Apart(t.Context(), pair[0], pair[1])
		if err != nil || apart != (pair[1] != "bert") {
			t.Errorf("%v are apart: %v, %v", pair, apart, err)
		}
	}
	f.lobby("anna", "doom", 1)
	if page, err := f.db.JoinableLobbies(t.Context(), "dora", "", "", 10); err != nil || page.Lobbies != nil {
		t.Errorf("dora can join %+v, %v", page.Lobbies, err)
	}
}
