package queries

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Recording is a recording as its player and support see it.
type Recording struct {
	ID        events.RecordingID
	Session   events.SessionID
	Player    events.PlayerID
	Game      events.GameID
	Title     string
	State     events.RecordingState
	StartedAt time.Time
	End       *RecordingEnd // nil: it is still being made
	Length    time.Duration
	Bytes     int64
	Clips     []Clip // by where they begin
	Position  events.Position
}

// RecordingEnd is how a recording came to its end.
type RecordingEnd struct {
	At            time.Time
	Reason        events.RecordingEnd   // empty after a failure
	Fault         events.RecordingFault // empty after an end in good order
	Width, Height int                   // 0: not known
	Codec         string
}

// Clip is a part of a recording.
type Clip struct {
	ID       events.ClipID
	Title    events.Sealed // zero: it has none that is known
	From, To int64         // milliseconds into the recording
	CutAt    time.Time
}

// ErrRecordingUnknown says that no recording has the id.
var ErrRecordingUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-recording",
	Message: "There is no such recording."}

// Recording answers: what is the recording's state?
func (d *DB) Recording(ctx context.Context, id events.RecordingID) (Recording, error) {
	return whole(ctx, d, func(ctx context.Context, d *DB) (Recording, error) { return d.recording(ctx, id) })
}

func (d *DB) recording(ctx context.Context, id events.RecordingID) (Recording, error) {
	row, err := d.q.Recording(ctx, uuid.UUID(id))
	if err != nil {
		return Recording{}, failed("query the recording", err, ErrRecordingUnknown)
	}
	all := []Recording{recordingOf(row.ReadRecording)}
	return all[0], d.addClips(ctx, all)
}

// RecordingPage is some of a player's recordings, newest first.
type RecordingPage struct {
	Recordings []Recording
	Bytes      int64  // that all of the player's take
	Next       string // the next page's cursor; empty: this was the last
}

// Recordings answers: what has the player recorded? cursor is the Next of the
// page before, empty for the first; size is 1 to 100.
func (d *DB) Recordings(ctx context.Context, player events.PlayerID, cursor string, size int) (RecordingPage, error) {
	return whole(ctx, d, func(ctx context.Context, d *DB) (RecordingPage, error) {
		return d.recordings(ctx, player, cursor, size)
	})
}

func (d *DB) recordings(ctx context.Context, player events.PlayerID, cursor string, size int) (RecordingPage, error) {
	of, before := listOf("recordings", player), newest()
	if err := of.after(cursor, &before); err != nil {
		return RecordingPage{}, err
	}
	size = pageSize(size)
	rows, err := d.q.Recordings(ctx, db.RecordingsParams{
		PlayerID: string(player), BeforeAt: before.at, BeforeID: before.id,
		PageSize: int32(size + 1), // one more tells whether there is a next page
	})
	if err != nil {
		return RecordingPage{}, failed("query the recordings", err, nil)
	}
	var page RecordingPage
	page.Recordings, page.Next = pageOf(of, rows, size, func(r db.RecordingsRow) (Recording, key) {
		return recordingOf(r.ReadRecording), &byTime{r.ReadRecording.StartedAt, r.ReadRecording.RecordingID}
	})
	if page.Bytes, err = d.q.RecordedBytes(ctx, string(player)); err != nil {
		return RecordingPage{}, failed("query what the recordings take", err, nil)
	}
	return page, d.addClips(ctx, page.Recordings)
}

// AllRecordings answers: which recordings are there, of all players, or those in
// a state, the newest first? cursor is the Next of the page before, empty for the
// first; size is 1 to 100. Bytes are not summed up.
func (d *DB) AllRecordings(ctx context.Context, state events.RecordingState, cursor string, size int) (RecordingPage, error) {
	of, before := listOf("all-recordings", state), newest()
	if err := of.after(cursor, &before); err != nil {
		return RecordingPage{}, err
	}
	size = pageSize(size)
	rows, err := d.allRecordings(ctx, state, before, int32(size+1))
	if err != nil {
		return RecordingPage{}, failed("query the recordings of all", err, nil)
	}
	var page RecordingPage
	page.Recordings, page.Next = pageOf(of, rows, size, func(r db.AllRecordingsRow) (Recording, key) {
		return recordingOf(r.ReadRecording), &byTime{r.ReadRecording.StartedAt, r.ReadRecording.RecordingID}
	})
	return page, d.addClips(ctx, page.Recordings)
}

func (d *DB) allRecordings(ctx context.Context, state events.RecordingState, before byTime, limit int32) ([]db.AllRecordingsRow, error) {
	if state == events.RecordingNone {
		return d.q.AllRecordings(ctx, db.AllRecordingsParams{BeforeAt: before.at, BeforeID: before.id, PageSize: limit})
	}
	rows, err := d.q.AllRecordingsInState(ctx, db.AllRecordingsInStateParams{
		State: string(state), BeforeAt: before.at, BeforeID: before.id, PageSize: limit,
	})
	all := make([]db.AllRecordingsRow, len(rows))
	for i, row := range rows {
		all[i] = db.AllRecordingsRow(row)
	}
	return all, err
}

// addClips fills in the clips of recordings.
func (d *DB) addClips(ctx context.Context, all []Recording) error {
	index := map[uuid.UUID]*Recording{}
	ids := make([]uuid.UUID, len(all))
	for i := range all {
		ids[i] = uuid.UUID(all[i].ID)
		index[ids[i]] = &all[i]
	}
	rows, err := d.q.Clips(ctx, ids)
	if err != nil {
		return failed("query the clips", err, nil)
	}
	for _, row := range rows {
		c := row.ReadClip
		of := index[c.RecordingID]
		clip := Clip{ID: events.ClipID(c.ClipID), From: c.FromMs, To: c.ToMs, CutAt: c.CutAt.UTC()}
		if len(c.Title) > 0 {
			clip.Title = events.Sealed{Player: of.Player, Data: c.Title} // by whom it was recorded, as is decided
		}
		of.Clips = append(of.Clips, clip)
	}
	return nil
}

func recordingOf(r db.ReadRecording) Recording {
	found := Recording{
		ID: events.RecordingID(r.RecordingID), Session: events.SessionID(r.SessionID), Player: events.PlayerID(r.PlayerID),
		Game: events.GameID(r.GameID), Title: r.Title, State: events.RecordingState(r.State), StartedAt: r.StartedAt.UTC(),
		Length: milliseconds(r.LengthMs), Bytes: r.Bytes, Position: events.Position(r.Position),
	}
	if r.EndedAt != nil {
		found.End = &RecordingEnd{
			At: r.EndedAt.UTC(), Reason: events.RecordingEnd(value(r.EndReason)), Fault: events.RecordingFault(value(r.Fault)),
			Width: int(value(r.Width)), Height: int(value(r.Height)), Codec: value(r.Codec),
		}
	}
	return found
}
