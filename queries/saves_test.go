package queries_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

func TestSaves(t *testing.T) {
	p := newProjected(t)
	for i, game := range []events.GameID{"doom", "hexen", "quake"} {
		id := p.played("anna", game, "w", false)
		p.happened(queries.ViewSession, events.SessionStream(id),
			events.SavesTroubled{Session: id, Trouble: events.SavesBehind, Detail: "no answer", At: noon.Add(time.Duration(i%2) * time.Minute)},
			events.SavesKept{Session: id, Version: "v1", Bytes: 10, Files: 2, Skipped: 1, At: noon})
	}
	kept := p.played("bert", "doom", "w", false)
	p.happened(queries.ViewSession, events.SessionStream(kept), events.SavesKept{Session: kept, Version: "v9", Bytes: 1, Files: 1, At: noon})

	got, err := p.db.SavesOf(t.Context(), "bert", "doom")
	want := queries.Saves{Player: "bert", Game: "doom", Position: got.Position,
		Kept: &queries.KeptSaves{At: noon, Session: kept, Version: "v9", Bytes: 1, Files: 1, Times: 1}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = p.db.SavesOf(t.Context(), "anna", "hexen")
	if err != nil || *got.Trouble != (queries.SavesTrouble{At: noon.Add(time.Minute), Session: got.Kept.Session, Kind: events.SavesBehind, Detail: "no answer", Times: 1}) {
		t.Errorf("%+v, %v", got.Trouble, err)
	}
	if _, err := p.db.SavesOf(t.Context(), "bert", "hexen"); !errors.Is(err, queries.ErrSavesUnknown) {
		t.Errorf("saves of a game that was not played: %v", err)
	}
	games := func(ask func(cursor string) (queries.SavesPage, error)) (all []events.GameID) {
		t.Helper()
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := ask(cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Saves {
				if s.Player != "anna" {
					t.Errorf("%+v", s)
				}
				all = append(all, s.Game)
			}
			cursor = page.Next
		}
		return all
	}
	all := games(func(cursor string) (queries.SavesPage, error) {
		return p.db.SavesOfPlayer(t.Context(), "anna", cursor, 2)
	})
	if diff := cmp.Diff([]events.GameID{"doom", "hexen", "quake"}, all); diff != "" {
		t.Errorf("anna's (-want +got):\n%s", diff)
	}
	all = games(func(cursor string) (queries.SavesPage, error) { return p.db.TroubledSaves(t.Context(), cursor, 1) })
	if diff := cmp.Diff([]events.GameID{"hexen", "quake", "doom"}, all); diff != "" {
		t.Errorf("those with trouble (-want +got):\n%s", diff)
	}
}
