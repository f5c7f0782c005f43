package projections

import (
	"context"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// recordingView is the table of recordings that are there, with their clips.
type recordingView struct{}

var _ View = recordingView{}

func (recordingView) Name() string { return "recording" }

func (recordingView) Apply(ctx context.Context, q *db.Queries, n Noted) ([]events.Stream, error) {
	changed := func(id events.RecordingID, rows int64, err error) ([]events.Stream, error) {
		return []events.Stream{events.RecordingStream(id)}, one(rows, err)
	}
	switch e := n.Event.(type) {
	case events.RecordingOpened:
		rows, err := q.OpenRecording(ctx, db.OpenRecordingParams{
			RecordingID: uuid.UUID(e.Recording), SessionID: uuid.UUID(e.Session), PlayerID: string(e.Player), GameID: string(e.Game),
			Title: e.Title, StartedAt: e.At, Position: n.Position,
		})
		return changed(e.Recording, rows, err)
	case events.RecordingProgressed:
		rows, err := q.ProgressRecording(ctx, db.ProgressRecordingParams{
			RecordingID: uuid.UUID(e.Recording), LengthMs: e.Footage.Length, Bytes: e.Footage.Bytes, Position: n.Position,
		})
		return changed(e.Recording, rows, err)
	case events.RecordingFinished:
		rows, err := q.FinishRecording(ctx, db.FinishRecordingParams{
			RecordingID: uuid.UUID(e.Recording), EndedAt: &e.At, EndReason: text(e.Reason),
			LengthMs: e.Footage.Length, Bytes: e.Footage.Bytes,
			Width: number(e.Width), Height: number(e.Height), Codec: text(e.Codec), Position: n.Position,
		})
		return changed(e.Recording, rows, err)
	case events.RecordingFailed:
		rows, err := q.FailRecording(ctx, db.FailRecordingParams{
			RecordingID: uuid.UUID(e.Recording), EndedAt: &e.At, Fault: text(e.Cause),
			LengthMs: e.Footage.Length, Bytes: e.Footage.Bytes, Position: n.Position,
		})
		return changed(e.Recording, rows, err)
	case events.ClipCut:
		rows, err := q.CutClip(ctx, db.CutClipParams{
			ClipID: uuid.UUID(e.Clip), RecordingID: uuid.UUID(e.Recording), Title: e.Title.Data, FromMs: e.From, ToMs: e.To, CutAt: e.At,
		})
		if err := one(rows, err); err != nil {
			return nil, err
		}
		rows, err = q.TouchRecording(ctx, db.TouchRecordingParams{RecordingID: uuid.UUID(e.Recording), Position: n.Position})
		return changed(e.Recording, rows, err)
	case events.RecordingDeleted:
		rows, err := q.DeleteRecording(ctx, uuid.UUID(e.Recording))
		return changed(e.Recording, rows, err)
	}
	return nil, nil
}

// recorded keeps whether a session is being recorded, for all who share it.
func (v sessionView) recorded(ctx context.Context, q *db.Queries, session events.SessionID, recording *uuid.UUID, n Noted) ([]events.Stream, error) {
	return v.changed(session)(q.RecordSession(ctx, db.RecordSessionParams{
		SessionID: uuid.UUID(session), RecordingID: recording, Position: n.Position,
	}))
}
