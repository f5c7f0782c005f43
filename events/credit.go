package events

import (
	"time"

	"github.com/google/uuid"
)

// CreditID names one credit of play, bought or granted.
type CreditID uuid.UUID

// CreditOf returns the id of the credit that a command grants (UUIDv5), so that
// the command asked twice grants one.
func CreditOf(command CommandID) CreditID {
	return CreditID(uuid.NewSHA1(uuid.UUID(command), []byte("credit")))
}

func (id CreditID) String() string               { return uuid.UUID(id).String() }
func (id CreditID) IsZero() bool                 { return id == CreditID{} }
func (id CreditID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *CreditID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// CreditGranted: so much play is the player's beyond what their plan includes.
// Charge is what is to be paid for it; zero for a gift.
type CreditGranted struct {
	Player   PlayerID      `json:"player"`
	Credit   CreditID      `json:"credit"`
	Play     time.Duration `json:"play"`
	Charge   Money         `json:"charge,omitzero"`
	Priority int           `json:"priority"`         // the least is burnt first
	Expires  time.Time     `json:"expires,omitzero"` // zero: never
	At       time.Time     `json:"at"`
}

// CreditExpired: what was left of a credit is gone. Value is the part of its
// price that was not burnt, and is earned by that.
type CreditExpired struct {
	Player PlayerID      `json:"player"`
	Credit CreditID      `json:"credit"`
	Lapsed time.Duration `json:"lapsed"`
	Value  Money         `json:"value,omitzero"`
	At     time.Time     `json:"at"`
}

// CreditRevoked: what was left of a credit is taken back. What was paid for that
// is owed until a credit note gives it back.
type CreditRevoked struct {
	Player PlayerID      `json:"player"`
	Credit CreditID      `json:"credit"`
	Lapsed time.Duration `json:"lapsed"`
	At     time.Time     `json:"at"`
}

// CreditBurnt is what was played of a credit. Value is the part of its price
// that is earned by that: those of a credit come to its price.
type CreditBurnt struct {
	Credit CreditID      `json:"credit"`
	Play   time.Duration `json:"play"`
	Left   time.Duration `json:"left"`
	Value  Money         `json:"value,omitzero"`
}

// PlaytimeCharged: a metered segment is burnt. Included, the credits' and
// Overage come to the segment's duration. It follows its PlaytimeMetered. Play
// that began before its subscription ended is that one's, however late it comes.
type PlaytimeCharged struct {
	Player       PlayerID       `json:"player"`
	Session      SessionID      `json:"session"`
	Segment      Segment        `json:"segment"`
	Subscription SubscriptionID `json:"subscription,omitzero"`
	Period       int            `json:"period,omitempty"`
	Included     time.Duration  `json:"included"`
	Late         time.Duration  `json:"late"` // of Included, what had lapsed with the play's own period
	Credits      []CreditBurnt  `json:"credits,omitempty"`
	Overage      Overage        `json:"overage"`
	At           time.Time      `json:"at"`
}

// Overage is play beyond what was the player's, and what is to be paid for it.
type Overage struct {
	Play   time.Duration `json:"play"`
	Hour   Money         `json:"hour,omitzero"`   // the price of one; zero: the plan has none
	Charge Money         `json:"charge,omitzero"` // never past the spending limit
	Waived Money         `json:"waived,omitzero"` // that the limit keeps from being paid
}

// SpendingLimitSet: so much may be spent on overage in a period.
type SpendingLimitSet struct {
	Player PlayerID  `json:"player"`
	Limit  Money     `json:"limit"`
	At     time.Time `json:"at"`
}

// SpendingLimitLifted: there is none any more.
type SpendingLimitLifted struct {
	Player PlayerID  `json:"player"`
	At     time.Time `json:"at"`
}

// SpendingLimitReached: nothing further can be spent in the period. It is said
// once a period, with what was played then.
type SpendingLimitReached struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Period       int            `json:"period"`
	Limit        Money          `json:"limit"`
	Session      SessionID      `json:"session"`
	Segment      int            `json:"segment"`
	At           time.Time      `json:"at"`
}

func (CreditGranted) EventType() string        { return "CreditGranted" }
func (CreditExpired) EventType() string        { return "CreditExpired" }
func (CreditRevoked) EventType() string        { return "CreditRevoked" }
func (PlaytimeCharged) EventType() string      { return "PlaytimeCharged" }
func (SpendingLimitSet) EventType() string     { return "SpendingLimitSet" }
func (SpendingLimitLifted) EventType() string  { return "SpendingLimitLifted" }
func (SpendingLimitReached) EventType() string { return "SpendingLimitReached" }

func (CreditGranted) event()        {}
func (CreditExpired) event()        {}
func (CreditRevoked) event()        {}
func (PlaytimeCharged) event()      {}
func (SpendingLimitSet) event()     {}
func (SpendingLimitLifted) event()  {}
func (SpendingLimitReached) event() {}
