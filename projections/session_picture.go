package projections

import (
	"encoding/json"
	"time"

	"github.com/playcast/playcast/events"
)

// pictureRow is a part of the story of a session's picture: a window of
// quality, or a step to another shape or encoder.
type pictureRow struct {
	Session  events.SessionID `db:"session_id,key"`
	Position int64            `db:"position,key"`
	BeganAt  time.Time        `db:"began_at"`
	EndedAt  time.Time        `db:"ended_at"`
	Quality  JSON             `db:"quality,null"`
	Picture  JSON             `db:"picture,null"`
}

type pictureKey struct {
	Session  events.SessionID
	Position int64
}

// measure keeps a window in the history, and as the session's latest.
func (v *sessionView) measure(e events.QualityReported, n *Noted) error {
	quality, err := json.Marshal(e.Quality)
	if err != nil {
		return err
	}
	v.history.Add(pictureRow{Session: e.Session, Position: n.Position, BeganAt: e.From, EndedAt: e.To, Quality: quality})
	return v.change(e.Session, n, func(r *sessionRow) { r.Quality = quality })
}

// adapt keeps a step in the history, and how the picture is after it.
func (v *sessionView) adapt(e events.PictureAdapted, n *Noted) error {
	picture, err := json.Marshal(e)
	if err != nil {
		return err
	}
	v.history.Add(pictureRow{Session: e.Session, Position: n.Position, BeganAt: e.At, EndedAt: e.At, Picture: picture})
	return v.change(e.Session, n, func(r *sessionRow) {
		r.Width, r.Height, r.FrameRate, r.Encoder, r.PictureCause = e.Width, e.Height, e.FrameRate, e.Encoder, e.Cause
	})
}
