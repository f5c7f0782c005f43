package events

import "time"

// Retention is how much of a stream is kept. A zero field bounds nothing.
type Retention struct {
	MaxAge   time.Duration // in whole seconds
	MaxCount int           // of events, the last ones
}
