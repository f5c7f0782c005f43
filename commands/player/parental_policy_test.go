package player_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	id        = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-000000000001"))
	requested = events.SessionRequested{Session: id, Player: anna, Game: "doom", At: Now}
	began     = events.SessionActivated{Session: id, Segment: 1, At: Now} // a Friday, 16:00 in Vienna
	end       = session.End{Session: id, Reason: events.EndedByGuardian}
)

func in(minutes int) time.Time { return Now.Add(time.Duration(minutes) * time.Minute) }

// warn has the player told how many minutes are left, of those until some.
func warn(left events.Seconds, until int) session.Warn {
	return session.Warn{Session: id, Reason: events.EndedByGuardian, Left: 60 * left, Ends: in(until)}
}

func said(w session.Warn, at time.Time) events.SessionWarned {
	return events.SessionWarned{Session: w.Session, Reason: w.Reason, Left: w.Left, Ends: w.Ends, At: at}
}

func TestParentalWarnsAndEnds(t *testing.T) {
	p := Told(player.NewParental(), limited, requested, began)
	Due(t, p, in(0), warn(60, 60))
	Told(p, said(warn(60, 60), in(0)))
	// What the plan warns of is something else.
	Told(p, events.SessionWarned{Session: id, Reason: events.EndedLongest, Left: 1800, Ends: in(60), At: in(20)})
	Due(t, p, in(29))
	Due(t, p, in(30), warn(30, 60))
	Due(t, p, in(50), warn(15, 60)) // one that was missed is not made up for
	Told(p, said(warn(15, 60), in(50)))
	Due(t, p, in(54))
	Due(t, p, in(55), warn(5, 60))
	Told(p, said(warn(5, 60), in(55)))
	Due(t, p, in(59))
	Due(t, p, in(60), end)
	Told(p, events.SessionEnding{Session: id, Reason: events.EndedByGuardian, Closed: &events.Segment{Number: 1, From: Now, To: in(60)}, At: in(60)})
	Due(t, p, in(90))
	// The day's time is up: what begins again ends at once.
	other := events.SessionID(uuid.MustParse("01970000-0000-7000-8000-000000000002"))
	Told(p, events.SessionRequested{Session: other, Player: anna, At: in(70)}, events.SessionActivated{Session: other, Segment: 1, At: in(70)})
	Due(t, p, in(70), session.End{Session: other, Reason: events.EndedByGuardian})
}

func TestParentalCountsPausesNot(t *testing.T) {
	p := Told(player.NewParental(), limited, requested, began,
		events.SessionPaused{Session: id, Closed: &events.Segment{Number: 1, From: Now, To: in(20)}, At: in(20)})
	Due(t, p, in(100))
	Told(p, events.SessionResumed{Session: id, Segment: 2, At: in(100)})
	Due(t, p, in(105), warn(60, 140))
	Due(t, p, in(140), end)
}

func TestParentalFollowsTheLimits(t *testing.T) {
	p := Told(player.NewParental(), requested, began)
	Due(t, p, in(1000))
	Told(p, events.ParentalLimitsSet{Player: anna, Limits: limits, At: in(10)})
	Due(t, p, in(30), warn(30, 60))
	Told(p, events.ParentalLimitsLifted{Player: anna, At: in(40)})
	Due(t, p, in(1000))
	Told(p, events.ParentalLimitsSet{Player: anna, At: in(50), Limits: events.ParentalLimits{TimeZone: "UTC",
		Windows: []events.PlayWindow{{Day: "monday", From: 0, To: 1}}}})
	Due(t, p, in(50), end)
	Told(p, erased)
	Due(t, p, in(50))
}

func TestParentalLooksAgainAfterAWeek(t *testing.T) {
	long := events.ParentalLimits{TimeZone: "UTC", Day: 1500}
	p := Told(player.NewParental(), events.ParentalLimitsSet{Player: anna, Limits: long, At: Now}, requested, began)
	for day := range 30 {
		Due(t, p, Now.AddDate(0, 0, day))
	}
}

// zones have every kind of change of the clock: of an hour, of half of one, at
// midnight, by a day, and none.
var zones = []string{"Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Sao_Paulo",
	"Pacific/Apia", "America/St_Johns", "Asia/Kathmandu", "UTC"}

