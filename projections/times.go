package projections

import "time"

// micro is a time as rows have it.
func micro(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

// ms is a span as rows have it.
func ms(d time.Duration) int64 { return d.Milliseconds() }

// dayOf is the day, in UTC, of a time.
func dayOf(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
}

// monthOf is the first day, in UTC, of the month of a time.
func monthOf(at time.Time) time.Time {
	at = at.UTC()
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earliest is the earlier of two times, the first of which may be none.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return earlier(a, b)
}
