package projections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// sessionView is the table of sessions, live and past.
type sessionView struct{}

var _ View = sessionView{}

func (sessionView) Name() string { return "session" }

func (v sessionView) Apply(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		return v.changed(e.Session)(q.RequestSession(ctx, db.RequestSessionParams{
			SessionID: uuid.UUID(e.Session), PlayerID: string(e.Player), GameID: string(e.Game), Title: e.Title,
			RequestedAt: e.At, QueuedAs: e.QueuedAs(), RequestedPos: n.Position,
		}))
	case events.SessionQueued:
		return v.changed(e.Session)(q.QueueSession(ctx, db.QueueSessionParams{SessionID: uuid.UUID(e.Session), Position: n.Position}))
	case events.SessionAllocated:
		return v.changed(e.Session)(q.AllocateSession(ctx, db.AllocateSessionParams{
			SessionID: uuid.UUID(e.Session), WorkerID: text(e.Worker), Slot: number(e.Slot), AllocatedAt: &e.At, Position: n.Position,
		}))
	case events.SessionLaunched:
		return v.changed(e.Session)(q.LaunchSession(ctx, db.LaunchSessionParams{SessionID: uuid.UUID(e.Session), Position: n.Position}))
	case events.SessionReady:
		return v.changed(e.Session)(q.ReadySession(ctx, db.ReadySessionParams{
			SessionID: uuid.UUID(e.Session), Width: number(e.Width), Height: number(e.Height),
			FrameRate: number(e.FrameRate), Encoder: text(e.Encoder), Position: n.Position,
		}))
	case events.SessionActivated:
		return v.activate(ctx, q, e.Session, e.At, n.Position)
	case events.SessionResumed:
		return v.activate(ctx, q, e.Session, e.At, n.Position)
	case events.SessionPaused:
		return v.rest(ctx, q, e.Session, db.RestSessionParams{State: string(events.SessionIsPaused), ClosedMs: closed(e.Closed), Position: n.Position})
	case events.SessionInterrupted:
		return v.rest(ctx, q, e.Session, db.RestSessionParams{State: string(events.SessionIsBroken), ClosedMs: closed(e.Closed), Position: n.Position})
	case events.SessionEnding:
		return v.rest(ctx, q, e.Session, db.RestSessionParams{
			State: string(events.SessionIsEnding), ClosedMs: closed(e.Closed), EndReason: text(e.Reason), Position: n.Position,
		})
	case events.SessionEnded:
		return v.changed(e.Session)(q.EndSession(ctx, db.EndSessionParams{
			SessionID: uuid.UUID(e.Session), ClosedMs: closed(e.Closed), EndedAt: &e.At, EndReason: text(e.Reason), Position: n.Position,
		}))
	case events.SessionFailed:
		return v.changed(e.Session)(q.FailSession(ctx, db.FailSessionParams{
			SessionID: uuid.UUID(e.Session), ClosedMs: closed(e.Closed), EndedAt: &e.At, FailureCause: text(e.Cause), Position: n.Position,
		}))
	case events.SessionRecordingStarted:
		id := uuid.UUID(e.Recording)
		return v.recorded(ctx, q, e.Session, &id, n)
	case events.SessionRecordingStopped:
		return v.recorded(ctx, q, e.Session, nil, n)
	case events.SavesTroubled:
		return v.changed(e.Session)(q.TroubleSessionSaves(ctx, db.TroubleSessionSavesParams{
			SessionID: uuid.UUID(e.Session), SavesTrouble: text(e.Trouble), Position: n.Position,
		}))
	case events.QualityReported:
		return v.measure(ctx, q, e, n.Position)
	case events.PictureAdapted:
		return v.adapt(ctx, q, e, n.Position)
	}
	return v.warn(ctx, q, n)
}

// warn keeps the ends that the player was warned of, until they are not near
// any more.
func (v sessionView) warn(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	switch e := n.Event.(type) {
	case events.SessionWarned:
		warning, err := json.Marshal(map[events.EndReason]any{
			e.Reason: map[string]any{"left": e.Left, "ends": e.Ends},
		})
		if err != nil {
			return nil, err
		}
		return v.changed(e.Session)(q.WarnSession(ctx, db.WarnSessionParams{SessionID: uuid.UUID(e.Session), Warning: warning, Position: n.Position}))
	case events.SessionRoused:
		return v.changed(e.Session)(q.RouseSession(ctx, db.RouseSessionParams{SessionID: uuid.UUID(e.Session), Position: n.Position}))
	}
	return v.people(ctx, q, n)
}

// measure keeps a window in the history, and as the session's latest.
func (v sessionView) measure(ctx context.Context, q *db.Queries, e events.QualityReported, position int64) ([]events.Stream, error) {
	quality, err := json.Marshal(e.Quality)
	if err != nil {
		return nil, err
	}
	if err := one(q.AddPictureHistory(ctx, db.AddPictureHistoryParams{
		SessionID: uuid.UUID(e.Session), Position: position, BeganAt: e.From, EndedAt: e.To, Quality: quality,
	})); err != nil {
		return nil, err
	}
	return v.changed(e.Session)(q.SetSessionQuality(ctx, db.SetSessionQualityParams{
		SessionID: uuid.UUID(e.Session), Quality: quality, Position: position,
	}))
}

// adapt keeps a step in the history, and how the picture is after it.
func (v sessionView) adapt(ctx context.Context, q *db.Queries, e events.PictureAdapted, position int64) ([]events.Stream, error) {
	picture, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if err := one(q.AddPictureHistory(ctx, db.AddPictureHistoryParams{
		SessionID: uuid.UUID(e.Session), Position: position, BeganAt: e.At, EndedAt: e.At, Picture: picture,
	})); err != nil {
		return nil, err
	}
	return v.changed(e.Session)(q.AdaptSessionPicture(ctx, db.AdaptSessionPictureParams{
		SessionID: uuid.UUID(e.Session), Width: number(e.Width), Height: number(e.Height), FrameRate: number(e.FrameRate),
		Encoder: text(e.Encoder), PictureCause: text(e.Cause), Position: position,
	}))
}

func (v sessionView) activate(ctx context.Context, q *db.Queries, id events.SessionID, since time.Time, position int64) ([]events.Stream, error) {
	return v.changed(id)(q.ActivateSession(ctx, db.ActivateSessionParams{SessionID: uuid.UUID(id), ActiveSince: &since, Position: position}))
}

func (v sessionView) rest(ctx context.Context, q *db.Queries, id events.SessionID, row db.RestSessionParams) ([]events.Stream, error) {
	row.SessionID = uuid.UUID(id)
	return v.changed(id)(q.RestSession(ctx, row))
}

// changed returns what a statement on a session's row comes to.
func (sessionView) changed(id events.SessionID) func(int64, error) ([]events.Stream, error) {
	return func(rows int64, err error) ([]events.Stream, error) {
		return []events.Stream{events.SessionStream(id)}, one(rows, err)
	}
}

// closed is the length of a segment in milliseconds; nil has none.
func closed(s *events.Segment) int64 {
	if s == nil {
		return 0
	}
	return s.Duration().Milliseconds()
}

func text[T ~string](v T) *string {
	s := string(v)
	return &s
}

func number(v int) *int32 {
	n := int32(v)
	return &n
}
