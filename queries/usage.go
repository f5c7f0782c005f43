package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Paid is what play was paid with. The three come to it, where it was charged
// at all.
type Paid struct {
	Included time.Duration // of the plan's hours
	Credit   time.Duration
	Overage  time.Duration // beyond both
	Charge   events.Money  // for that
	Waived   events.Money  // that the spending limit kept from being paid
}

// MonthOfGame is what a player has played of a game in a month.
type MonthOfGame struct {
	Month    time.Time // its first day, in UTC
	Game     events.GameID
	Sessions int64 // that were begun to be metered in the month
	Played   time.Duration
	Paid     Paid
}

// UsagePage is some of a player's usage: the last month first, by game.
type UsagePage struct {
	Usage []MonthOfGame
	Next  string // the next page's cursor; empty: this was the last
}

// Usage answers: how long has the player played, by month and game, and what
// was it paid with? A segment of play is of the month in which it ended.
func (d *DB) Usage(ctx context.Context, player events.PlayerID, cursor string, size int) (UsagePage, error) {
	of, after := listOf("usage", player), byMonth{month: endOfTime}
	if err := of.after(cursor, &after); err != nil {
		return UsagePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Usage(ctx, db.UsageParams{
		PlayerID: string(player), BeforeMonth: pgtype.Date{Time: after.month, Valid: true}, AfterGame: after.game, PageSize: int32(size + 1),
	})
	if err != nil {
		return UsagePage{}, failed("query the usage", err, nil)
	}
	var page UsagePage
	page.Usage, page.Next = pageOf(of, rows, size, func(r db.UsageRow) (MonthOfGame, key) {
		u := r.ReadUsageMonth
		return MonthOfGame{
			Month: u.Month.Time.UTC(), Game: events.GameID(u.GameID), Sessions: u.Sessions, Played: milliseconds(u.PlayedMs),
			Paid: paidOf(paid{u.IncludedMs, u.CreditMs, u.OverageMs, u.Charge, u.Waived, u.Currency}),
		}, &byMonth{u.Month.Time, u.GameID}
	})
	return page, nil
}

// byMonth is the key of a month's game.
type byMonth struct {
	month time.Time
	game  string
}

func (k *byMonth) code(c *coder) { c.time(&k.month); c.text(&k.game) }

// PlaySegment is a stretch of play on an account.
type PlaySegment struct {
	Session  events.SessionID
	Segment  int
	Game     events.GameID
	From, To time.Time
	Paid     Paid
}

// PlaytimePage is some of a player's play, the last first.
type PlaytimePage struct {
	Segments []PlaySegment
	Next     string // the next page's cursor; empty: this was the last
}

// Playtime answers: which stretches of play are on the account, and what was
// each paid with?
func (d *DB) Playtime(ctx context.Context, player events.PlayerID, cursor string, size int) (PlaytimePage, error) {
	of, before := listOf("playtime", player), bySegment{byTime: newest()}
	if err := of.after(cursor, &before); err != nil {
		return PlaytimePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Playtime(ctx, db.PlaytimeParams{
		PlayerID: string(player), BeforeAt: before.at, BeforeSession: before.id, BeforeSegment: before.segment, PageSize: int32(size + 1),
	})
	if err != nil {
		return PlaytimePage{}, failed("query the playtime", err, nil)
	}
	var page PlaytimePage
	page.Segments, page.Next = pageOf(of, rows, size, func(r db.PlaytimeRow) (PlaySegment, key) {
		p := r.ReadPlaytime
		return PlaySegment{
			Session: events.SessionID(p.SessionID), Segment: int(p.Segment), Game: events.GameID(p.GameID), From: p.BeganAt.UTC(), To: p.EndedAt.UTC(),
			Paid: paidOf(paid{p.IncludedMs, p.CreditMs, p.OverageMs, p.Charge, p.Waived, p.Currency}),
		}, &bySegment{byTime{p.EndedAt, p.SessionID}, p.Segment}
	})
	return page, nil
}

// bySegment is the key of a segment.
type bySegment struct {
	byTime
	segment int64
}

func (k *bySegment) code(c *coder) { k.byTime.code(c); c.number(&k.segment) }

// Bill is what of a session is on its player's account.
type Bill struct {
	Session  events.SessionID
	Player   events.PlayerID
	Segments int
	Billed   time.Duration
	Paid     Paid
}

// ErrNotBilled says that nothing of a session is on an account.
var ErrNotBilled = &events.Fault{Kind: events.NotFound, Code: "session-not-billed",
	Message: "Nothing of this session is on an account yet. What was played is put there within moments of its end."}

// Bill answers: what of the session is on the account, and what was it paid
// with?
func (d *DB) Bill(ctx context.Context, id events.SessionID) (Bill, error) {
	row, err := d.q.SessionBill(ctx, uuid.UUID(id))
	if err != nil {
		return Bill{}, failed("query the session's bill", err, ErrNotBilled)
	}
	b := row.ReadSessionBill
	return Bill{
		Session: id, Player: events.PlayerID(b.PlayerID), Segments: int(b.Segments), Billed: milliseconds(b.BilledMs),
		Paid: paidOf(paid{b.IncludedMs, b.CreditMs, b.OverageMs, b.Charge, b.Waived, b.Currency}),
	}, nil
}

// paid is the same columns of several tables.
type paid struct {
	includedMs, creditMs, overageMs int64
	charge, waived                  int64
	currency                        *string
}

func paidOf(p paid) Paid {
	return Paid{
		Included: milliseconds(p.includedMs), Credit: milliseconds(p.creditMs), Overage: milliseconds(p.overageMs),
		Charge: money(p.charge, p.currency), Waived: money(p.waived, p.currency),
	}
}
