package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer"
)

// reporter joins the worker's reports to commands.
type reporter struct {
	handler *commands.Handler
	worker  events.WorkerID
}

var _ streamer.Reporter = (*reporter)(nil)

// The pauses between attempts to record a report.
const (
	shortestPause = 50 * time.Millisecond
	longestPause  = 2 * time.Second
)

// Report records what the worker says, trying again while the store can't be
// reached. The order's id stays the same, so that it takes effect once.
func (r *reporter) Report(ctx context.Context, id events.SessionID, report streamer.Report) error {
	origin := commands.By(events.ByWorker(r.worker))
	origin.Correlation = id.String()
	order, err := orderOf(id, report, origin)
	if err != nil {
		return err
	}
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		_, err := r.handler.Do(ctx, order)
		var fault *events.Fault
		if err == nil || errors.As(err, &fault) && fault.Kind != events.Unavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w, last because of: %w", ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

func orderOf(id events.SessionID, report streamer.Report, origin commands.Origin) (commands.Order, error) {
	switch r := report.(type) {
	case streamer.Launched:
		return commands.Issue(session.Launch{Session: id}, origin), nil
	case streamer.Drawing:
		return commands.Issue(session.Ready{Session: id, Width: r.Width, Height: r.Height, FrameRate: r.FrameRate, Encoder: r.Encoder}, origin), nil
	case streamer.Connected:
		return commands.Issue(session.Activate{Session: id}, origin), nil
	case streamer.Disconnected:
		return commands.Issue(session.Interrupt{Session: id, Cause: r.Cause, Silence: r.Silence}, origin), nil
	case streamer.Measured:
		return commands.Issue(session.ReportQuality{Session: id, From: r.Window.From, To: r.Window.To, Quality: r.Window.Quality}, origin), nil
	case streamer.Finished:
		return commands.Issue(session.Finish{Session: id, Reason: r.Reason}, origin), nil
	case streamer.Broken:
		return commands.Issue(session.Fail{Session: id, Cause: r.Cause, Detail: r.Detail}, origin), nil
	}
	return commands.Order{}, fmt.Errorf("report of unknown type %T", report)
}
