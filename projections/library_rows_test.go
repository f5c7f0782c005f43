package projections_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// noise is text that nothing compresses, in words of a length.
func noise(letters, word int) string {
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]rune, letters)
	for i := range text {
		text[i] = rune('一' + random.IntN(20_000))
		if i%(word+1) == word {
			text[i] = ' '
		}
	}
	return string(text)
}

// TestGamesOfAnySize: whatever a catalog says of a game, the library goes on,
// and has it.
func TestGamesOfAnySize(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	games := []events.Game{
		{ID: "long", Title: noise(9_000, 5), Genre: noise(9_000, 5), Description: noise(20_000, 5)},
		{ID: "unbroken", Title: noise(9_000, 9_000), Genre: noise(9_000, 9_000), Description: noise(20_000, 20_000)},
		{ID: "nul", Title: "a\x00b", Genre: "\x00", Description: "\x00"},
		{ID: "nothing"},
		{ID: "signs", Title: "🎮 \u200b\u202e' \" \\ :* & | ! <-> ( %", Genre: "'", Description: "\\"},
	}
	for _, game := range games {
		game.Inputs = []events.Input{events.Keyboard}
		h.put(events.GameStream(game.ID), events.GamePublished{Game: game, At: h.now}, events.GameWithdrawn{Game: game.ID, At: h.now},
			events.GamePublished{Game: game, At: h.now})
	}
	run(t, url, store)
	settle(t, url, store, "library")
	got := scanRow(t, url, `SELECT count(*), count(*) FILTER (WHERE words @@ to_tsquery('read.words', 'a')), max(length(plain)) FROM read.game WHERE published`)
	if diff := cmp.Diff([]any{int64(len(games)), int64(1), int32(80)}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
