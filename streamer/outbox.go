package streamer

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/playcast/playcast/events"
)

// outboxSize bounds the reports that wait while nothing can be recorded. When
// they are so many, measurements are dropped and counted, and a coming or going
// of the peer, an idling or rousing, or a step of the picture takes the place of the one before, so
// that the last one is true.
// Launched, Drawing and the outcome come once and always fit.
const outboxSize = 64

// outbox delivers a session's reports one after another, so that a slow store
// holds up no game. Its goroutine ends with close.
type outbox struct {
	send func(context.Context, Report) error
	log  *slog.Logger
	wake chan struct{} // one token: there is more, or the end
	done chan struct{}

	mu      sync.Mutex
	waiting []Report
	closed  bool
	dropped int // measurements
}

// openOutbox starts delivering. The context ends what waits, also after close.
func openOutbox(ctx context.Context, send func(context.Context, Report) error, log *slog.Logger) *outbox {
	o := &outbox{send: send, log: log, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go o.deliver(ctx)
	return o
}

// put queues a report, and never waits.
func (o *outbox) put(report Report) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) < outboxSize || o.fit(report) {
		o.waiting = append(o.waiting, report)
	}
	o.rouse()
}

// step reports a step of the picture.
func (o *outbox) step(e events.PictureAdapted) { o.put(Adapted{Picture: e}) }

// fit makes room for a report, and tells whether it still has to be queued.
func (o *outbox) fit(report Report) bool {
	switch report.(type) {
	case Measured:
		o.dropped++
		return false
	case RecordingProgressed:
		return false // the next one tells more
	case Connected, Disconnected:
		o.forget(isPresence)
	case Idled, Roused:
		o.forget(isIdleness)
	case Adapted:
		o.forget(isStep)
	}
	return true
}

func isPresence(r Report) bool {
	switch r.(type) {
	case Connected, Disconnected:
		return true
	}
	return false
}

func isIdleness(r Report) bool {
	switch r.(type) {
	case Idled, Roused:
		return true
	}
	return false
}

func isStep(r Report) bool {
	_, step := r.(Adapted)
	return step
}

// forget takes back the last report of a kind that waits.
func (o *outbox) forget(kind func(Report) bool) {
	for i := len(o.waiting) - 1; i >= 0; i-- {
		if kind(o.waiting[i]) {
			o.waiting = slices.Delete(o.waiting, i, i+1)
			return
		}
	}
}

func (o *outbox) rouse() {
	select {
	case o.wake <- struct{}{}:
	default: // a token is there: what has changed will be seen with it
	}
}

func (o *outbox) deliver(ctx context.Context) {
	defer close(o.done)
	for {
		report, more := o.take()
		switch {
		case report != nil:
			if err := o.send(ctx, report); err != nil && ctx.Err() == nil {
				o.log.Warn("a report was refused", "report", fmt.Sprintf("%T", report), "error", err)
			}
		case more:
			<-o.wake
		default:
			return
		}
	}
}

// take returns the next report, or nil and whether another can come.
func (o *outbox) take() (next Report, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) == 0 {
		return nil, !o.closed
	}
	next = o.waiting[0]
	o.waiting = o.waiting[1:]
	return next, true
}

// close waits until what is queued is delivered or given up. Nothing may be
// put after it.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	dropped := o.dropped
	o.rouse()
	o.mu.Unlock()
	<-o.done
	if dropped > 0 {
		o.log.Warn("quality windows were dropped because nothing could be recorded", "windows", dropped)
	}
}
