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
	At       time.Time        `db:"at,key"`
	BeganAt  time.Time        `db:"began_at"`
	EndedAt  time.Time        `db:"ended_at"`
	Quality  JSON             `db:"quality,null"`
	Picture  JSON             `db:"picture,null"`

	FrameRate float64 `db:"frame_rate"`
	BitRate   float64 `db:"bit_rate"`
	Lost      float64 `db:"lost"`
	RoundTrip float64 `db:"round_trip"`
	Delay     float64 `db:"delay"`
	Answer    float64 `db:"answer,null"`
	Freezes   int     `db:"freezes"`
	FreezeMs  float64 `db:"freeze_ms"`
}

type pictureKey struct {
	Session  events.SessionID
	Position int64
	At       time.Time
}

// qualityRow is a session's quality: where its last window is in the history,
// and the sums of all.
type qualityRow struct {
	Session        events.SessionID `db:"session_id,key"`
	ToldFrom       time.Time        `db:"told_from"`
	ToldTo         time.Time        `db:"told_to"`
	LastAt         time.Time        `db:"last_at,null"`
	LastPosition   int64            `db:"last_position,null"`
	Windows        int              `db:"windows"`
	FrameRateSum   float64          `db:"frame_rate_sum"`
	FrameRateWorst float64          `db:"frame_rate_worst"`
	BitRateSum     float64          `db:"bit_rate_sum"`
	LostSum        float64          `db:"lost_sum"`
	LostWorst      float64          `db:"lost_worst"`
	RoundTripSum   float64          `db:"round_trip_sum"`
	RoundTripWorst float64          `db:"round_trip_worst"`
	DelaySum       float64          `db:"delay_sum"`
	DelayWorst     float64          `db:"delay_worst"`
	Answered       int              `db:"answered"`
	AnswerSum      float64          `db:"answer_sum"`
	AnswerWorst    float64          `db:"answer_worst"`
	Freezes        int              `db:"freezes"`
	FreezeMs       float64          `db:"freeze_ms"`
	Position       int64            `db:"position"`
}

// measure keeps a window in the history, and in the session's sums.
func (v *sessionView) measure(e events.QualityReported, n *Noted) error {
	quality, err := json.Marshal(e.Quality)
	if err != nil {
		return err
	}
	window := windowOf(e.Quality)
	window.Session, window.Position, window.At, window.Quality = e.Session, n.Position, n.At, quality
	window.BeganAt, window.EndedAt = e.From, later(e.From, e.To)
	v.history.Add(window)
	return v.told(e.Session, n, func(r *qualityRow) { r.add(window) })
}

// windowOf is the figures of a window that curves and summaries are drawn of.
func windowOf(q events.Quality) pictureRow {
	w := pictureRow{
		FrameRate: q.Sent.FrameRate, BitRate: float64(q.Sent.BitRate),
		Lost: q.Path.Lost, RoundTrip: q.Path.RoundTrip, Delay: q.Stages.Total.P95,
	}
	if w.Delay == 0 { // as windows were written first
		w.Delay = q.Stages.Encode.P95 + q.Stages.Send.P95
	}
	if c := q.Client; c != nil {
		w.FrameRate, w.Answer, w.Freezes, w.FreezeMs = c.FrameRate, c.InputToPresent.P95, c.Freezes, c.FreezeTime
	}
	return w
}

func (r *qualityRow) add(w pictureRow) {
	if r.Windows == 0 || w.FrameRate < r.FrameRateWorst {
		r.FrameRateWorst = w.FrameRate
	}
	r.Windows++
	r.LastAt, r.LastPosition = w.At, w.Position
	r.FrameRateSum += w.FrameRate
	r.BitRateSum += w.BitRate
	r.LostSum, r.LostWorst = r.LostSum+w.Lost, max(r.LostWorst, w.Lost)
	r.RoundTripSum, r.RoundTripWorst = r.RoundTripSum+w.RoundTrip, max(r.RoundTripWorst, w.RoundTrip)
	r.DelaySum, r.DelayWorst = r.DelaySum+w.Delay, max(r.DelayWorst, w.Delay)
	if w.Answer != 0 {
		r.Answered++
		r.AnswerSum, r.AnswerWorst = r.AnswerSum+w.Answer, max(r.AnswerWorst, w.Answer)
	}
	r.Freezes += w.Freezes
	r.FreezeMs += w.FreezeMs
}

// adapt keeps a step in the history, and how the picture is after it.
func (v *sessionView) adapt(e events.PictureAdapted, n *Noted) error {
	picture, err := json.Marshal(e)
	if err != nil {
		return err
	}
	v.history.Add(pictureRow{
		Session: e.Session, Position: n.Position, At: n.At, BeganAt: e.At, EndedAt: e.At, Picture: picture,
	})
	if err := v.told(e.Session, n, func(*qualityRow) {}); err != nil {
		return err
	}
	return v.change(e.Session, n, func(r *sessionRow) {
		r.Width, r.Height, r.FrameRate, r.Encoder, r.PictureCause = e.Width, e.Height, e.FrameRate, e.Encoder, e.Cause
	})
}

// told changes the quality of a session, of which there is more history. The
// row of the session stays as it is, which changes often enough.
func (v *sessionView) told(id events.SessionID, n *Noted, with func(*qualityRow)) error {
	return v.qualities.Change(id, func(r *qualityRow) {
		r.ToldFrom, r.ToldTo = earlier(r.ToldFrom, n.At), later(r.ToldTo, n.At)
		r.Position = n.Position
		with(r)
	})
}
