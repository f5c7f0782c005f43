package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

type dailyKey struct {
	Game events.GameID
	Day  time.Time
}

// dailyRow is what a day came to, of a game or, where that is empty, of all.
type dailyRow struct {
	Game        events.GameID `db:"game_id,key"`
	Day         time.Time     `db:"day,key,date"`
	Players     int64         `db:"players"`
	PlayedMs    int64         `db:"played_ms"`
	Requested   int64         `db:"requested"`
	Started     int64         `db:"started"`
	Ended       int64         `db:"ended"`
	Failed      int64         `db:"failed"`
	Waits       int64         `db:"waits"`
	WaitedMs    int64         `db:"waited_ms"`
	LongestWait int64         `db:"longest_wait_ms"`
	Windows     int64         `db:"windows"`
	BadWindows  int64         `db:"bad_windows"`
	FramesMHz   int64         `db:"frames_mhz"`
	TotalUs     int64         `db:"total_us"`
	RoundTripUs int64         `db:"round_trip_us"`
	LostPpm     int64         `db:"lost_ppm"`
	BitRate     int64         `db:"bit_rate"`
	Answered    int64         `db:"answered"`
	AnswerUs    int64         `db:"answer_us"`
}

// dailyPlayerRow says that a player played a game on a day; an empty game: any.
type dailyPlayerRow struct {
	Player events.PlayerID `db:"player_id,key"`
	Day    time.Time       `db:"day,key,date"`
	Game   events.GameID   `db:"game_id,key"`
}

// dailySessionRow is a session that is not over.
type dailySessionRow struct {
	Session     events.SessionID `db:"session_id,key"`
	Game        events.GameID    `db:"game_id"`
	RequestedAt time.Time        `db:"requested_at"`
	Allocated   bool             `db:"allocated"`
}

type failureKey struct {
	Day   time.Time
	Game  events.GameID
	Cause events.FailureCause
}

type dailyFailureRow struct {
	Day      time.Time           `db:"day,key,date"`
	Game     events.GameID       `db:"game_id,key"`
	Cause    events.FailureCause `db:"cause,key"`
	Failures int64               `db:"failures"`
}

type revenueKey struct {
	Day      time.Time
	Currency events.Currency
}

type dailyRevenueRow struct {
	Day      time.Time       `db:"day,key,date"`
	Currency events.Currency `db:"currency,key"`
	Issued   int64           `db:"issued"`
	Voided   int64           `db:"voided"`
	Credited int64           `db:"credited"`
	Paid     int64           `db:"paid"`
	Refunded int64           `db:"refunded"`
}

func newFiguresView() View {
	return &figuresView{
		days:     NewTable("daily", func(r *dailyRow) dailyKey { return dailyKey{r.Game, r.Day} }),
		players:  NewTable("daily_player", func(r *dailyPlayerRow) dailyPlayerRow { return *r }).Monthly("day"),
		sessions: NewTable("daily_session", func(r *dailySessionRow) events.SessionID { return r.Session }),
		failures: NewTable("daily_failure", func(r *dailyFailureRow) failureKey { return failureKey{r.Day, r.Game, r.Cause} }),
		revenue:  NewTable("daily_revenue", func(r *dailyRevenueRow) revenueKey { return revenueKey{r.Day, r.Currency} }),
	}
}
