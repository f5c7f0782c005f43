package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/recording"
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
	order, err := r.orderOf(id, report, origin)
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

func (r *reporter) orderOf(id events.SessionID, report streamer.Report, origin commands.Origin) (commands.Order, error) {
	switch said := report.(type) {
	case streamer.Launched:
		return commands.Issue(session.Launch{Session: id}, origin), nil
	case streamer.Drawing:
		return commands.Issue(session.Ready{Session: id, Width: said.Width, Height: said.Height, FrameRate: said.FrameRate, Encoder: said.Encoder}, origin), nil
	case streamer.Connected:
		return commands.Issue(session.Activate{Session: id}, origin), nil
	case streamer.Disconnected:
		return commands.Issue(session.Interrupt{Session: id, Cause: said.Cause, Silence: said.Silence}, origin), nil
	case streamer.Idled:
		return commands.Issue(session.Idle{Session: id, For: said.For}, origin), nil
	case streamer.Roused:
		return commands.Issue(session.Active{Session: id}, origin), nil
	case streamer.Adapted:
		said.Picture.Session = id
		return commands.Issue(session.Adapt{Worker: r.worker, Picture: said.Picture}, origin), nil
	case streamer.Measured:
		return commands.Issue(session.ReportQuality{Session: id, From: said.Window.From, To: said.Window.To, Quality: said.Window.Quality}, origin), nil
	case streamer.SavesKept:
		return commands.Issue(session.KeepSaves{Worker: r.worker, Kept: events.SavesKept{
			Session: id, Version: said.Version, Bytes: said.Bytes, Files: said.Files, Skipped: said.Skipped, TookMs: said.Took.Milliseconds(),
		}}, origin), nil
	case streamer.SavesTroubled:
		return commands.Issue(session.TroubleSaves{Worker: r.worker, Trouble: events.SavesTroubled{
			Session: id, Trouble: said.Trouble, Detail: said.Detail,
		}}, origin), nil
	case streamer.RecordingOpened, streamer.RecordingProgressed, streamer.RecordingEnded:
		return r.recordingOrder(said, origin)
	case streamer.Finished:
		return commands.Issue(session.Finish{Session: id, Reason: said.Reason}, origin), nil
	case streamer.Broken:
		return commands.Issue(session.Fail{Session: id, Cause: said.Cause, Detail: said.Detail}, origin), nil
	}
	return commands.Order{}, fmt.Errorf("report of unknown type %T", report)
}

// recordingOrder is what becomes of a recording, told to the recording.
func (r *reporter) recordingOrder(report streamer.Report, origin commands.Origin) (commands.Order, error) {
	switch said := report.(type) {
	case streamer.RecordingOpened:
		e := said.Opened
		return commands.Issue(recording.Open{
			Recording: e.Recording, Session: e.Session, Player: e.Player, Game: e.Game, Title: e.Title, Worker: r.worker,
		}, origin), nil
	case streamer.RecordingProgressed:
		return commands.Issue(recording.Progress{Recording: said.Recording, Worker: r.worker, Footage: said.Footage}, origin), nil
	case streamer.RecordingEnded:
		o := said.Outcome
		if o.Err != nil {
			return commands.Issue(recording.Fail{
				Recording: said.Recording, Worker: r.worker, Cause: o.Fault, Detail: o.Err.Error(), Footage: o.Footage,
			}, origin), nil
		}
		return commands.Issue(recording.Finish{Worker: r.worker, Finished: events.RecordingFinished{
			Recording: said.Recording, Reason: o.Reason, Footage: o.Footage,
			Width: o.Width, Height: o.Height, Codec: string(o.Codec), Dropped: int(o.Dropped),
		}}, origin), nil
	}
	return commands.Order{}, fmt.Errorf("report of unknown type %T", report)
}
