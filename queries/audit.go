package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Deed is something that somebody did and has to answer for. What it was in
// full is in the log, at its position.
type Deed struct {
	Position    events.Position
	At          time.Time
	Actor       events.Actor
	Command     events.CommandID
	Correlation string
	Stream      events.Stream
	Type        string // of the event
	Subject     string // kind:id, such as player:anna, game:doom, worker:w, plan:basic, invoice:…, handler:…
}

// AuditFilter chooses deeds. The zero value is all of them.
type AuditFilter struct {
	Actor   events.Actor // who did it; empty: anybody
	Subject string       // to whom or what; empty: anything
	Type    string       // of the event; empty: any
	Since   time.Time    // from then on; zero: ever
	Until   time.Time    // before then; zero: till now
}

// DeedPage is some of the deeds, newest first.
type DeedPage struct {
	Deeds []Deed
	Next  string // the next page's cursor; empty: this was the last
}

// byMoment is where a deed is in the trail.
type byMoment struct {
	at time.Time
	byPosition
}

func (k *byMoment) code(c *coder) {
	c.time(&k.at)
	k.byPosition.code(c)
}

// within is a range of time as the database takes it, in microseconds.
func within(since, until time.Time) (time.Time, time.Time) {
	if since.Before(startOfTime) {
		since = startOfTime
	}
	if until.IsZero() || until.After(endOfTime) {
		until = endOfTime
	}
	return since.UTC(), until.UTC()
}

// Audit answers: who did what? cursor is the Next of the page before, empty for
// the first; size is 1 to 100.
func (d *DB) Audit(ctx context.Context, filter AuditFilter, cursor string, size int) (DeedPage, error) {
	if err := searchable(string(filter.Actor), filter.Subject, filter.Type); err != nil {
		return DeedPage{}, err
	}
	filter.Since, filter.Until = within(filter.Since, filter.Until)
	of, before := listOf("audit", filter.Actor, filter.Subject, filter.Type, filter.Since, filter.Until), byMoment{endOfTime, byPosition{greatest}}
	if err := of.after(cursor, &before); err != nil {
		return DeedPage{}, err
	}
	size = pageSize(size)
	rows, err := d.planned().Audit(ctx, db.AuditParams{
		Actor: string(filter.Actor), Subject: filter.Subject, Type: filter.Type, Since: filter.Since, Until: filter.Until,
		BeforeAt: before.at, BeforePosition: before.position, PageSize: int32(size + 1),
	})
	if err != nil {
		return DeedPage{}, failed("query the audit trail", err, nil)
	}
	var page DeedPage
	page.Deeds, page.Next = pageOf(of, rows, size, func(r db.ReadAudit) (Deed, key) {
		return Deed{
			Position: events.Position(r.Position), At: r.At.UTC(), Actor: events.Actor(r.Actor), Command: events.CommandID(r.CommandID),
			Correlation: r.Correlation, Stream: events.Stream(r.Stream), Type: r.Type, Subject: r.Subject,
		}, &byMoment{r.At, byPosition{r.Position}}
	})
	return page, nil
}
