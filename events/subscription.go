package events

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// SubscriptionID names one subscription, from its start to its end.
type SubscriptionID uuid.UUID

// SubscriptionOf returns the id of the subscription that a command starts
// (UUIDv5), so that the command asked twice starts one.
func SubscriptionOf(command CommandID) SubscriptionID {
	return SubscriptionID(uuid.NewSHA1(uuid.UUID(command), []byte("subscription")))
}

// ParseSubscriptionID reads the canonical text form; anything else is an error.
func ParseSubscriptionID(text string) (SubscriptionID, error) {
	id, err := parseUUID(text)
	if err != nil {
		return SubscriptionID{}, fmt.Errorf("subscription id %q: %w", text, err)
	}
	return SubscriptionID(id), nil
}

func (id SubscriptionID) String() string               { return uuid.UUID(id).String() }
func (id SubscriptionID) IsZero() bool                 { return id == SubscriptionID{} }
func (id SubscriptionID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *SubscriptionID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// Period is what is paid for at once: From belongs to it, To to the next one.
type Period struct {
	Number int       `json:"number"` // from 1 within its subscription
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Paused bool      `json:"paused,omitempty"` // nothing is paid, nothing is had
}

// SubscriptionStarted: the first period is to be paid.
type SubscriptionStarted struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Offer        Offer          `json:"offer"`
	Period       Period         `json:"period"`
	Charge       Money          `json:"charge"`
	At           time.Time      `json:"at"`
}

// SubscriptionRenewed: the next period is to be paid, unless it is paused.
type SubscriptionRenewed struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Offer        Offer          `json:"offer"` // another one where a change was due
	Period       Period         `json:"period"`
	Charge       Money          `json:"charge"`
	Rollover     time.Duration  `json:"rollover"` // left to this period
	Lapsed       time.Duration  `json:"lapsed"`   // past what could be left
	At           time.Time      `json:"at"`
}

// SubscriptionChanged: a dearer offer holds from now on. The charge is the
// difference of the prices for Remaining of the period's Seconds, and so many of
// the further hours are added.
type SubscriptionChanged struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Before       Offer          `json:"before"`
	Offer        Offer          `json:"offer"`
	Period       int            `json:"period"`
	Remaining    int64          `json:"remaining"` // seconds
	Seconds      int64          `json:"seconds"`
	Charge       Money          `json:"charge"` // never negative
	Added        time.Duration  `json:"added"`
	At           time.Time      `json:"at"`
}

// SubscriptionChangeScheduled: another offer holds from the next period on.
type SubscriptionChangeScheduled struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Offer        Offer          `json:"offer"`
	From         time.Time      `json:"from"`
	At           time.Time      `json:"at"`
}

// SubscriptionChangeDropped: the next period is as this one after all.
type SubscriptionChangeDropped struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	At           time.Time      `json:"at"`
}

// SubscriptionCancelled: the present period is the last one.
type SubscriptionCancelled struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Until        time.Time      `json:"until"`
	At           time.Time      `json:"at"`
}

// SubscriptionKept: it is not cancelled any more.
type SubscriptionKept struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	At           time.Time      `json:"at"`
}

// SubscriptionPaused: the periods from then on are paused.
type SubscriptionPaused struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	From         time.Time      `json:"from"`
	At           time.Time      `json:"at"`
}

// SubscriptionResumed: there is no pause any more. A paused period ends at once,
// and Period, which is to be paid, begins; there is none where the pause had not
// begun. Rollover and Lapsed are of the play that the pause had held.
type SubscriptionResumed struct {
	Player       PlayerID       `json:"player"`
	Subscription SubscriptionID `json:"subscription"`
	Offer        Offer          `json:"offer"`
	Period       *Period        `json:"period,omitempty"`
	Charge       Money          `json:"charge"`
	Rollover     time.Duration  `json:"rollover"`
	Lapsed       time.Duration  `json:"lapsed"`
	At           time.Time      `json:"at"`
}

// SubscriptionEndReason says why a subscription ended.
type SubscriptionEndReason string

// The reasons for an end.
const (
	SubscriptionRanOut  SubscriptionEndReason = "cancelled" // its last period is over
	SubscriptionUnpaid  SubscriptionEndReason = "unpaid"
	SubscriptionStopped SubscriptionEndReason = "stopped" // by staff
	SubscriptionErased  SubscriptionEndReason = "erased"  // and so is its player
)

// SubscriptionEnded: nothing is had of it any more.
type SubscriptionEnded struct {
	Player       PlayerID              `json:"player"`
	Subscription SubscriptionID        `json:"subscription"`
	Period       int                   `json:"period"` // the last one
	Reason       SubscriptionEndReason `json:"reason"`
	Lapsed       time.Duration         `json:"lapsed"` // of included play
	At           time.Time             `json:"at"`
}

func (SubscriptionStarted) EventType() string         { return "SubscriptionStarted" }
func (SubscriptionRenewed) EventType() string         { return "SubscriptionRenewed" }
func (SubscriptionChanged) EventType() string         { return "SubscriptionChanged" }
func (SubscriptionChangeScheduled) EventType() string { return "SubscriptionChangeScheduled" }
func (SubscriptionChangeDropped) EventType() string   { return "SubscriptionChangeDropped" }
func (SubscriptionCancelled) EventType() string       { return "SubscriptionCancelled" }
func (SubscriptionKept) EventType() string            { return "SubscriptionKept" }
func (SubscriptionPaused) EventType() string          { return "SubscriptionPaused" }
func (SubscriptionResumed) EventType() string         { return "SubscriptionResumed" }
func (SubscriptionEnded) EventType() string           { return "SubscriptionEnded" }

func (SubscriptionStarted) event()         {}
func (SubscriptionRenewed) event()         {}
func (SubscriptionChanged) event()         {}
func (SubscriptionChangeScheduled) event() {}
func (SubscriptionChangeDropped) event()   {}
func (SubscriptionCancelled) event()       {}
func (SubscriptionKept) event()            {}
func (SubscriptionPaused) event()          {}
func (SubscriptionResumed) event()         {}
func (SubscriptionEnded) event()           {}
