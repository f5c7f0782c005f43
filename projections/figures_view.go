package projections

import (
	"math"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// figuresView is what each day, in UTC, came to. Play counts on the days on
// which it was played, however late it is metered; all else when it happened.
type figuresView struct {
	days     *Table[dailyKey, dailyRow]
	players  *Table[dailyPlayerRow, dailyPlayerRow]
	sessions *Table[events.SessionID, dailySessionRow]
	failures *Table[failureKey, dailyFailureRow]
	revenue  *Table[revenueKey, dailyRevenueRow]
}

var _ View = (*figuresView)(nil)

func (*figuresView) Name() string { return "figures" }
func (*figuresView) Version() int { return 1 }
func (v *figuresView) Tables() []Rows {
	return []Rows{v.days, v.players, v.sessions, v.failures, v.revenue}
}

func (*figuresView) Wants() []events.Event {
	return []events.Event{
		events.SessionRequested{}, events.SessionAllocated{}, events.SessionActivated{}, events.SessionEnded{}, events.SessionFailed{},
		events.QualityReported{}, events.PlaytimeMetered{}, events.PlayerErased{},
		events.InvoiceIssued{}, events.InvoiceVoided{}, events.CreditNoteIssued{}, events.PaymentSucceeded{}, events.PaymentRefunded{},
	}
}

func (v *figuresView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		v.sessions.Put(dailySessionRow{Session: e.Session, Game: e.Game, RequestedAt: e.At})
		v.count(e.At, e.Game, func(r *dailyRow) { r.Requested++ })
	case events.SessionAllocated:
		return v.allocated(e)
	case events.SessionActivated:
		if e.Segment == 1 {
			v.count(e.At, v.gameOf(e.Session), func(r *dailyRow) { r.Started++ })
		}
	case events.SessionEnded:
		v.count(e.At, v.gameOf(e.Session), func(r *dailyRow) { r.Ended++ })
		v.sessions.Delete(e.Session)
	case events.SessionFailed:
		v.failed(e)
	case events.QualityReported:
		v.count(e.At, v.gameOf(e.Session), func(r *dailyRow) { r.add(e.Quality) })
	case events.PlaytimeMetered:
		v.played(e)
	case events.PlayerErased:
		v.players.DeleteWhere("player_id", e.Player)
	default:
		v.money(n.Event)
	}
	return nil
}

// money counts what moved. Sums of documents are gross.
func (v *figuresView) money(e events.Event) {
	switch e := e.(type) {
	case events.InvoiceIssued:
		v.earn(e.At, e.Sums.Total, func(r *dailyRevenueRow) *int64 { return &r.Issued })
	case events.InvoiceVoided:
		v.earn(e.At, e.Sums.Total, func(r *dailyRevenueRow) *int64 { return &r.Voided })
	case events.CreditNoteIssued:
		v.earn(e.At, e.Sums.Total, func(r *dailyRevenueRow) *int64 { return &r.Credited })
	case events.PaymentSucceeded:
		v.earn(e.At, e.Amount, func(r *dailyRevenueRow) *int64 { return &r.Paid })
	case events.PaymentRefunded:
		v.earn(e.At, e.Amount, func(r *dailyRevenueRow) *int64 { return &r.Refunded })
	}
}

func (v *figuresView) earn(at time.Time, amount events.Money, of func(*dailyRevenueRow) *int64) {
	key := revenueKey{dayOf(at), amount.Currency}
	row, _ := v.revenue.Get(key)
	row.Day, row.Currency = key.Day, key.Currency
	*of(&row) += amount.Amount
	v.revenue.Put(row)
}

// count changes a day's figures, of all games and of one. An empty game is not
// known.
func (v *figuresView) count(at time.Time, game events.GameID, change func(*dailyRow)) {
	v.countOne(dailyKey{"", dayOf(at)}, change)
	if game != "" {
		v.countOne(dailyKey{game, dayOf(at)}, change)
	}
}

