package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// CurvePoint is some windows of a session's quality that follow each other. A
// pause may lie between two points, and within one.
type CurvePoint struct {
	From, To time.Time
	Figures  Figures
}

// maxPoints is as many as a dashboard can draw.
const maxPoints = 1000

// SessionCurve answers: how was the session's quality over all of it, in so many
// points at most? points is 1 to 1000. Each point is of as many windows, but for
// the last. A session that is not known has none.
func (d *DB) SessionCurve(ctx context.Context, id events.SessionID, points int) ([]CurvePoint, error) {
	rows, err := d.q.SessionCurve(ctx, db.SessionCurveParams{SessionID: uuid.UUID(id), Points: float64(max(1, min(points, maxPoints)))})
	if err != nil {
		return nil, failed("query the session's curve", err, nil)
	}
	curve := make([]CurvePoint, len(rows))
	for i, row := range rows {
		curve[i] = CurvePoint{From: row.BeganAt.UTC(), To: row.EndedAt.UTC(), Figures: figuresOf(row)}
	}
	return curve, nil
}