func anyLimits(t *rapid.T) events.ParentalLimits {
	l := events.ParentalLimits{
		TimeZone: rapid.SampledFrom(zones).Draw(t, "zone"),
		Day:      rapid.SampledFrom([]int{0, 1, 30, 90, 600, 1440, 1500}).Draw(t, "day"),
		Week:     rapid.SampledFrom([]int{0, 45, 400, 5000, 10_140}).Draw(t, "week"),
	}
	if rapid.Bool().Draw(t, "at any time") {
		return l
	}
	for range rapid.IntRange(1, 20).Draw(t, "windows") {
		from := rapid.IntRange(0, 1439).Draw(t, "from")
		l.Windows = append(l.Windows, events.PlayWindow{Day: rapid.SampledFrom(events.Weekdays[:]).Draw(t, "weekday"),
			From: from, To: rapid.IntRange(from+1, 1440).Draw(t, "to")})
	}
	return l
}

// anyStart is a moment, often near one at which the clock is changed.
func anyStart(t *rapid.T, l events.ParentalLimits) time.Time {
	zone, err := time.LoadLocation(l.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	around := time.Date(rapid.IntRange(2008, 2030).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC).
		AddDate(0, 0, rapid.IntRange(0, 365).Draw(t, "date"))
	if _, change := around.In(zone).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "near a change") {
		around = change.Add(-12 * time.Hour)
	}
	return around.Add(time.Duration(rapid.IntRange(0, 2*1440).Draw(t, "minute")) * time.Minute)
}

// TestNeverPastTheLimits plays minute by minute for as long as MayPlay lets, and
// counts by the clock on the wall what MayPlay reckons with by stretches.
func TestNeverPastTheLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLimits(t)
		zone, err := time.LoadLocation(l.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		now := anyStart(t, l)
		days, weeks := map[string]int{}, map[string]int{}
		var played []player.Span
		for range rapid.IntRange(1, 6).Draw(t, "sittings") {
			verdict := player.MayPlay(l, now, played)
			until := verdict.Until
			if longest := now.Add(30 * time.Hour); until.IsZero() || until.After(longest) {
				until = longest
			}
			if !verdict.Allowed && verdict.Until.After(now) {
				t.Fatalf("not allowed, and until %s", verdict.Until)
			}
			from := now
			for ; verdict.Allowed && now.Before(until); now = now.Add(time.Minute) {
				day, week := keys(now.In(zone))
				days[day]++
				weeks[week]++
				if l.Day > 0 && days[day] > l.Day || l.Week > 0 && weeks[week] > l.Week {
					t.Fatalf("%s: played %d minutes of the day and %d of the week", now.In(zone), days[day], weeks[week])
				}
				if !open(l, now.In(zone)) {
					t.Fatalf("%s: played outside of every window", now.In(zone))
				}
			}
			played = append(played, player.Span{From: from, To: now}, player.Span{From: from, To: now}) // on two screens
			if verdict.Allowed && verdict.Hold != player.HoldNone && now.Equal(verdict.Until) && open(l, now.In(zone)) {
				day, week := keys(now.In(zone))
				if (l.Day == 0 || days[day] < l.Day) && (l.Week == 0 || weeks[week] < l.Week) {
					t.Fatalf("%s: held by %q with time left", now.In(zone), verdict.Hold)
				}
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "rest")) * time.Minute)
		}
	})
}

func keys(local time.Time) (day, week string) {
	year, month, date := local.Date()
	monday := time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, -1)
	}
	return local.Format(time.DateOnly), monday.Format(time.DateOnly)
}

func open(l events.ParentalLimits, local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	for _, w := range l.Windows {
		if w.Day == events.Weekdays[local.Weekday()] && minute >= w.From && minute < w.To {
			return true
		}
	}
	return len(l.Windows) == 0
}

func TestNoLimitsAndClocksThatGoBack(t *testing.T) {
	if v := player.MayPlay(events.ParentalLimits{TimeZone: "UTC"}, Now, nil); !v.Allowed || !v.Until.IsZero() {
		t.Errorf("no limits: %+v", v)
	}
	future := []player.Span{{From: Now.AddDate(1, 0, 0), To: Now.AddDate(90, 0, 0)}, {From: in(5), To: in(-5)}, {From: Now.AddDate(-900, 0, 0), To: in(-40 * 24 * 60)}}
	if v := player.MayPlay(events.ParentalLimits{TimeZone: "UTC", Day: 60}, Now, future); !v.Allowed || !v.Until.Equal(in(60)) {
		t.Errorf("spans of another time: %+v", v)
	}
}
