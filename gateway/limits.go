package gateway

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds the memory of limits. Where more than that are here
// within a minute, the one idle for longest gets a full bucket too early.
const maxBuckets = 10_000

// refill is how long an empty bucket takes to be full again.
const refill = time.Minute

// limits holds a token bucket for each of whom it bounds, players mostly: as many
// tokens as may be used in a minute, refilled evenly. A bucket nobody used for a
// minute is full, and forgotten: it would be the same if it were made again.
type limits[K comparable] struct {
	perMinute int
	now       func() time.Time

	mu      sync.Mutex
	buckets map[K]*list.Element
	recent  *list.List // of *bucket[K], the last used in front
}

type bucket[K comparable] struct {
	of     K
	used   time.Time
	tokens *rate.Limiter
}

func newLimits[K comparable](perMinute int, now func() time.Time) *limits[K] {
	return &limits[K]{perMinute: perMinute, now: now, buckets: map[K]*list.Element{}, recent: list.New()}
}

// throttled is errTooMany, with the time after which to try again.
type throttled struct{ wait time.Duration }

func (t *throttled) Error() string { return errTooMany.Message }
func (t *throttled) Unwrap() error { return errTooMany }

// take uses up one token of somebody, or says with a *throttled when there
// is one again. A refusal uses up none.
func (l *limits[K]) take(of K) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	reservation := l.bucket(of, now).tokens.ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return &throttled{wait: wait}
	}
	return nil
}

// bucket returns somebody's bucket as the last used, and forgets old ones.
func (l *limits[K]) bucket(of K, now time.Time) *bucket[K] {
	element, known := l.buckets[of]
	if !known {
		every := rate.Every(refill / time.Duration(l.perMinute))
		element = l.recent.PushFront(&bucket[K]{of: of, tokens: rate.NewLimiter(every, l.perMinute)})
		l.buckets[of] = element
	}
	l.recent.MoveToFront(element)
	held := element.Value.(*bucket[K])
	held.used = now
	for back := l.recent.Back(); back != element; back = l.recent.Back() {
		oldest := back.Value.(*bucket[K])
		if now.Sub(oldest.used) < refill && l.recent.Len() <= maxBuckets {
			break
		}
		l.recent.Remove(back)
		delete(l.buckets, oldest.of)
	}
	return held
}
