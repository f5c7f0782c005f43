package player

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// Span is a stretch of time in which a player played.
type Span struct{ From, To time.Time }

// Hold is what keeps a player from playing on.
type Hold string

// The holds.
const (
	HoldNone   Hold = ""
	HoldDay    Hold = "day"    // the day's time is up
	HoldWeek   Hold = "week"   // the week's time is up
	HoldWindow Hold = "window" // no window is open
)

// Verdict says whether a player may play now, and until when without a break.
type Verdict struct {
	Allowed bool
	Until   time.Time // zero: for ever. With HoldNone: until then at least, to be asked again
	Hold    Hold      // from Until on
}

// looking is how far ahead, and back, is looked: more than any week lasts.
const looking = 8 * 24 * time.Hour

// MayPlay judges by limits and by what was played, up to now where the player
// plays. Spans may overlap: what was played twice at once counts once. It walks
// along the player's clock in stretches in which no day, window or offset from
// UTC changes, so that days of 23 and 25 hours and hours that come twice are
// nothing special.
func MayPlay(l events.ParentalLimits, now time.Time, played []Span) Verdict {
	if l.Day == 0 && l.Week == 0 && len(l.Windows) == 0 {
		return Verdict{Allowed: true}
	}
	c := calendarOf(l)
	used := c.tally(now, played)
	at := now
	for end := now.Add(looking); at.Before(end); {
		s := c.stretch(at)
		if !s.open {
			return Verdict{Allowed: at.After(now), Until: at, Hold: HoldWindow}
		}
		left, hold := used.left(l, s)
		if left <= 0 {
			return Verdict{Allowed: at.After(now), Until: at, Hold: hold}
		}
		step := min(left, s.end.Sub(at))
		used.add(s, step)
		at = at.Add(step)
	}
	return Verdict{Allowed: true, Until: at}
}

// calendar is a player's clock with their windows on it.
type calendar struct {
	zone    *time.Location
	windows []events.PlayWindow
}

// calendarOf takes UTC where a zone, known when the limits were set, is gone.
func calendarOf(l events.ParentalLimits) calendar {
	z, err := zone(l.TimeZone)
	if err != nil {
		z = time.UTC
	}
	return calendar{zone: z, windows: l.Windows}
}

// stretch is a time in which the clock runs on, on one day, in or out of a window.
type stretch struct {
	day  int // since 1970-01-01, by the calendar on the wall
	week int // from Monday on
	open bool
	end  time.Time
}

func (c calendar) stretch(at time.Time) stretch {
	local := at.In(c.zone)
	year, month, date := local.Date()
	hour, minute, second := local.Clock()
	clock := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(local.Nanosecond())
	day := int(time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Unix() / 86400)
	s := stretch{day: day, week: (day + 3) / 7, end: at.Add(24*time.Hour - clock)} // 1970-01-01 was a Thursday
	if _, change := local.ZoneBounds(); !change.IsZero() && change.Before(s.end) {
		s.end = change
	}
	s.open = len(c.windows) == 0
	for _, w := range c.windows {
		from, to := time.Duration(w.From)*time.Minute, time.Duration(w.To)*time.Minute
		if w.Day != events.Weekdays[local.Weekday()] || clock >= to {
			continue
		}
		edge := to
		if clock < from {
			edge = from
		} else {
			s.open = true
		}
		if e := at.Add(edge - clock); e.Before(s.end) {
			s.end = e
		}
	}
	return s
}

// tally is the time that was played, by day and by week.
type tally struct{ days, weeks map[int]time.Duration }

func (c calendar) tally(now time.Time, played []Span) tally {
	used := tally{days: map[int]time.Duration{}, weeks: map[int]time.Duration{}}
	played = slices.Clone(played)
	slices.SortFunc(played, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	counted := now.Add(-looking)
	for _, p := range played {
		to := p.To
		if last := now.Add(looking); to.After(last) {
			to = last // by a clock that went back
		}
		at := p.From
		if at.Before(counted) {
			at = counted
		}
		for at.Before(to) {
			s := c.stretch(at)
			next := s.end
			if to.Before(next) {
				next = to
			}
			used.add(s, next.Sub(at))
			at = next
		}
		if at.After(counted) {
			counted = at
		}
	}
	return used
}

func (t tally) add(s stretch, played time.Duration) {
	t.days[s.day] += played
	t.weeks[s.week] += played
}

// left is what may still be played of a stretch's day and week, and which of
// the two is up first.
func (t tally) left(l events.ParentalLimits, s stretch) (time.Duration, Hold) {
	left, hold := looking, HoldNone
	if l.Day > 0 {
		left, hold = time.Duration(l.Day)*time.Minute-t.days[s.day], HoldDay
	}
	if l.Week > 0 {
		if week := time.Duration(l.Week)*time.Minute - t.weeks[s.week]; week < left {
			left, hold = week, HoldWeek
		}
	}
	return left, hold
}
