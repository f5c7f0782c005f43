package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

type accountRow struct {
	Player        events.PlayerID       `db:"player_id,key"`
	OpenedAt      time.Time             `db:"opened_at"`
	Currency      events.Currency       `db:"currency,null"`
	PlayedMs      int64                 `db:"played_ms"`
	Sessions      int64                 `db:"sessions"`
	Subscription  events.SubscriptionID `db:"subscription_id,null"`
	Limit         int64                 `db:"limit_amount"`
	LimitCurrency events.Currency       `db:"limit_currency,null"`
	LimitReached  bool                  `db:"limit_reached"`
	ErasedAt      time.Time             `db:"erased_at,null"`
	Position      int64                 `db:"position"`
}

type segmentKey struct {
	Session events.SessionID
	Segment int
	Ended   time.Time
}

func keyOfSegment(session events.SessionID, s events.Segment) segmentKey {
	return segmentKey{session, s.Number, s.To}
}

type playtimeRow struct {
	Session    events.SessionID `db:"session_id,key"`
	Segment    int              `db:"segment,key"`
	Player     events.PlayerID  `db:"player_id"`
	Game       events.GameID    `db:"game_id"`
	BeganAt    time.Time        `db:"began_at"`
	EndedAt    time.Time        `db:"ended_at,key"`
	PlayedMs   int64            `db:"played_ms"`
	IncludedMs int64            `db:"included_ms"`
	CreditMs   int64            `db:"credit_ms"`
	OverageMs  int64            `db:"overage_ms"`
	Charge     int64            `db:"charge"`
	Waived     int64            `db:"waived"`
	Currency   events.Currency  `db:"currency,null"`
}

type sessionBillRow struct {
	Session    events.SessionID `db:"session_id,key"`
	Player     events.PlayerID  `db:"player_id"`
	Game       events.GameID    `db:"game_id"`
	Segments   int              `db:"segments"`
	BilledMs   int64            `db:"billed_ms"`
	IncludedMs int64            `db:"included_ms"`
	CreditMs   int64            `db:"credit_ms"`
	OverageMs  int64            `db:"overage_ms"`
	Charge     int64            `db:"charge"`
	Waived     int64            `db:"waived"`
	Currency   events.Currency  `db:"currency,null"`
}

type usageKey struct {
	Player events.PlayerID
	Month  time.Time
	Game   events.GameID
}

type usageRow struct {
	Player     events.PlayerID `db:"player_id,key"`
	Month      time.Time       `db:"month,key,date"`
	Game       events.GameID   `db:"game_id,key"`
	Sessions   int64           `db:"sessions"`
	PlayedMs   int64           `db:"played_ms"`
	IncludedMs int64           `db:"included_ms"`
	CreditMs   int64           `db:"credit_ms"`
	OverageMs  int64           `db:"overage_ms"`
	Charge     int64           `db:"charge"`
	Waived     int64           `db:"waived"`
	Currency   events.Currency `db:"currency,null"`
}

type subscriptionKey struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
}

type subscriptionRow struct {
	Player       events.PlayerID              `db:"player_id,key"`
	Subscription events.SubscriptionID        `db:"subscription_id,key"`
	State        string                       `db:"state"`
	Plan         events.PlanID                `db:"plan_id"`
	Version      int                          `db:"plan_version"`
	Price        int64                        `db:"price"`
	Overage      int64                        `db:"overage"`
	Currency     events.Currency              `db:"currency"`
	Interval     events.Interval              `db:"length"`
	IncludedMs   int64                        `db:"included_ms"`
	RolloverMs   int64                        `db:"rollover_ms"`
	AtOnce       int                          `db:"at_once"`
	LongestMs    int64                        `db:"longest_ms"`
	Resolution   int                          `db:"resolution"`
	Priority     int                          `db:"priority"`
	NextPlan     events.PlanID                `db:"next_plan_id,null"`
	NextVersion  int                          `db:"next_version,null"`
	NextPrice    int64                        `db:"next_price"`
	NextInterval events.Interval              `db:"next_length,null"`
	Period       int                          `db:"period"`
	PeriodFrom   time.Time                    `db:"period_from"`
	PeriodTo     time.Time                    `db:"period_to"`
	PeriodPaused bool                         `db:"period_paused"`
	Cancelled    bool                         `db:"cancelled"`
	Pausing      bool                         `db:"pausing"`
	StartedAt    time.Time                    `db:"started_at"`
	EndedAt      time.Time                    `db:"ended_at,null"`
	EndReason    events.SubscriptionEndReason `db:"end_reason,null"`
	Position     int64                        `db:"position"`
}

type periodKey struct {
	Player       events.PlayerID
	Subscription events.SubscriptionID
	Period       int
}

type periodRow struct {
	Player       events.PlayerID       `db:"player_id,key"`
	Subscription events.SubscriptionID `db:"subscription_id,key"`
	Period       int                   `db:"period,key"`
	From         time.Time             `db:"from_at"`
	To           time.Time             `db:"to_at"`
	Paused       bool                  `db:"paused"`
	Price        int64                 `db:"price"`
	Currency     events.Currency       `db:"currency"`
	IncludedMs   int64                 `db:"included_ms"`
	RolloverMs   int64                 `db:"rollover_ms"`
	LeftMs       int64                 `db:"left_ms"`
	LateMs       int64                 `db:"late_ms"`
	BurntMs      int64                 `db:"burnt_ms"`
	LapsedMs     int64                 `db:"lapsed_ms"`
	CreditMs     int64                 `db:"credit_ms"`
	OverageMs    int64                 `db:"overage_ms"`
	Spent        int64                 `db:"spent"`
	Waived       int64                 `db:"waived"`
	LimitReached bool                  `db:"limit_reached"`
}

type creditKey struct {
	Player events.PlayerID
	Credit events.CreditID
}

type creditRow struct {
	Player    events.PlayerID `db:"player_id,key"`
	Credit    events.CreditID `db:"credit_id,key"`
	State     string          `db:"state"`
	PlayMs    int64           `db:"play_ms"`
	LeftMs    int64           `db:"left_ms"`
	LapsedMs  int64           `db:"lapsed_ms"`
	Price     int64           `db:"price"`
	Earned    int64           `db:"earned"`
	Currency  events.Currency `db:"currency,null"`
	Priority  int             `db:"priority"`
	ExpiresAt time.Time       `db:"expires_at,null"`
	GrantedAt time.Time       `db:"granted_at"`
	EndedAt   time.Time       `db:"ended_at,null"`
	Position  int64           `db:"position"`
}

type versionKey struct {
	Plan    events.PlanID
	Version int
}

type subscribersRow struct {
	Plan    events.PlanID `db:"plan_id,key"`
	Version int           `db:"plan_version,key"`
	Running int64         `db:"running"`
}
