package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// recordingView is the recordings that are there, with their clips.
type recordingView struct {
	recordings *Table[events.RecordingID, recordingRow]
	clips      *Table[events.ClipID, clipRow]
}

var _ View = (*recordingView)(nil)

// recordingRow is a recording.
type recordingRow struct {
	ID        events.RecordingID    `db:"recording_id,key"`
	Session   events.SessionID      `db:"session_id"`
	Player    events.PlayerID       `db:"player_id"`
	Game      events.GameID         `db:"game_id"`
	Title     string                `db:"title"`
	State     events.RecordingState `db:"state"`
	StartedAt time.Time             `db:"started_at"`
	EndedAt   time.Time             `db:"ended_at,null"`
	EndReason events.RecordingEnd   `db:"end_reason,null"`
	Fault     events.RecordingFault `db:"fault,null"`
	LengthMs  int64                 `db:"length_ms"`
	Bytes     int64                 `db:"bytes"`
	Width     int                   `db:"width,null"`
	Height    int                   `db:"height,null"`
	Codec     string                `db:"codec,null"`
	Position  int64                 `db:"position"`
}

// clipRow is a part of a recording.
type clipRow struct {
	ID        events.ClipID      `db:"clip_id,key"`
	Recording events.RecordingID `db:"recording_id"`
	Title     []byte             `db:"title,null"`
	FromMs    int64              `db:"from_ms"`
	ToMs      int64              `db:"to_ms"`
	CutAt     time.Time          `db:"cut_at"`
}

func newRecordingView() View {
	return &recordingView{
		recordings: NewTable("recording", func(r *recordingRow) events.RecordingID { return r.ID }),
		clips:      NewTable("clip", func(r *clipRow) events.ClipID { return r.ID }),
	}
}

func (*recordingView) Name() string     { return "recording" }
func (*recordingView) Version() int     { return 1 }
func (v *recordingView) Tables() []Rows { return []Rows{v.recordings, v.clips} }

func (*recordingView) Wants() []events.Event {
	return []events.Event{events.RecordingOpened{}, events.RecordingProgressed{}, events.RecordingFinished{},
		events.RecordingFailed{}, events.ClipCut{}, events.RecordingDeleted{}}
}

func (v *recordingView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.RecordingOpened:
		v.recordings.Add(recordingRow{
			ID: e.Recording, Session: e.Session, Player: e.Player, Game: e.Game, Title: e.Title,
			State: events.RecordingIsOpen, StartedAt: e.At, Position: n.Position,
		})
	case events.RecordingProgressed:
		return v.keep(e.Recording, e.Footage, n, func(*recordingRow) {})
	case events.RecordingFinished:
		return v.keep(e.Recording, e.Footage, n, func(r *recordingRow) {
			r.State, r.EndedAt, r.EndReason = events.RecordingIsFinished, e.At, e.Reason
			r.Width, r.Height, r.Codec = e.Width, e.Height, e.Codec
		})
	case events.RecordingFailed:
		return v.keep(e.Recording, e.Footage, n, func(r *recordingRow) {
			r.State, r.EndedAt, r.Fault = events.RecordingIsFailed, e.At, e.Cause
		})
	case events.ClipCut:
		v.clips.Add(clipRow{ID: e.Clip, Recording: e.Recording, Title: e.Title.Data, FromMs: e.From, ToMs: e.To, CutAt: e.At})
		return v.recordings.Change(e.Recording, func(r *recordingRow) { r.Position = n.Position })
	case events.RecordingDeleted:
		v.clips.DeleteWhere("recording_id", e.Recording)
		v.recordings.Delete(e.Recording)
	}
	return nil
}

// keep has a recording be as long as is kept of it by now.
func (v *recordingView) keep(id events.RecordingID, so events.Footage, n *Noted, with func(*recordingRow)) error {
	return v.recordings.Change(id, func(r *recordingRow) {
		r.LengthMs, r.Bytes, r.Position = so.Length, so.Bytes, n.Position
		with(r)
	})
}
