package queries_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/playcast/playcast/queries"
)

func (f *fixture) shelveSome() {
	f.shelve(
		shelf{id: "freedoom", title: "Freedoom: Phase 1", genre: "Shooter", description: "A free game with the engine of Doom."},
		shelf{id: "doom", title: "Doom", genre: "Shooter", description: "Hell on Mars.", age: 16},
		shelf{id: "pokemon", title: "Pokémon Rouge", genre: "Rôle", description: "Attrapez-les tous"},
		shelf{id: "supertux", title: "SuperTux 2: Milestone Edition", genre: "Jump and run", description: "A penguin runs.", players: 2},
		shelf{id: "kart", title: "SuperTuxKart", genre: "Race", description: "Penguins race. No doom here!", reason: "not installed"},
		shelf{id: "maze", title: "Лабиринт", genre: "Puzzle", description: "迷宮 のゲーム"},
		shelf{id: "gone", title: "Doom Gone", hidden: true})
}

func TestSearch(t *testing.T) {
	f := newFixture(t)
	f.shelveSome()
	for _, c := range []struct {
		text  string
		alike bool
		want  []string
	}{
		{"doom", false, []string{"doom", "freedoom", "kart"}}, // the title, then descriptions
		{"  DOOM\t", false, []string{"doom", "freedoom", "kart"}},
		{"pokemon", false, []string{"pokemon"}},
		{"POKÉMON rouge", false, []string{"pokemon"}},
		{"Poke\u0301mon", false, []string{"pokemon"}},
		{"role", false, []string{"pokemon"}},
		{"лабиринт", false, []string{"maze"}},
		{"shooter", false, []string{"doom", "freedoom"}},
		{`"free game"`, false, []string{"freedoom"}},
		{`"game free"`, true, []string{"freedoom"}}, // nothing has it so
		{"doom -mars", false, []string{"freedoom", "kart"}},
		{"mars or race", false, []string{"kart", "doom"}},
		{"pokmon", true, []string{"pokemon"}},
		{"suprtux", true, []string{"kart", "supertux"}},
		{"dooom", true, []string{"doom"}}, {"dom", false, nil},
		{"fredoom", true, []string{"freedoom", "doom"}},
		{"лабирнт", true, []string{"maze"}},
		{"do\u200bom\ufeff", false, []string{"doom", "freedoom", "kart"}},
		{"\u202edoom\u202c", false, []string{"doom", "freedoom", "kart"}},
		{"doom 🎮", false, []string{"doom", "freedoom", "kart"}},
		{"🎮", false, nil}, {"' OR 1=1 --", true, []string{"freedoom"}}, // it has a 1
		{`"`, false, nil}, {"-", false, nil}, {":*", false, nil}, {"!!", false, nil},
		{"& | ! <-> ()", false, nil}, {`\`, false, nil}, {"%", false, nil}, {"xyzzy", false, nil}, {"zz", false, nil},
		{strings.Repeat("doom ", 80), false, []string{"doom", "freedoom", "kart"}},
		{strings.Repeat("🎮", 100), false, nil},
		{strings.Repeat("x", 400), false, nil},
	} {
		page, err := f.db.Search(t.Context(), c.text, queries.GameFilter{}, "", 10)
		if got := ids(page.Games); err != nil || page.Alike != c.alike || !sameGames(got, c.want, c.alike) {
			t.Errorf("%.40q: %v, alike %v, %v; want %v", c.text, got, page.Alike, err, c.want)
		}
	}
	for _, nothing := range []string{"", " \t\n", "\u200b\u202e"} {
		if page, err := f.db.Search(t.Context(), nothing, queries.GameFilter{}, "", 10); err != nil || len(page.Games) != 6 {
			t.Errorf("%q: %v, %v", nothing, ids(page.Games), err)
		}
	}
	for _, bad := range []string{"\x00", "do\x00om", "a\xff", "\xed\xa0\x80", strings.Repeat("a ", 5000)} {
		if _, err := f.db.Search(t.Context(), bad, queries.GameFilter{}, "", 10); !errors.Is(err, queries.ErrSearch) {
			t.Errorf("%.9q: %v", bad, err)
		}
		if _, err := f.db.Search(t.Context(), "doom", queries.GameFilter{Genre: bad}, "", 10); !errors.Is(err, queries.ErrSearch) {
			t.Errorf("genre %.9q: %v", bad, err)
		}
	}
}

// sameGames compares in order what has the words. What is alike has to begin
// with what was meant.
func sameGames(got, want []string, alike bool) bool {
	if alike {
		return len(got) > 0 && slices.Contains(want, got[0])
	}
	return slices.Equal(got, want)
}

func TestASearchIsFiltered(t *testing.T) {
	f := newFixture(t)
	f.shelveSome()
	for _, c := range []struct {
		text   string
		filter queries.GameFilter
		want   []string
	}{
		{"doom", queries.GameFilter{Genre: "Shooter"}, []string{"doom", "freedoom"}},
		{"doom", queries.GameFilter{Available: true, Age: 12}, []string{"freedoom"}},
		{"penguin or penguins", queries.GameFilter{Players: 2}, []string{"supertux"}},
		{"suprtux", queries.GameFilter{Genre: "Race"}, []string{"kart"}},
		{"doom", queries.GameFilter{Input: "gamepad"}, nil},
		{"-doom", queries.GameFilter{Genre: "Puzzle"}, []string{"maze"}},
	} {
		page, err := f.db.Search(t.Context(), c.text, c.filter, "", 10)
		if got := ids(page.Games); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %+v: %v, %v", c.text, c.filter, got, err)
		}
	}
}

// pages collects a search page by page.
func (f *fixture) pages(text string, size int) (all []string, longest int) {
	f.t.Helper()
	for cursor := ""; ; {
		page, err := f.db.Search(f.t.Context(), text, queries.GameFilter{}, cursor, size)
		if err != nil {
			f.t.Fatalf("%s: %v", text, err)
		}
		all = append(all, ids(page.Games)...)
		longest = max(longest, len(page.Next))
		if cursor = page.Next; cursor == "" {
			return all, longest
		}
	}
}

// TestPagesOfASearch: in each of its orders, the pages have every game once,
// also those that are equal but for their ids.
func TestPagesOfASearch(t *testing.T) {
	f := newFixture(t)
	f.exec(`INSERT INTO read.game (game_id, title, description, genre, art, width, height, frame_rate, inputs, players, minimum_age, published, reason, position)
		SELECT 'g' || n, CASE WHEN n % 3 = 0 THEN 'Racing' ELSE 'Race of the year' END, CASE WHEN n % 20 = 0 THEN 'karting racing' ELSE 'some' END, 'g', '', 2, 2, 1, '{}', 1, 0, true, '', n
		FROM generate_series(1, 1100) n`)
	for _, c := range []struct {
		text  string
		games int
		first string
	}{
		{"karting racing", 55, "g1020"}, // by rank: those that are named so first
		{"-xyzzy", 1100, "g1"},          // by title
		{"race", 734, "g1"},
		{"year or racing", 1100, "g1"},
		{"raceing year", 734, "g1"}, // by likeness
	} {
		whole, longest := f.pages(c.text, 100)
		if whole[0] != c.first || len(whole) != c.games || longest > 200 {
			t.Errorf("%s: %d games from %s on, cursors of %d", c.text, len(whole), whole[0], longest)
		}
		if c.games > 100 {
			continue
		}
		for size := 1; size <= 8; size++ {
			if got, _ := f.pages(c.text, size); !slices.Equal(got, whole) {
				t.Errorf("%s: in pages of %d: %v; want %v", c.text, size, got, whole)
			}
		}
	}
	page, err := f.db.Search(t.Context(), "race", queries.GameFilter{}, "", 3)
	if err != nil {
		t.Fatal(err)
	}
	for text, filter := range map[string]queries.GameFilter{"racing": {}, "race": {Genre: "g"}, "": {}} {
		if _, err := f.db.Search(t.Context(), text, filter, page.Next, 3); !errors.Is(err, queries.ErrCursor) {
			t.Errorf("the cursor is taken for %q %+v: %v", text, filter, err)
		}
	}
}

// TestAnyTextIsSearched: signs, marks and letters of any kind, in any order, are
// searched for and completed without an error.
func TestAnyTextIsSearched(t *testing.T) {
	f := newFixture(t)
	f.shelveSome()
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{`"`, "-", " ", " or ", " OR ", "(", ")", "&", "|", "!", ":", "*", "<->", "<2>", `\`, "'", "''", "%", "_", ";", "--", "/*", "$1", "$$",
		"doom", "Doom", "ß", "İ", "ǅ", "\u0301", "\u200b", "\u202e", "\ufeff", "🎮", "👩‍👩‍👧", "مرحبا", "迷宮", "\t", "\r\n", "\x01", "\x7f", "\u2028", "\U0010ffff", "a.b@c.de", "http://x/y?z=1", "-1e9", "1/2", "<b>", "&amp;"}
	for range 400 {
		var text strings.Builder
		for range 1 + random.IntN(12) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		if _, err := f.db.Search(t.Context(), text.String(), queries.GameFilter{}, "", 1+random.IntN(3)); err != nil {
			t.Errorf("search %q: %v", text.String(), err)
		}
		if _, err := f.db.Complete(t.Context(), text.String()); err != nil {
			t.Errorf("complete %q: %v", text.String(), err)
		}
	}
}
