package queries_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

var march = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// day adds what a day of March came to.
func (f *fixture) day(game string, date int, players, playedMs, started int64) {
	f.t.Helper()
	f.exec(`INSERT INTO read.daily VALUES ($1, $2, $3, $4, 0, $5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)`,
		game, march.AddDate(0, 0, date-1), players, playedMs, started)
}

func TestDaily(t *testing.T) {
	f := newFixture(t)
	f.exec(`INSERT INTO read.daily VALUES ('', '2026-03-02', 2, 90000, 5, 4, 3, 2, 2, 3000, 2500, 4, 1, 240000, 33000, 80000, 40000, 16000000, 2, 90000)`)
	f.day("doom", 2, 1, 60_000, 1)
	f.day("", 31, 1, 1_000, 1)
	f.exec(`INSERT INTO read.daily_failure VALUES ('2026-03-02', 'doom', 'worker-lost', 1), ('2026-03-02', '', 'worker-lost', 2), ('2026-03-02', 'doom', 'game-hung', 1)`)
	f.exec(`INSERT INTO read.daily_revenue VALUES ('2026-03-02', 'EUR', 1190, 1, 2, 3, 4), ('2026-03-02', 'USD', 0, 0, 0, 7, 0), ('2026-03-05', 'EUR', 1, 0, 0, 0, 0)`)
	money := func(amount int64, currency events.Currency) events.Money {
		return events.Money{Amount: amount, Currency: currency}
	}
	want := []queries.Day{
		{
			Date: march.AddDate(0, 0, 1), Players: 2, Played: 90 * time.Second,
			Sessions: queries.DaySessions{Requested: 5, Started: 4, Ended: 3, Failed: 2, LongestWait: 2500 * time.Millisecond, MeanWait: 1500 * time.Millisecond},
			Quality: queries.DayQuality{Windows: 4, Bad: 0.25, FrameRate: 60, Total: 8250 * time.Microsecond, RoundTrip: 20 * time.Millisecond,
				Lost: 0.01, BitRate: 4e6, Answer: 45 * time.Millisecond},
			Failures: map[events.FailureCause]int64{events.FailedWorker: 3, events.FailedHung: 1},
			Revenue: []queries.DayRevenue{
				{Issued: money(1190, "EUR"), Voided: money(1, "EUR"), Credited: money(2, "EUR"), Paid: money(3, "EUR"), Refunded: money(4, "EUR")},
				{Issued: money(0, "USD"), Voided: money(0, "USD"), Credited: money(0, "USD"), Paid: money(7, "USD"), Refunded: money(0, "USD")},
			},
		},
		{Date: march.AddDate(0, 0, 4), Revenue: []queries.DayRevenue{
			{Issued: money(1, "EUR"), Voided: money(0, "EUR"), Credited: money(0, "EUR"), Paid: money(0, "EUR"), Refunded: money(0, "EUR")}}},
		{Date: march.AddDate(0, 0, 30), Players: 1, Played: time.Second, Sessions: queries.DaySessions{Started: 1}},
	}
	got, err := f.db.Daily(t.Context(), "", march, march.AddDate(0, 0, 30).Add(23*time.Hour))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = f.db.Daily(t.Context(), "doom", march, march.AddDate(0, 0, 30))
	if err != nil || len(got) != 1 || got[0].Players != 1 || got[0].Failures[events.FailedWorker] != 1 || got[0].Revenue != nil {
		t.Errorf("of a game: %+v, %v", got, err)
	}
	if got, err := f.db.Daily(t.Context(), "", march.AddDate(0, 0, 31), march.AddDate(0, 0, 40)); err != nil || len(got) != 0 {
		t.Errorf("of days without anything: %+v, %v", got, err)
	}
}

func TestRangesOfDays(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		first, last time.Time
		want        error
	}{
		"a day":          {march, march.Add(23 * time.Hour), nil},
		"a leap year":    {march, march.AddDate(0, 0, 365), nil},
		"one more":       {march, march.AddDate(0, 0, 366), queries.ErrDays},
		"backwards":      {march, march.AddDate(0, 0, -1), queries.ErrDays},
		"endless":        {time.Time{}, march, queries.ErrDays},
		"before all":     {march.AddDate(-9000, 0, 0), march.AddDate(-9000, 0, 1), queries.ErrDays},
		"after all":      {march.AddDate(9000, 0, 0), march.AddDate(9000, 0, 1), queries.ErrDays},
		"in other zones": {march.In(time.FixedZone("", 14*3600)), march.In(time.FixedZone("", -12*3600)), nil},
	} {
		if _, err := f.db.Daily(t.Context(), "", c.first, c.last); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := f.db.TopGames(t.Context(), c.first, c.last, "", 1); !errors.Is(err, c.want) {
			t.Errorf("the top of %s: %v", name, err)
		}
	}
	if _, err := f.db.Daily(t.Context(), "\x00", march, march); !errors.Is(err, queries.ErrSearch) {
		t.Errorf("no game: %v", err)
	}
}

func TestTopGames(t *testing.T) {
	f := newFixture(t)
	f.day("", 2, 9, 900_000, 9)
	f.day("doom", 2, 2, 60_000, 1)
	f.day("doom", 3, 1, 60_000, 1)
	f.day("quake", 2, 1, 120_000, 3)
	f.day("chess", 3, 1, 30_000, 1)
	f.day("chess", 9, 9, 900_000, 9) // later
	for _, size := range []int{1, 2, 100} {
		var got []queries.TopGame
		for cursor := ""; ; {
			page, err := f.db.TopGames(t.Context(), march, march.AddDate(0, 0, 4), cursor, size)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page.Games...)
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		want := []queries.TopGame{{"doom", 2 * time.Minute, 2, 3}, {"quake", 2 * time.Minute, 3, 1}, {"chess", 30 * time.Second, 1, 1}}
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %+v", size, got)
		}
	}
	page, err := f.db.TopGames(t.Context(), march, march.AddDate(0, 0, 4), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.db.TopGames(t.Context(), march, march.AddDate(0, 0, 5), page.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a cursor of other days: %v", err)
	}
}
