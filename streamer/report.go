package streamer

import (
	"context"
	"log/slog"

	"github.com/playcast/playcast/events"
)

// Reporter takes what the worker has to say of a session. It returns when the
// report is recorded, or refused for good, or the context ends.
type Reporter interface {
	Report(ctx context.Context, session events.SessionID, report Report) error
}

// Report is one thing to say of a session. The interface is sealed.
type Report interface{ report() }

// The reports.
type (
	// Launched: the display and the game have been started.
	Launched struct{}
	// Drawing: the game draws, and a peer may connect.
	Drawing struct {
		Width, Height, FrameRate int
		Encoder                  string
	}
	// Connected: the player's peer is connected.
	Connected struct{}
	// Disconnected: the player's peer is lost.
	Disconnected struct{ Cause string }
	// Measured: the figures of one window of play.
	Measured struct{ Window events.QualityReported }
	// Finished: everything is stopped and freed. The reason counts where the
	// end was not asked for.
	Finished struct{ Reason events.EndReason }
	// Broken: everything is freed after a failure.
	Broken struct {
		Cause  events.FailureCause
		Detail string
	}
)

func (Launched) report()     {}
func (Drawing) report()      {}
func (Connected) report()    {}
func (Disconnected) report() {}
func (Measured) report()     {}
func (Finished) report()     {}
func (Broken) report()       {}

// outboxSize bounds the reports that wait while nothing can be recorded. When
// it is full, measurements are dropped and counted; anything else waits.
const outboxSize = 64

// outbox delivers a session's reports one after another, so that a slow store
// holds up no game.
type outbox struct {
	session  events.SessionID
	reporter Reporter
	log      *slog.Logger
	queue    chan Report
	done     chan struct{}
	dropped  int // measurements; for the owner
}

// openOutbox starts delivering. The context ends what waits, also after close.
func openOutbox(ctx context.Context, session events.SessionID, reporter Reporter, log *slog.Logger) *outbox {
	o := &outbox{session: session, reporter: reporter, log: log, queue: make(chan Report, outboxSize), done: make(chan struct{})}
	go func() {
		defer close(o.done)
		for report := range o.queue {
			if err := o.reporter.Report(ctx, o.session, report); err != nil && ctx.Err() == nil {
				o.log.Warn("a report was refused", "report", report, "error", err)
			}
		}
	}()
	return o
}

// put queues a report. It has one user, who also closes.
func (o *outbox) put(report Report) {
	if _, measured := report.(Measured); measured {
		select {
		case o.queue <- report:
		default:
			o.dropped++
		}
		return
	}
	o.queue <- report
}

// close waits until what is queued is delivered or given up.
func (o *outbox) close() {
	close(o.queue)
	<-o.done
	if o.dropped > 0 {
		o.log.Warn("quality windows were dropped because nothing could be recorded", "windows", o.dropped)
	}
}
