package gateway

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/playcast/playcast/events"
)

// maxBuckets bounds the memory of limits. Where more players than that are here
// within a minute, the one idle for longest gets a full bucket too early.
const maxBuckets = 10_000

// refill is how long an empty bucket takes to be full again.
const refill = time.Minute

// limits holds a token bucket a player: as many tokens as may be used in a
// minute, refilled evenly. A bucket nobody used for a minute is full, and
// forgotten: it would be the same if it were made again.
type limits struct {
	perMinute int
	now       func() time.Time

	mu      sync.Mutex
	buckets map[events.PlayerID]*list.Element
	recent  *list.List // of *bucket, the last used in front
}

type bucket struct {
	player events.PlayerID
	used   time.Time
	tokens *rate.Limiter
}

func newLimits(perMinute int, now func() time.Time) *limits {
	return &limits{perMinute: perMinute, now: now, buckets: map[events.PlayerID]*list.Element{}, recent: list.New()}
}

// throttled is errTooMany, with the time after which to try again.
type throttled struct{ wait time.Duration }

func (t *throttled) Error() string { return errTooMany.Message }
func (t *throttled) Unwrap() error { return errTooMany }

// take uses up one of a player's tokens, or says with a *throttled when there
// is one again. A refusal uses up none.
func (l *limits) take(player events.PlayerID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	reservation := l.bucket(player, now).tokens.ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return &throttled{wait: wait}
	}
	return nil
}

// bucket returns a player's bucket as the last used, and forgets old ones.
func (l *limits) bucket(player events.PlayerID, now time.Time) *bucket {
	element, known := l.buckets[player]
	if !known {
		every := rate.Every(refill / time.Duration(l.perMinute))
		element = l.recent.PushFront(&bucket{player: player, tokens: rate.NewLimiter(every, l.perMinute)})
		l.buckets[player] = element
	}
	l.recent.MoveToFront(element)
	held := element.Value.(*bucket)
	held.used = now
	for back := l.recent.Back(); back != element; back = l.recent.Back() {
		oldest := back.Value.(*bucket)
		if now.Sub(oldest.used) < refill && l.recent.Len() <= maxBuckets {
			break
		}
		l.recent.Remove(back)
		delete(l.buckets, oldest.player)
	}
	return held
}
