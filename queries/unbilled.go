package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Unbilled is charges that could not be billed, and are owed still.
type Unbilled struct {
	Invoice   events.InvoiceID // that they would be on
	Player    events.PlayerID
	Charge    events.EventID // the first of them
	Net       events.Money
	Code      string // of the refusal
	GivenUpAt time.Time
}

// UnbilledPage is some charges that could not be billed, the longest waiting
// first.
type UnbilledPage struct {
	Unbilled []Unbilled
	Next     string // the next page's cursor; empty: this was the last
}

// Unbilled answers: which charges could not be billed, and wait for somebody?
func (d *DB) Unbilled(ctx context.Context, cursor string, size int) (UnbilledPage, error) {
	of, after := listOf("unbilled"), byTime{}
	if err := of.after(cursor, &after); err != nil {
		return UnbilledPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Unbilled(ctx, db.UnbilledParams{AfterAt: after.at, AfterID: after.id, PageSize: int32(size + 1)})
	if err != nil {
		return UnbilledPage{}, failed("query what is not billed", err, nil)
	}
	var page UnbilledPage
	page.Unbilled, page.Next = pageOf(of, rows, size, func(r db.UnbilledRow) (Unbilled, key) {
		u := r.ReadUnbilled
		return Unbilled{
			Invoice: events.InvoiceID(u.InvoiceID), Player: events.PlayerID(u.PlayerID), Charge: events.EventID(u.EventID),
			Net: money(u.Net, &u.Currency), Code: u.Code, GivenUpAt: u.GivenUpAt.UTC(),
		}, &byTime{u.GivenUpAt, u.InvoiceID}
	})
	return page, nil
}
