package queries_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// shelf is a game as a test says it; empty: as the others.
type shelf struct {
	id, title, genre, description, reason, input string
	players, age                                 int
	hidden                                       bool
}

// shelve adds games, with the starts of their titles.
func (f *fixture) shelve(games ...shelf) {
	f.t.Helper()
	for _, g := range games {
		f.exec(`INSERT INTO read.game (game_id, title, description, genre, art, width, height, frame_rate, inputs, players, minimum_age, published, reason, position)
			VALUES ($1, $2, $3, $4, '/art', 640, 480, 35, ARRAY[coalesce(nullif($5, ''), 'keyboard')], $6, $7, $8, $9, 1)`,
			g.id, g.title, g.description, g.genre, g.input, max(g.players, 1), g.age, !g.hidden, g.reason)
	}
	f.exec(`INSERT INTO read.game_start SELECT game_id, place - 1, substring(title from strpos(title, word)) FROM read.game,
		LATERAL regexp_split_to_table(title, ' ') WITH ORDINALITY w (word, place) WHERE published AND place > 1 ON CONFLICT DO NOTHING`)
}

func ids(games []queries.Game) []string {
	var all []string
	for _, g := range games {
		all = append(all, string(g.ID))
	}
	return all
}

func TestLibraryAndGame(t *testing.T) {
	f := newFixture(t)
	f.shelve(shelf{id: "b", title: "Alpha", genre: "g", description: "d"},
		shelf{id: "a", title: "Beta", reason: "not installed", age: 16, players: 2}, shelf{id: "c", title: "Gone", hidden: true})
	f.exec(`INSERT INTO read.game_rating VALUES ('a', 2, 9)`)
	page, err := f.db.Library(t.Context(), queries.GameFilter{}, "", 10)
	if err != nil || page.Next != "" || page.Alike {
		t.Fatalf("%+v, %v", page, err)
	}
	form := queries.GameForm{Width: 640, Height: 480, FrameRate: 35, Inputs: []string{"keyboard"}, Players: 1}
	two := form
	two.Players = 2
	want := []queries.Game{
		{GameEntry: queries.GameEntry{ID: "b", Title: "Alpha", Description: "d", Genre: "g", Art: "/art"}, GameForm: form},
		{GameEntry: queries.GameEntry{ID: "a", Title: "Beta", Art: "/art"}, GameForm: two, MinimumAge: 16, Reason: "not installed", Ratings: 2, Stars: 4.5},
	}
	if diff := cmp.Diff(want, page.Games); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if game, err := f.db.Game(t.Context(), "a"); err != nil || game.Reason != "not installed" {
		t.Errorf("%+v, %v", game, err)
	}
	for _, id := range []events.GameID{"c", "nothing", "'"} {
		if _, err := f.db.Game(t.Context(), id); !errors.Is(err, queries.ErrGameUnknown) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestTheLibraryIsByTitleWithoutCaseAndAccents(t *testing.T) {
	f := newFixture(t)
	f.shelve(shelf{id: "e", title: "zebra"}, shelf{id: "d", title: "Éclair"}, shelf{id: "c", title: "'eat"}, shelf{id: "b", title: "EAT"}, shelf{id: "a", title: "🎮"})
	for size := range 7 {
		var got []string
		for cursor := ""; ; {
			page, err := f.db.Library(t.Context(), queries.GameFilter{}, cursor, size)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, ids(page.Games)...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, []string{"a", "b", "c", "d", "e"}) {
			t.Errorf("in pages of %d: %v", size, got)
		}
	}
	if all, err := f.db.WholeLibrary(t.Context()); err != nil || len(all) != 5 {
		t.Errorf("the whole library: %v, %v", ids(all), err)
	}
}

func TestTheLibraryIsFiltered(t *testing.T) {
	f := newFixture(t)
	f.shelve(shelf{id: "a", title: "One", genre: "race", players: 4, input: "gamepad"}, shelf{id: "b", title: "Two", genre: "race", age: 18},
		shelf{id: "c", title: "Three", genre: "it's", reason: "not installed"})
	for _, c := range []struct {
		filter queries.GameFilter
		want   []string
	}{
		{queries.GameFilter{}, []string{"a", "c", "b"}},
		{queries.GameFilter{Genre: "race"}, []string{"a", "b"}},
		{queries.GameFilter{Genre: "it's"}, []string{"c"}},
		{queries.GameFilter{Genre: "Race' OR '1'='1"}, nil},
		{queries.GameFilter{Players: 2}, []string{"a"}},
		{queries.GameFilter{Players: 1 << 40}, nil},
		{queries.GameFilter{Players: -1 << 40}, []string{"a", "c", "b"}},
		{queries.GameFilter{Input: "gamepad"}, []string{"a"}},
		{queries.GameFilter{Available: true}, []string{"a", "b"}},
		{queries.GameFilter{Age: 17}, []string{"a", "c"}},
		{queries.GameFilter{Age: 18}, []string{"a", "c", "b"}},
		{queries.GameFilter{Age: -1}, []string{"a", "c"}},
		{queries.GameFilter{Genre: "race", Available: true, Age: 3, Players: 4, Input: "gamepad"}, []string{"a"}},
	} {
		page, err := f.db.Library(t.Context(), c.filter, "", 10)
		if got := ids(page.Games); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, %v", c.filter, got, err)
		}
	}
	first, err := f.db.Library(t.Context(), queries.GameFilter{}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.Library(t.Context(), queries.GameFilter{Genre: "race"}, first.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a cursor of another filter: %v", err)
	}
}

func TestComplete(t *testing.T) {
	f := newFixture(t)
	f.shelve(shelf{id: "doom", title: "Doom"}, shelf{id: "ultimate", title: "The Ultimate Doom"}, shelf{id: "dooms", title: "Doom, Doomed Doom"},
		shelf{id: "half", title: "Half-Life: Élan"}, shelf{id: "gone", title: "Doomsday", hidden: true}, shelf{id: "dance", title: "🎮 Dance"})
	for prefix, want := range map[string][]string{
		"d": {"dance", "doom", "dooms", "ultimate"}, "DOOM": {"doom", "dooms", "ultimate"}, "doom, d": {"dooms"}, "ult": {"ultimate"},
		"ultimate  do": {"ultimate"}, "half l": {"half"}, "ela": {"half"}, "d\u200bo": {"doom", "dooms", "ultimate"}, "\u202edoomed": {"dooms"},
		"": nil, "🎮": nil, "%": nil, "_oom": nil, "' OR 1=1": nil, "oom": nil,
	} {
		found, err := f.db.Complete(t.Context(), prefix)
		var got []string
		for _, s := range found {
			got = append(got, string(s.Game))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", prefix, got, err)
		}
	}
	for i := range 30 {
		f.shelve(shelf{id: fmt.Sprintf("ho%02d", i), title: "Ho ho ho ho"})
	}
	if found, err := f.db.Complete(t.Context(), "ho"); err != nil || len(found) != 10 {
		t.Errorf("%v, %v", found, err)
	}
	for _, bad := range []string{"\x00", "a\xff", string(make([]byte, 10_000))} {
		if _, err := f.db.Complete(t.Context(), bad); !errors.Is(err, queries.ErrSearch) {
			t.Errorf("%.9q: %v", bad, err)
		}
	}
}
