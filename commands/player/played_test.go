package player_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

func TestPlayedIsWhatTheAccountHasOfTheLastDays(t *testing.T) {
	var played player.Played
	var want player.Played
	for days := range 12 {
		from := Now.Add(time.Duration(days) * 24 * time.Hour)
		segment := events.Segment{Number: 1, From: from, To: from.Add(time.Hour)}
		played = played.Evolve(events.PlaytimeMetered{Player: "anna", Game: "doom", Segment: segment, At: segment.To})
		played = played.Evolve(events.AccountOpened{Player: "anna", At: segment.To})
		if days >= 3 { // the last one's end looks back eight days
			want = append(want, player.Span{From: segment.From, To: segment.To})
		}
	}
	if diff := cmp.Diff(want, played); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
