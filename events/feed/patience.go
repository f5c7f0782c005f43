package feed

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/playcast/playcast/events"
)

// Patience is how often, and with what pauses, an event is tried to be handled.
// Each pause is twice the one before. The zero value is five times within a
// second.
type Patience struct {
	Attempts int           // 0: 5
	First    time.Duration // pause; 0: 50 ms
	Longest  time.Duration // pause; 0: 2 s
}

func (p Patience) attempts() int { return cmp.Or(p.Attempts, 5) }

// pause is what follows the n-th failure, from 1.
func (p Patience) pause(n int) time.Duration {
	pause, longest := cmp.Or(p.First, 50*time.Millisecond), cmp.Or(p.Longest, 2*time.Second)
	for ; n > 1 && pause < longest; n-- {
		pause *= 2
	}
	return min(pause, longest)
}

// rest waits for the pause after the n-th failure, or the context's end, which
// is its only error.
func (p Patience) rest(ctx context.Context, n int) error {
	timer := time.NewTimer(p.pause(n))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passing says that an error is not the event's: the store can't be reached, or
// something ends. It is waited for, for as long as it lasts.
func passing(err error) bool {
	return errors.Is(err, events.ErrUnavailable) || errors.Is(err, events.ErrStoreClosed) || errors.Is(err, context.Canceled)
}

// hopeless says that the same event will fail again.
func hopeless(err error) bool {
	var unreadable *events.UnreadableError
	return errors.As(err, &unreadable)
}
