package queries

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries/internal/db"
)

// Session is a session as its player and support see it.
type Session struct {
	ID           events.SessionID
	Player       events.PlayerID
	Game         events.GameID
	Title        string
	State        events.SessionState
	Place        int64     // in the queue, 1 is next; 0: does not wait, or is of SessionHistory or LiveSessions
	Priority     int       // in the queue: the higher, the earlier
	Warnings     []Warning // of its ends, the first one first
	RequestedAt  time.Time
	Worker       events.WorkerID // that it was given last; empty: none
	Slot         int             // of the worker
	ActiveSince  *time.Time      // while a segment of play is open
	EndedAt      *time.Time
	EndReason    string
	FailureCause string
	Picture      *Picture // once ready
	Played       time.Duration
	Billed       time.Duration
	Quality      *events.Quality     // of the last window; not of SessionHistory or LiveSessions
	Summary      *Figures            // of all windows; nil: there was none
	Recording    events.RecordingID  // that is being made; zero: none
	SavesTrouble events.SavesTrouble // the last; empty: none
	Position     events.Position
}

// Picture is how a session's picture is sent.
type Picture struct {
	Width, Height, FrameRate int
	Encoder                  string
	Cause                    events.PictureCause // of the last step; empty: it is as the game began
}

// Warning is an end of a session that the player was warned of.
type Warning struct {
	Reason events.EndReason
	Left   events.Seconds // when it was said
	Ends   time.Time
}

// ErrSessionUnknown says that no session has the id.
var ErrSessionUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-session",
	Message: "There is no such session."}

// Session answers: what is the session's state?
func (d *DB) Session(ctx context.Context, id events.SessionID) (Session, error) {
	row, err := d.q.Session(ctx, uuid.UUID(id))
	if err != nil {
		return Session{}, failed("query the session", err, ErrSessionUnknown)
	}
	return sessionOf(row)
}

func sessionOf(row db.SessionRow) (Session, error) {
	r, q := row.ReadSession, row.ReadSessionQuality
	s := Session{
		ID: events.SessionID(r.SessionID), Player: events.PlayerID(r.PlayerID), Game: events.GameID(r.GameID),
		Title: r.Title, State: events.SessionState(r.State), Place: row.Place, Priority: int(r.Priority),
		Worker: events.WorkerID(value(r.WorkerID)), Slot: int(r.Slot), Summary: summaryOf(q),
		RequestedAt: r.RequestedAt.UTC(), ActiveSince: utc(r.ActiveSince), EndedAt: utc(r.EndedAt),
		EndReason: value(r.EndReason), FailureCause: value(r.FailureCause),
		Played: milliseconds(r.PlayedMs), Billed: milliseconds(row.BilledMs),
		SavesTrouble: events.SavesTrouble(value(r.SavesTrouble)),
		Position:     events.Position(max(r.Position, q.Position)),
	}
	if r.RecordingID != nil && s.State != events.SessionIsEnding && !s.State.Over() {
		s.Recording = events.RecordingID(*r.RecordingID)
	}
	if !s.State.Over() && s.State != events.SessionIsEnding {
		var err error
		if s.Warnings, err = warningsOf(r.Warnings); err != nil {
			return Session{}, failed("read the session's warnings", err, nil)
		}
	}
	if r.Width != nil {
		s.Picture = &Picture{
			Width: int(value(r.Width)), Height: int(value(r.Height)),
			FrameRate: int(value(r.FrameRate)), Encoder: value(r.Encoder),
			Cause: events.PictureCause(value(r.PictureCause)),
		}
	}
	if row.Quality != nil {
		s.Quality = new(events.Quality)
		if err := json.Unmarshal(row.Quality, s.Quality); err != nil {
			return Session{}, failed("read the session's quality", err, nil)
		}
	}
	return s, nil
}

func warningsOf(row []byte) ([]Warning, error) {
	var ends map[events.EndReason]struct {
		Left events.Seconds
		Ends time.Time
	}
	if err := json.Unmarshal(row, &ends); err != nil {
		return nil, err
	}
	var warnings []Warning
	for reason, end := range ends {
		warnings = append(warnings, Warning{Reason: reason, Left: end.Left, Ends: end.Ends.UTC()})
	}
	slices.SortFunc(warnings, func(a, b Warning) int { return cmp.Or(a.Ends.Compare(b.Ends), cmp.Compare(a.Reason, b.Reason)) })
	return warnings, nil
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC()
	return &at
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
