package projections

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

// evening is shortly before a day ends.
var evening = time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC)

func TestFiguresOfSessions(t *testing.T) {
	one, two, gone := events.NewSessionID(), events.NewSessionID(), events.NewSessionID()
	v, f := folded[*figuresView](t, newFiguresView,
		events.SessionRequested{Session: one, Game: "doom", At: evening},
		events.SessionRequested{Session: two, Game: "quake", At: evening},
		events.SessionAllocated{Session: one, Game: "doom", At: evening.Add(time.Second)},
		events.SessionAllocated{Session: two, Game: "quake", At: evening.Add(2 * time.Hour)},
		events.SessionAllocated{Session: two, Game: "quake", At: evening.Add(3 * time.Hour)}, // again, elsewhere
		events.SessionActivated{Session: one, Segment: 1, At: evening},
		events.SessionActivated{Session: one, Segment: 2, At: evening},
		events.SessionEnded{Session: one, At: evening},
		events.SessionFailed{Session: two, Cause: events.FailedWorker, At: evening.Add(3 * time.Hour)},
		events.SessionFailed{Session: gone, Cause: events.FailedWorker, At: evening.Add(3 * time.Hour)})
	day, next := dayOf(evening), dayOf(evening).AddDate(0, 0, 1)
	want := map[dailyKey]dailyRow{
		{"", day}:      {Day: day, Requested: 2, Started: 1, Ended: 1, Waits: 1, WaitedMs: 1000, LongestWait: 1000},
		{"doom", day}:  {Game: "doom", Day: day, Requested: 1, Started: 1, Ended: 1, Waits: 1, WaitedMs: 1000, LongestWait: 1000},
		{"quake", day}: {Game: "quake", Day: day, Requested: 1},
		{"", next}:     {Day: next, Failed: 2, Waits: 1, WaitedMs: 7_200_000, LongestWait: 7_200_000},
		{"quake", next}: {Game: "quake", Day: next, Failed: 1, Waits: 1, WaitedMs: 7_200_000,
			LongestWait: 7_200_000},
	}
	if diff := cmp.Diff(want, rows(v.days)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	failures := map[failureKey]dailyFailureRow{
		{next, "quake", events.FailedWorker}: {next, "quake", events.FailedWorker, 1},
		{next, "", events.FailedWorker}:      {next, "", events.FailedWorker, 1},
	}
	if diff := cmp.Diff(failures, rows(v.failures)); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if len(rows(v.sessions)) > 0 {
		t.Errorf("sessions that are over are kept: %v", rows(v.sessions))
	}
	f.take("", events.SessionEnded{Session: gone, At: evening})
}

func TestFiguresOfPlay(t *testing.T) {
	played := func(player events.PlayerID, game events.GameID, from time.Time, took time.Duration) events.PlaytimeMetered {
		return events.PlaytimeMetered{Player: player, Game: game, Segment: events.Segment{From: from, To: from.Add(took)}, At: from.AddDate(0, 1, 0)}
	}
	v, f := folded[*figuresView](t, newFiguresView,
		played("anna", "doom", evening, 2*time.Hour), // past midnight
		played("anna", "doom", evening, time.Minute),
		played("anna", "quake", evening, time.Minute),
		played("bert", "doom", evening, time.Hour), // to midnight
		played("cora", "doom", evening.AddDate(0, 1, 0), 1000*time.Hour),
		played("dora", "doom", evening.AddDate(0, 2, 0), -time.Hour))
	day := dayOf(evening)
	got := map[dailyKey][2]int64{}
	for key, row := range rows(v.days) {
		got[key] = [2]int64{row.Players, row.PlayedMs / 60_000}
	}
	want := map[dailyKey][2]int64{
		{"", day}: {2, 122}, {"doom", day}: {2, 121}, {"quake", day}: {1, 1},
		{"", day.AddDate(0, 0, 1)}: {1, 60}, {"doom", day.AddDate(0, 0, 1)}: {1, 60},
		{"", dayOf(evening.AddDate(0, 1, 0))}: {1, 60_000}, {"doom", dayOf(evening.AddDate(0, 1, 0))}: {1, 60_000},
		{"", dayOf(evening.AddDate(0, 2, 0))}: {1, 0}, {"doom", dayOf(evening.AddDate(0, 2, 0))}: {1, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.take("", events.PlayerErased{Player: "anna"})
	for key := range rows(v.players) {
		if key.Player == "anna" {
			t.Errorf("%v is left of who is erased", key)
		}
	}
	if row, _ := v.days.Get(dailyKey{"", day}); row.Players != 2 {
		t.Errorf("%d players after one is erased", row.Players)
	}
}

func TestFiguresOfQuality(t *testing.T) {
	good := events.Quality{Sent: events.SentQuality{FrameRate: 59.94, BitRate: 4_000_000}, Path: events.PathQuality{Lost: 0.01, RoundTrip: 20.5},
		Stages: events.StageQuality{Total: events.Percentiles{P50: 8.25}}, Client: &events.ClientQuality{InputToPresent: events.Percentiles{P50: 45}}}
	lossy, far, frozen, absurd := good, good, good, events.Quality{}
	lossy.Path.Lost, far.Path.RoundTrip, frozen.Client = 0.03, 151, &events.ClientQuality{Freezes: 1}
	absurd.Path.Lost, absurd.Path.RoundTrip, absurd.Sent.BitRate = math.MaxFloat64, -math.MaxFloat64, math.MaxInt
	v, f := folded[*figuresView](t, newFiguresView)
	for _, q := range []events.Quality{good, lossy, far, frozen} {
		f.take("", events.QualityReported{At: evening, Quality: q})
	}
	want := dailyRow{Day: dayOf(evening), Windows: 4, BadWindows: 3, FramesMHz: 4 * 59_940, TotalUs: 4 * 8_250, RoundTripUs: 3*20_500 + 151_000,
		LostPpm: 3*10_000 + 30_000, BitRate: 16_000_000, Answered: 3, AnswerUs: 3 * 45_000}
	if row, _ := v.days.Get(dailyKey{"", dayOf(evening)}); row != want {
		t.Errorf("%+v", row)
	}
	f.take("", events.QualityReported{At: evening, Quality: absurd})
	if row, _ := v.days.Get(dailyKey{"", dayOf(evening)}); row.BitRate != want.BitRate+1e11 || row.LostPpm != want.LostPpm+1e11 || row.RoundTripUs != want.RoundTripUs {
		t.Errorf("what can't be: %+v", row)
	}
}

func TestFiguresOfMoney(t *testing.T) {
	euros := func(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }
	v, _ := folded[*figuresView](t, newFiguresView,
		events.InvoiceIssued{Sums: events.DocumentSums{Total: euros(1190)}, At: evening},
		events.InvoiceIssued{Sums: events.DocumentSums{Total: events.Money{Amount: 500, Currency: "USD"}}, At: evening},
		events.InvoiceVoided{Sums: events.DocumentSums{Total: euros(190)}, At: evening},
		events.CreditNoteIssued{Sums: events.DocumentSums{Total: euros(100)}, At: evening},
		events.PaymentSucceeded{Amount: euros(1000), At: evening},
		events.PaymentRefunded{Amount: euros(50), At: evening},
		events.PaymentSucceeded{Amount: euros(7), At: evening.Add(time.Hour)})
	day, next := dayOf(evening), dayOf(evening).AddDate(0, 0, 1)
	want := map[revenueKey]dailyRevenueRow{
		{day, "EUR"}:  {day, "EUR", 1190, 190, 100, 1000, 50},
		{day, "USD"}:  {day, "USD", 500, 0, 0, 0, 0},
		{next, "EUR"}: {next, "EUR", 0, 0, 0, 7, 0},
	}
	if diff := cmp.Diff(want, rows(v.revenue)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
