package queries

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Day is what a day, in UTC, came to.
type Day struct {
	Date     time.Time // its first moment
	Players  int64     // that played, each once
	Played   time.Duration
	Sessions DaySessions
	Quality  DayQuality
	Failures map[events.FailureCause]int64 // nil: none failed
	Revenue  []DayRevenue                  // by currency; none where the question is of one game
}

// DaySessions counts sessions on the day on which each thing happened.
type DaySessions struct {
	Requested, Started, Ended, Failed int64
	LongestWait, MeanWait             time.Duration // for a slot, of those that got one; 0: none did
}

// DayQuality is the mean of the day's windows. Zero where nothing was measured.
type DayQuality struct {
	Windows   int64
	Bad       float64 // share of windows that froze, or were too lossy or too far: 0 to 1
	FrameRate float64 // sent, a second
	Total     time.Duration
	RoundTrip time.Duration
	Lost      float64       // share of packets, 0 to 1
	BitRate   float64       // a second
	Answer    time.Duration // from an input to the frame that answers it, where it was measured
}

// DayRevenue is what moved in one currency, gross.
type DayRevenue struct {
	Issued, Voided, Credited, Paid, Refunded events.Money
}

// mostDays is the longest range of days.
const mostDays = 366

// ErrDays refuses ranges of days that are none, or too long.
var ErrDays = &events.Fault{Kind: events.Invalid, Code: "days-invalid",
	Message: "Ask for 1 to 366 days, the first one first."}

// days is a range as the database takes it.
func days(first, last time.Time) (from, to pgtype.Date, err error) {
	first, last = first.UTC().Truncate(24*time.Hour), last.UTC().Truncate(24*time.Hour)
	if first.Before(startOfTime) || last.After(endOfTime) || last.Before(first) || last.Sub(first) >= mostDays*24*time.Hour {
		return from, to, ErrDays
	}
	return pgtype.Date{Time: first, Valid: true}, pgtype.Date{Time: last, Valid: true}, nil
}

// Daily answers: what did each day of a range come to, of one game, or of all
// where it is empty? Days on which nothing happened are left out. The range is
// from the first day to the last one, which is in it, at most 366.
func (d *DB) Daily(ctx context.Context, game events.GameID, first, last time.Time) ([]Day, error) {
	return whole(ctx, d, func(ctx context.Context, d *DB) ([]Day, error) { return d.daily(ctx, game, first, last) })
}

func (d *DB) daily(ctx context.Context, game events.GameID, first, last time.Time) ([]Day, error) {
	from, to, err := days(first, last)
	if err == nil {
		err = searchable(string(game))
	}
	if err != nil {
		return nil, err
	}
	rows, err := d.q.Daily(ctx, db.DailyParams{GameID: string(game), First: from, Last: to})
	if err != nil {
		return nil, failed("query the figures of days", err, nil)
	}
	all := byDate{}
	for _, row := range rows {
		all.on(row.Day.Time).take(row)
	}
	failures, err := d.q.DailyFailures(ctx, db.DailyFailuresParams{First: from, Last: to, GameID: string(game)})
	if err != nil {
		return nil, failed("query the failures of days", err, nil)
	}
	for _, row := range failures {
		day := all.on(row.Day.Time)
		if day.Failures == nil {
			day.Failures = map[events.FailureCause]int64{}
		}
		day.Failures[events.FailureCause(row.Cause)] = row.Failures
	}
	if game != "" {
		return all.inOrder(), nil
	}
	revenue, err := d.q.DailyRevenue(ctx, db.DailyRevenueParams{First: from, Last: to})
	if err != nil {
		return nil, failed("query the revenue of days", err, nil)
	}
	for _, row := range revenue {
		in := func(amount int64) events.Money {
			return events.Money{Amount: amount, Currency: events.Currency(row.Currency)}
		}
		day := all.on(row.Day.Time)
		day.Revenue = append(day.Revenue, DayRevenue{in(row.Issued), in(row.Voided), in(row.Credited), in(row.Paid), in(row.Refunded)})
	}
	return all.inOrder(), nil
}

func (d *Day) take(row db.DailyRow) {
	d.Players, d.Played = row.Players, milliseconds(row.PlayedMs)
	d.Sessions = DaySessions{
		Requested: row.Requested, Started: row.Started, Ended: row.Ended, Failed: row.Failed,
		LongestWait: milliseconds(row.LongestWaitMs), MeanWait: time.Duration(mean(row.WaitedMs, row.Waits, 1/float64(time.Millisecond))),
	}
	d.Quality = DayQuality{
		Windows: row.Windows, Bad: mean(row.BadWindows, row.Windows, 1), FrameRate: mean(row.FramesMhz, row.Windows, 1000),
		Total: microseconds(row.TotalUs, row.Windows), RoundTrip: microseconds(row.RoundTripUs, row.Windows),
		Lost: mean(row.LostPpm, row.Windows, 1e6), BitRate: mean(row.BitRate, row.Windows, 1), Answer: microseconds(row.AnswerUs, row.Answered),
	}
}

// mean is of a sum in smaller units; of nothing it is 0.
func mean(sum, of int64, units float64) float64 {
	if of == 0 {
		return 0
	}
	return float64(sum) / float64(of) / units
}

func microseconds(sum, of int64) time.Duration {
	return time.Duration(mean(sum, of, 1) * float64(time.Microsecond))
}

// TopGame is how much a game was played.
type TopGame struct {
	Game       events.GameID
	Played     time.Duration
	Started    int64 // sessions
	PlayerDays int64 // players of each day, summed
}

// TopGamePage is some of the games, the most played first.
type TopGamePage struct {
	Games []TopGame
	Next  string // the next page's cursor; empty: this was the last
}

// TopGames answers: which games were played the most in a range of days (as for
// Daily)? cursor is the Next of the page before, empty for the first; size is 1
// to 100.
func (d *DB) TopGames(ctx context.Context, first, last time.Time, cursor string, size int) (TopGamePage, error) {
	from, to, err := days(first, last)
	if err != nil {
		return TopGamePage{}, err
	}
	of, after := listOf("top-games", from.Time, to.Time), byNumber{number: greatest}
	if err := of.after(cursor, &after); err != nil {
		return TopGamePage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.TopGames(ctx, db.TopGamesParams{First: from, Last: to,
		PlayedBefore: after.number, AfterID: after.text, PageSize: int32(size + 1)})
	if err != nil {
		return TopGamePage{}, failed("query the games that are played most", err, nil)
	}
	var page TopGamePage
	page.Games, page.Next = pageOf(of, rows, size, func(r db.TopGamesRow) (TopGame, key) {
		return TopGame{Game: events.GameID(r.GameID), Played: milliseconds(r.PlayedMs), Started: r.Started, PlayerDays: r.PlayerDays}, &byNumber{r.PlayedMs, r.GameID}
	})
	return page, nil
}
