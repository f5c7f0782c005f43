package numbering

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// What Assign refuses.
var (
	ErrSeries = &events.Fault{Kind: events.Invalid, Code: "series-invalid",
		Message: "A series of numbers is a month, as in 2026-11."}
	ErrDocument = &events.Fault{Kind: events.Invalid, Code: "document-unnamed",
		Message: "A number is for an invoice, or for a credit note on one."}
)

// Assign gives a document the next number of its series. One that has a number
// keeps it.
type Assign struct {
	Series   events.Series
	Document events.Document
}

func (a Assign) Target() events.Stream { return events.SeriesStream(a.Series) }

func (a Assign) Decide(s Series, now time.Time) ([]events.Event, error) {
	if month, err := time.Parse("2006-01", string(a.Series)); err != nil || events.SeriesAt(month) != a.Series {
		return nil, ErrSeries.With(fmt.Sprintf("%q is no series of numbers. Name a month, as in 2026-11.", string(a.Series)))
	}
	if a.Document.Invoice.IsZero() {
		return nil, ErrDocument
	}
	if _, done := s.numbered[a.Document]; done {
		return nil, nil
	}
	number := s.Last + 1
	return []events.Event{events.NumberAssigned{
		Series: a.Series, Number: number, Printed: a.Series.Number(number), Document: a.Document, At: now,
	}}, nil
}
