package queries

import (
	"context"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// The order in which a search gives its games. It is chosen with the first page
// and stays in the cursor.
const (
	byRankOfWords = 1 + iota
	byTitleOfMany // have the words: they are so common that a rank would mean nothing
	byLikeness    // since no game has the words
)

// manyGames is from how many on that have the words a search is by title.
const manyGames = 500

// longestSearch is the longest text to search for, in bytes.
const longestSearch = 400

// ErrSearch refuses what can't be searched for.
var ErrSearch = &events.Fault{Kind: events.Invalid, Code: "search-invalid",
	Message: "Search for up to 400 bytes of text in UTF-8, without a NUL."}

// searchable refuses texts that the database would not take, or not quickly.
func searchable(texts ...string) error {
	for _, text := range texts {
		if len(text) > longestSearch || !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return ErrSearch
		}
	}
	return nil
}

// visible is a text without what shows nothing: joiners, marks of direction.
func visible(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text))
}

// searchKey is where a game is in one of the orders.
type searchKey struct {
	order int64
	rank  float64
	byText
}

func (k *searchKey) code(c *coder) {
	c.number(&k.order)
	c.wrong = c.wrong || k.order < byRankOfWords || k.order > byLikeness
	c.real(&k.rank)
	k.byText.code(c)
}

// Search answers: which games have these words? In a title, genre or
// description, without case and accents, in any language; "in quotes" one after
// the other, OR between what may be instead, - before what must not be there.
// Any text is taken; ErrSearch only for what is too long or no text. The best
// come first. Where no game has the words, those come that are titled alike
// (Alike). No text is the Library.
//
// cursor is the Next of the page before, empty for the first; size is 1 to 100.
func (d *DB) Search(ctx context.Context, text string, filter GameFilter, cursor string, size int) (GamePage, error) {
	if err := searchable(text, filter.Genre, filter.Input); err != nil {
		return GamePage{}, err
	}
	if text = visible(text); text == "" {
		return d.Library(ctx, filter, cursor, size)
	}
	s := search{q: d.planned(), text: text, filter: filter, size: pageSize(size)}
	of := listOf("search", text, filter)
	if err := of.after(cursor, &s.after); err != nil {
		return GamePage{}, err
	}
	if cursor == "" {
		if err := s.begin(ctx); err != nil {
			return GamePage{}, failed("query how many games have the words", err, nil)
		}
	}
	keys, err := s.next(ctx)
	if err != nil {
		return GamePage{}, failed("search the library", err, nil)
	}
	ids, next := pageOf(of, keys, s.size, func(k searchKey) (string, key) { return k.id, &k })
	games, err := d.games(ctx, ids)
	return GamePage{Games: games, Next: next, Alike: s.after.order == byLikeness && len(ids) > 0}, err
}

// search is one page of a search.
type search struct {
	q      *db.Queries
	text   string
	filter GameFilter
	after  searchKey
	size   int
}

// begin chooses the order, and begins before its first game.
func (s *search) begin(ctx context.Context) error {
	f := s.filter
	found, err := s.q.SearchSize(ctx, db.SearchSizeParams{Text: s.text, AtMost: manyGames,
		Genre: f.Genre, Players: f.room(), Input: f.Input, Available: f.Available, Age: f.atAge()})
	s.after = searchKey{order: byRankOfWords, rank: math.MaxFloat64}
	switch {
	case found == 0:
		s.after.order = byLikeness
	case found >= manyGames:
		s.after.order = byTitleOfMany
	}
	return err
}

// next returns the keys of one page and one more.
func (s *search) next(ctx context.Context) ([]searchKey, error) {
	f, more := s.filter, int32(s.size+1)
	var keys []searchKey
	switch s.after.order {
	case byTitleOfMany:
		rows, err := s.q.SearchByTitle(ctx, db.SearchByTitleParams{Text: s.text,
			Genre: f.Genre, Players: f.room(), Input: f.Input, Available: f.Available, Age: f.atAge(),
			AfterPlain: s.after.text, AfterID: s.after.id, PageSize: more})
		for _, r := range rows {
			keys = append(keys, searchKey{order: byTitleOfMany, byText: byText{r.Plain, r.GameID}})
		}
		return keys, err
	case byLikeness:
		rows, err := s.q.SearchByLikeness(ctx, db.SearchByLikenessParams{Text: s.text,
			Genre: f.Genre, Players: f.room(), Input: f.Input, Available: f.Available, Age: f.atAge(),
			Rank: s.after.rank, AfterID: s.after.id, PageSize: more})
		for _, r := range rows {
			keys = append(keys, searchKey{order: byLikeness, rank: r.Rank, byText: byText{id: r.GameID}})
		}
		return keys, err
	default:
		rows, err := s.q.SearchByRank(ctx, db.SearchByRankParams{Text: s.text,
			Genre: f.Genre, Players: f.room(), Input: f.Input, Available: f.Available, Age: f.atAge(),
			Rank: s.after.rank, AfterID: s.after.id, PageSize: more})
		for _, r := range rows {
			keys = append(keys, searchKey{order: byRankOfWords, rank: r.Rank, byText: byText{id: r.GameID}})
		}
		return keys, err
	}
}