func (v *figuresView) countOne(key dailyKey, change func(*dailyRow)) {
	row, _ := v.days.Get(key)
	row.Game, row.Day = key.Game, key.Day
	change(&row)
	v.days.Put(row)
}

// gameOf is the game of a session that is not over; empty: it is not known.
func (v *figuresView) gameOf(id events.SessionID) events.GameID {
	row, _ := v.sessions.Get(id)
	return row.Game
}

// allocated counts how long a session waited for its first slot.
func (v *figuresView) allocated(e events.SessionAllocated) error {
	row, there := v.sessions.Get(e.Session)
	if !there || row.Allocated {
		return nil
	}
	waited := max(0, e.At.Sub(row.RequestedAt).Milliseconds())
	v.count(e.At, row.Game, func(r *dailyRow) {
		r.Waits++
		r.WaitedMs += waited
		r.LongestWait = max(r.LongestWait, waited)
	})
	return v.sessions.Change(e.Session, func(r *dailySessionRow) { r.Allocated = true })
}

func (v *figuresView) failed(e events.SessionFailed) {
	game := v.gameOf(e.Session)
	v.count(e.At, game, func(r *dailyRow) { r.Failed++ })
	key := failureKey{dayOf(e.At), game, e.Cause}
	row, _ := v.failures.Get(key)
	v.failures.Put(dailyFailureRow{key.Day, key.Game, key.Cause, row.Failures + 1})
	v.sessions.Delete(e.Session)
}

// longestPlay bounds the days that a segment is parted into; no plan lets play
// go on for as long.
const longestPlay = 31 * 24 * time.Hour

// played counts a segment on each of its days.
func (v *figuresView) played(e events.PlaytimeMetered) {
	from, to := e.Segment.From, e.Segment.To
	if to.Sub(from) > longestPlay { // on one, then
		v.playedOn(from, e, to.Sub(from))
		return
	}
	for {
		midnight := dayOf(from).AddDate(0, 0, 1)
		if !to.After(midnight) {
			v.playedOn(from, e, max(0, to.Sub(from)))
			return
		}
		v.playedOn(from, e, midnight.Sub(from))
		from = midnight
	}
}

func (v *figuresView) playedOn(day time.Time, e events.PlaytimeMetered, took time.Duration) {
	for _, game := range slices.Compact([]events.GameID{"", e.Game}) {
		once := dailyPlayerRow{e.Player, dayOf(day), game}
		_, known := v.players.Get(once)
		if !known {
			v.players.Put(once)
		}
		v.countOne(dailyKey{game, once.Day}, func(r *dailyRow) {
			r.PlayedMs += took.Milliseconds()
			if !known {
				r.Players++
			}
		})
	}
}

// A window is bad in which the player saw the picture freeze, or the way lost
// more packets, or was longer, than play bears.
const (
	bearableLoss      = 0.02
	bearableRoundTrip = 150 // milliseconds
)

// add counts one window of quality.
func (r *dailyRow) add(q events.Quality) {
	r.Windows++
	if q.Path.Lost > bearableLoss || q.Path.RoundTrip > bearableRoundTrip || q.Client != nil && q.Client.Freezes > 0 {
		r.BadWindows++
	}
	r.FramesMHz += whole(q.Sent.FrameRate, 1000)
	r.TotalUs += whole(q.Stages.Total.P50, 1000)
	r.RoundTripUs += whole(q.Path.RoundTrip, 1000)
	r.LostPpm += whole(q.Path.Lost, 1e6)
	r.BitRate += whole(float64(q.Sent.BitRate), 1)
	if q.Client != nil && q.Client.InputToPresent.P50 > 0 {
		r.Answered++
		r.AnswerUs += whole(q.Client.InputToPresent.P50, 1000)
	}
}

// whole is a measured value in smaller units, as a whole number. What nobody can
// have measured is bounded, so that sums of it are.
func whole(value, units float64) int64 {
	return int64(math.Round(max(0, min(value*units, 1e11))))
}
