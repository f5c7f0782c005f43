package main_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

type recordingRow struct {
	RecordingID, SessionID, PlayerID, GameID, Title, State string
	StartedAt                                              time.Time
	EndedAt                                                *time.Time
	EndReason, Fault                                       *string
	LengthMs, Bytes                                        int64
	Width, Height                                          *int
	Codec                                                  *string
	Position                                               int64
}

type clipRow struct {
	ClipID, RecordingID string
	Title               []byte
	FromMs, ToMs        int64
	CutAt               time.Time
}

func (f *fold) recording(n fact) {
	to := func(id events.RecordingID, state events.RecordingState, kept events.Footage) *recordingRow {
		row := f.recordings[id]
		row.State, row.Position = string(state), int64(n.Position)
		row.LengthMs, row.Bytes = kept.Length, kept.Bytes
		return row
	}
	switch e := n.event.(type) {
	case events.RecordingOpened:
		f.recordings[e.Recording] = &recordingRow{
			RecordingID: e.Recording.String(), SessionID: e.Session.String(), PlayerID: string(e.Player), GameID: string(e.Game),
			Title: e.Title, State: "recording", StartedAt: e.At, Position: int64(n.Position),
		}
	case events.RecordingProgressed:
		to(e.Recording, "recording", e.Footage)
	case events.RecordingFinished:
		row := to(e.Recording, "finished", e.Footage)
		row.EndedAt, row.EndReason = pointer(e.At), pointer(string(e.Reason))
		row.Width, row.Height, row.Codec = pointer(e.Width), pointer(e.Height), pointer(e.Codec)
	case events.RecordingFailed:
		row := to(e.Recording, "failed", e.Footage)
		row.EndedAt, row.Fault = pointer(e.At), pointer(string(e.Cause))
	case events.ClipCut:
		f.recordings[e.Recording].Position = int64(n.Position)
		f.clips = append(f.clips, clipRow{
			ClipID: e.Clip.String(), RecordingID: e.Recording.String(), Title: e.Title.Data, FromMs: e.From, ToMs: e.To, CutAt: e.At,
		})
	case events.RecordingDeleted:
		delete(f.recordings, e.Recording)
		f.clips = slices.DeleteFunc(f.clips, func(c clipRow) bool { return c.RecordingID == e.Recording.String() })
	}
}

// clipRows are in the order of their key.
func (f *fold) clipRows() []clipRow {
	slices.SortFunc(f.clips, func(a, b clipRow) int { return cmp.Compare(a.ClipID, b.ClipID) })
	return f.clips
}
