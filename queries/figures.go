package queries

import (
	"time"

	"github.com/playcast/playcast/queries/internal/db"
)

// Figures sum up windows of a session's quality.
type Figures struct {
	Windows    int64
	FrameRate  Figure  // presented to the player, or where the player's client tells nothing, sent; frames a second
	BitRate    float64 // sent, the mean, bits a second
	Lost       Figure  // share of packets
	RoundTrip  Figure  // milliseconds
	Delay      Figure  // of 95 % of frames, captured to sent, milliseconds
	Answer     Figure  // to 95 % of inputs, milliseconds; 0: the client could not tell
	Freezes    int64
	FreezeTime time.Duration
}

// Figure is over windows: their mean, and the worst of them, which is the
// lowest frame rate and the highest of anything else.
type Figure struct{ Mean, Worst float64 }

func summaryOf(q db.ReadSessionQuality) *Figures {
	if q.Windows == 0 {
		return nil
	}
	f := figuresOf(db.SessionCurveRow{
		Windows: q.Windows, FrameRateSum: q.FrameRateSum, FrameRateWorst: q.FrameRateWorst, BitRateSum: q.BitRateSum,
		LostSum: q.LostSum, LostWorst: q.LostWorst, RoundTripSum: q.RoundTripSum, RoundTripWorst: q.RoundTripWorst,
		DelaySum: q.DelaySum, DelayWorst: q.DelayWorst, Answered: q.Answered, AnswerSum: q.AnswerSum, AnswerWorst: q.AnswerWorst,
		Freezes: q.Freezes, FreezeMs: q.FreezeMs,
	})
	return &f
}

func figuresOf(r db.SessionCurveRow) Figures {
	over := func(n int64, sum, worst float64) Figure { return Figure{Mean: sum / float64(max(1, n)), Worst: worst} }
	return Figures{
		Windows:    r.Windows,
		FrameRate:  over(r.Windows, r.FrameRateSum, r.FrameRateWorst),
		BitRate:    r.BitRateSum / float64(max(1, r.Windows)),
		Lost:       over(r.Windows, r.LostSum, r.LostWorst),
		RoundTrip:  over(r.Windows, r.RoundTripSum, r.RoundTripWorst),
		Delay:      over(r.Windows, r.DelaySum, r.DelayWorst),
		Answer:     over(r.Answered, r.AnswerSum, r.AnswerWorst),
		Freezes:    r.Freezes,
		FreezeTime: time.Duration(r.FreezeMs * float64(time.Millisecond)),
	}
}
