package queries

import (
	"context"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// suggestions is how many games Complete names at most.
const suggestions = 10

// Suggestion is a game that somebody may be typing the title of.
type Suggestion struct {
	Game  events.GameID
	Title string
}

// Complete answers: which titles begin so, or have words that do? Without case,
// accents and signs; at most 10, by what begins so. Nothing typed is nothing
// found.
func (d *DB) Complete(ctx context.Context, prefix string) ([]Suggestion, error) {
	if err := searchable(prefix); err != nil {
		return nil, err
	}
	rows, err := d.q.Complete(ctx, db.CompleteParams{Prefix: visible(prefix), AtMost: suggestions})
	if err != nil {
		return nil, failed("complete a title", err, nil)
	}
	found := make([]Suggestion, len(rows))
	for i, row := range rows {
		found[i] = Suggestion{Game: events.GameID(row.GameID), Title: row.Title}
	}
	return found, nil
}
