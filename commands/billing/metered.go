package billing

import (
	"time"

	"github.com/playcast/playcast/events"
)

// metered is the segments that are on an account, by the day on which they were
// put there. Segments of a session may come out of order, so that the last
// number would not do; days after which a segment is not taken any more are
// forgotten, so that it holds two months of play however long an account lives.
type metered map[int64]map[segmentKey]struct{}

type segmentKey struct {
	session events.SessionID
	number  int
}

const (
	takenFor = 60 * day // after its end, a segment is metered
	keptFor  = 62       // days
	day      = 24 * time.Hour
)

// with adds a segment in place. A clock that goes back does not shorten how long
// it is known.
func (m metered) with(e events.PlaytimeMetered) metered {
	if m == nil {
		m = metered{}
	}
	newest := m.newest()
	on := e.At.Unix() / int64(day/time.Second)
	if len(m) > 0 {
		on = max(on, newest)
	}
	if m[on] == nil {
		m[on] = map[segmentKey]struct{}{}
		for known := range m {
			if known < on-keptFor {
				delete(m, known)
			}
		}
	}
	m[on][segmentKey{e.Session, e.Segment.Number}] = struct{}{}
	return m
}

func (m metered) has(session events.SessionID, number int) bool {
	for _, segments := range m {
		if _, done := segments[segmentKey{session, number}]; done {
			return true
		}
	}
	return false
}

// newest is the last day; 0 where there is none.
func (m metered) newest() int64 {
	var newest int64
	for on := range m {
		newest = max(newest, on)
	}
	return newest
}

// takes says whether a segment that ended then could not have been forgotten.
func (m metered) takes(ended, now time.Time) bool {
	if known := time.Unix(m.newest()*int64(day/time.Second), 0); known.After(now) {
		now = known
	}
	return ended.After(now.Add(-takenFor))
}
