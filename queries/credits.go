package queries

import (
	"context"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// CreditState is what has become of a credit.
type CreditState string

// The states.
const (
	CreditIsOpen    CreditState = "open" // something is left of it
	CreditIsBurnt   CreditState = "burnt"
	CreditIsExpired CreditState = "expired"
	CreditIsRevoked CreditState = "revoked"
)

// Credit is play that a player has bought or was given.
type Credit struct {
	ID        events.CreditID
	State     CreditState
	Play      time.Duration
	Left      time.Duration
	Lapsed    time.Duration // expired or revoked
	Price     events.Money  // zero: a gift
	Earned    events.Money  // of the price
	Priority  int           // the least is burnt first
	ExpiresAt *time.Time    // nil: never
	GrantedAt time.Time
	EndedAt   *time.Time
	Position  events.Position
}

// OpenCredits answers: what is left of the player's credits, in the order in
// which they are burnt? An account has at most a hundred.
func (d *DB) OpenCredits(ctx context.Context, player events.PlayerID) ([]Credit, error) {
	rows, err := d.q.OpenCredits(ctx, string(player))
	if err != nil {
		return nil, failed("query the open credits", err, nil)
	}
	credits := make([]Credit, 0, len(rows))
	for _, row := range rows {
		credits = append(credits, creditOf(row.ReadCredit))
	}
	return credits, nil
}

// CreditPage is some of a player's credits, the last one first.
type CreditPage struct {
	Credits []Credit
	Next    string // the next page's cursor; empty: this was the last
}

// Credits answers: which credits has the player had, and what has become of them?
func (d *DB) Credits(ctx context.Context, player events.PlayerID, cursor string, size int) (CreditPage, error) {
	of, before := listOf("credits", player), newest()
	if err := of.after(cursor, &before); err != nil {
		return CreditPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Credits(ctx, db.CreditsParams{PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id, PageSize: int32(size + 1)})
	if err != nil {
		return CreditPage{}, failed("query the credits", err, nil)
	}
	var page CreditPage
	page.Credits, page.Next = pageOf(of, rows, size, func(r db.CreditsRow) (Credit, key) {
		return creditOf(r.ReadCredit), &byTime{r.ReadCredit.GrantedAt, r.ReadCredit.CreditID}
	})
	return page, nil
}

func creditOf(c db.ReadCredit) Credit {
	return Credit{
		ID: events.CreditID(c.CreditID), State: CreditState(c.State),
		Play: milliseconds(c.PlayMs), Left: milliseconds(c.LeftMs), Lapsed: milliseconds(c.LapsedMs),
		Price: money(c.Price, c.Currency), Earned: money(c.Earned, c.Currency), Priority: int(c.Priority),
		ExpiresAt: utc(c.ExpiresAt), GrantedAt: c.GrantedAt.UTC(), EndedAt: utc(c.EndedAt), Position: events.Position(c.Position),
	}
}
