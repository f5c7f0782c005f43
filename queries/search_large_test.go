package queries_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/queries"
)

// tongue makes words, of which some are common, as in any language.
type tongue struct {
	random *rand.Rand
	often  *rand.Zipf
}

func newTongue() *tongue {
	random := rand.New(rand.NewPCG(1, 2))
	return &tongue{random: random, often: rand.NewZipf(random, 1.1, 4, 30_000)}
}

// word is the shorter the more common it is.
func (t *tongue) word() string {
	rank := t.often.Uint64()
	letters := rand.New(rand.NewPCG(rank, 3))
	word := make([]byte, 2+bits.Len64(rank)/2+letters.IntN(3))
	for i := range word {
		word[i] = "eeeetttaaaoooiiinnnssshhrrddllcumwfgypbvk"[letters.IntN(41)]
	}
	return string(word)
}

func (t *tongue) text(words int) string {
	all := make([]string, words)
	for i := range all {
		all[i] = t.word()
	}
	return strings.Join(all, " ")
}

// mistyped is a text with a letter left out.
func (t *tongue) mistyped(text string) string {
	at := 1 + t.random.IntN(max(1, len(text)-2))
	return text[:at] + text[min(len(text), at+1):]
}

// TestALargeLibrary: of 100,000 games, each question is answered within 10 ms
// as a rule. The slowest of 100 is told, and not held: beside other work it is
// the machine's.
func TestALargeLibrary(t *testing.T) {
	if os.Getenv("PLAYCAST_SOAK") == "" {
		t.Log("PLAYCAST_SOAK is not set: small libraries have to do")
		return
	}
	f, words := newFixture(t), newTongue()
	const games = 100_000
	titles := make([]string, games)
	_, err := f.conn.CopyFrom(t.Context(), pgx.Identifier{"read_library_1", "game"}, []string{"game_id", "title", "description", "genre", "art",
		"width", "height", "frame_rate", "inputs", "players", "minimum_age", "published", "reason", "position"},
		pgx.CopyFromSlice(games, func(i int) ([]any, error) {
			titles[i] = words.text(1 + words.random.IntN(4))
			reason := []string{"", "", "", "away"}[words.random.IntN(4)]
			return []any{fmt.Sprintf("g%d", i), titles[i], words.text(30), fmt.Sprintf("genre %d", i%20), "", 2, 2, 1,
				[]string{"keyboard", "gamepad"}[i%2:], 1 + i%4, i % 19, true, reason, i}, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	f.exec(`INSERT INTO read.game_start SELECT game_id, place - 1, substring(title from strpos(title, word)) FROM read.game,
		LATERAL regexp_split_to_table(title, ' ') WITH ORDINALITY w (word, place) WHERE place > 1`)
	f.exec("ANALYZE read_library_1.game; ANALYZE read_library_1.game_start")
	somewhere := func() string { return titles[words.random.IntN(games)] }
	search := func(text string, filter queries.GameFilter) func() error {
		return func() error {
			page, err := f.db.Search(t.Context(), text, filter, "", 20)
			if err == nil && page.Next != "" {
				_, err = f.db.Search(t.Context(), text, filter, page.Next, 20)
			}
			return err
		}
	}
	for name, question := range map[string]func() func() error{
		"a common word": func() func() error { return search(words.word(), queries.GameFilter{}) },
		"a title":       func() func() error { return search(somewhere(), queries.GameFilter{}) },
		"two words":     func() func() error { return search(words.text(2), queries.GameFilter{}) },
		"three words":   func() func() error { return search(words.text(3), queries.GameFilter{}) },
		"a genre": func() func() error {
			return search(words.word(), queries.GameFilter{Genre: "genre 7", Available: true})
		},
		"not a word": func() func() error { return search("-"+words.word(), queries.GameFilter{}) },
		"mistyped":   func() func() error { return search(words.mistyped(somewhere()), queries.GameFilter{}) },
		"nonsense":   func() func() error { return search(strings.Repeat("xyzzy plugh ", 30), queries.GameFilter{}) },
		"browse": func() func() error {
			return search("", queries.GameFilter{Genre: "genre 3", Players: 2, Input: "gamepad", Age: 12})
		},
		"completion": func() func() error {
			title := somewhere()
			return func() error {
				_, err := f.db.Complete(t.Context(), title[:1+words.random.IntN(len(title))])
				return err
			}
		},
	} {
		const times = 300
		took := make([]time.Duration, times)
		for i := range took {
			ask := question()
			began := time.Now()
			if err := ask(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		t.Logf("%-15s p50 %6s  p99 %6s", name, took[times/2].Round(10*time.Microsecond), took[times*99/100].Round(10*time.Microsecond))
		if p50 := took[times/2]; p50 > 20*time.Millisecond { // of two pages
			t.Errorf("%s: p50 is %s", name, p50)
		}
	}
}
