package events

import (
	"context"
	"time"
)

// Retention is how much of a stream is kept. A zero field bounds nothing.
type Retention struct {
	MaxAge   time.Duration // in whole seconds
	MaxCount int           // of events, the last ones
}

// Keeper is a store that forgets what a stream need not keep any longer. What is
// forgotten is in no reading of the stream; a reader of the whole log may see it
// for a while.
type Keeper interface {
	Retain(ctx context.Context, stream Stream, keep Retention) error
}
