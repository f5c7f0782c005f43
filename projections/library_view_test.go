package projections

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func TestTheLibrary(t *testing.T) {
	doom := events.Game{ID: "doom", Title: "Doom", Genre: "shooter", Width: 640, Height: 480, FrameRate: 35, Inputs: []events.Input{events.Keyboard}}
	renamed := doom
	renamed.Title, renamed.Players = "Doom: Knee-Deep in the Dead", 4
	v, f := folded[*libraryView](t, newLibraryView,
		events.GamePublished{Game: doom},
		events.AgeLimitChanged{Game: "doom", Minimum: 16},
		events.GameBecameUnavailable{Game: "doom", Reason: "not installed"},
		events.GameChanged{Game: renamed})
	want := gameRow{ID: "doom", Title: renamed.Title, Genre: "shooter", Width: 640, Height: 480, FrameRate: 35, Inputs: doom.Inputs,
		Players: 4, MinimumAge: 16, Published: true, Reason: "not installed", Position: 4}
	if diff := cmp.Diff(map[events.GameID]gameRow{"doom": want}, rows(v.games)); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	f.take("", events.GameBecameAvailable{Game: "doom"}, events.GameWithdrawn{Game: "doom"})
	if row, _ := v.games.Get("doom"); row.Published || row.Reason != "" || len(rows(v.starts)) > 0 {
		t.Errorf("withdrawn: %+v, %v", row, rows(v.starts))
	}
	f.take("", events.GamePublished{Game: renamed})
	if row, _ := v.games.Get("doom"); !row.Published || row.MinimumAge != 16 || row.Position != 7 || len(rows(v.starts)) != 5 {
		t.Errorf("published again: %+v, %v", row, rows(v.starts))
	}
}

func TestATitleIsFoundByItsWords(t *testing.T) {
	titled := func(title string) events.Game { return events.Game{ID: "doom", Title: title} }
	v, f := folded[*libraryView](t, newLibraryView, events.GamePublished{Game: titled("The Ultimate Doom II")})
	for i, c := range []struct {
		title string
		want  []string
	}{
		{"The Ultimate Doom II", []string{"Ultimate Doom II", "Doom II", "II"}},
		{"The Doom", []string{"Doom"}},
		{"¡Ay, Caramba! 🎮 №7", []string{"Caramba! 🎮 №7", "7"}},
		{"Poke\u0301mon Red", []string{"Red"}},
		{"🎮 !", nil},
		{"", nil},
		{"a b c d e f g h i j k l m n o", []string{"b c d e f g h i j k l m n o", "c d e f g h i j k l m n o", "d e f g h i j k l m n o",
			"e f g h i j k l m n o", "f g h i j k l m n o", "g h i j k l m n o", "h i j k l m n o", "i j k l m n o", "j k l m n o", "k l m n o", "l m n o", "m n o"}},
		{"Doom", nil},
	} {
		f.take("", events.GameChanged{Game: titled(c.title)})
		got := rows(v.starts)
		for place, start := range c.want {
			if got[startKey{"doom", place + 1}].Start != start {
				t.Errorf("%d: %q has %v", i, c.title, got)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%d: %q has %v", i, c.title, got)
		}
	}
}

func TestRatingsAreCounted(t *testing.T) {
	v, f := folded[*libraryView](t, newLibraryView,
		events.GameRated{Game: "doom", Player: "anna", Stars: 4},
		events.GameRated{Game: "doom", Player: "bert", Stars: 1},
		events.GameRated{Game: "doom", Player: "anna", Stars: 5, Before: 4},
		events.GameRated{Game: "quake", Player: "anna", Stars: 3})
	want := map[events.GameID]gameRatingRow{"doom": {"doom", 2, 6}, "quake": {"quake", 1, 3}}
	if diff := cmp.Diff(want, rows(v.ratings)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.take("", events.GameRatingWithdrawn{Game: "doom", Player: "anna", Before: 5})
	if row, _ := v.ratings.Get("doom"); row != (gameRatingRow{"doom", 1, 1}) || len(f.told) != 1 || f.told[0] != events.GameStream("doom") {
		t.Errorf("withdrawn: %+v, told of %v", row, f.told)
	}
}
