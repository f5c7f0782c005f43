package events

import "time"

// Settlement is where an amount in the player's favour goes. The parts are
// never negative, and sum up to the amount.
type Settlement struct {
	Open       Money `json:"open"`       // takes from what is open
	WrittenOff Money `json:"writtenOff"` // comes in for what was given up
	Goodwill   Money `json:"goodwill"`   // was paid back before without being owed
	Owed       Money `json:"owed"`       // is owed to the player, or pays that back
}

// PaymentFailure says why a payment failed.
type PaymentFailure string

// The reasons for a failed payment.
const (
	PaymentDeclined         PaymentFailure = "declined"
	PaymentFundsMissing     PaymentFailure = "insufficient-funds"
	PaymentMethodExpired    PaymentFailure = "method-expired"
	PaymentMethodMissing    PaymentFailure = "no-method"
	PaymentUnauthenticated  PaymentFailure = "authentication-required"
	PaymentProviderTroubled PaymentFailure = "provider-error"
	PaymentUnanswered       PaymentFailure = "no-answer" // the provider never said what came of it
)

// Known says whether it is one of the reasons.
func (f PaymentFailure) Known() bool {
	switch f {
	case PaymentDeclined, PaymentFundsMissing, PaymentMethodExpired, PaymentMethodMissing,
		PaymentUnauthenticated, PaymentProviderTroubled, PaymentUnanswered:
		return true
	}
	return false
}

// CreditReason says why a credit note was written, or money paid back.
type CreditReason string

// The reasons for a credit.
const (
	CreditOutage   CreditReason = "outage"
	CreditMistake  CreditReason = "mistake"
	CreditCanceled CreditReason = "cancelled"
	CreditGoodwill CreditReason = "goodwill"
	CreditSurplus  CreditReason = "surplus"    // more was paid than was owed
	CreditDispute  CreditReason = "dispute"    // the provider took it back
	CreditByNote   CreditReason = "creditnote" // a credit note on what was paid
)

// Known says whether it is one of the reasons.
func (r CreditReason) Known() bool {
	switch r {
	case CreditOutage, CreditMistake, CreditCanceled, CreditGoodwill, CreditSurplus, CreditDispute, CreditByNote:
		return true
	}
	return false
}

// CreditLine credits a part of a line of an invoice.
type CreditLine struct {
	Line int   `json:"line"` // its number
	Net  Money `json:"net"`  // of the sign of the line's amount
}

// CreditNoteApproved: a part of an issued invoice is credited; the number is
// asked for.
type CreditNoteApproved struct {
	Invoice    InvoiceID    `json:"invoice"`
	CreditNote CreditNoteID `json:"creditNote"`
	Reason     CreditReason `json:"reason"`
	Series     Series       `json:"series"`
	Lines      []CreditLine `json:"lines"`
	Sums       DocumentSums `json:"sums"`
	At         time.Time    `json:"at"`
}

// CreditNoteIssued: the credit note is out, with its number. Open is what is
// open of the invoice after it.
type CreditNoteIssued struct {
	Invoice    InvoiceID      `json:"invoice"`
	Player     PlayerID       `json:"player"`
	CreditNote CreditNoteID   `json:"creditNote"`
	Number     DocumentNumber `json:"number"`
	Sums       DocumentSums   `json:"sums"`
	Settles    Settlement     `json:"settles"`
	Open       Money          `json:"open"`
	At         time.Time      `json:"at"`
}

// PaymentAsked: the payment provider is to be asked for the amount, with the
// payment's id as idempotency key. Attempts count from 1.
type PaymentAsked struct {
	Invoice InvoiceID `json:"invoice"`
	Player  PlayerID  `json:"player"`
	Payment PaymentID `json:"payment"`
	Attempt int       `json:"attempt"`
	Amount  Money     `json:"amount"`
	At      time.Time `json:"at"`
}

// PaymentSucceeded: money came in. Attempt is 0 for a payment that playcast did
// not ask for; Open is what is open of the invoice after it.
type PaymentSucceeded struct {
	Invoice   InvoiceID  `json:"invoice"`
	Player    PlayerID   `json:"player"`
	Payment   PaymentID  `json:"payment"`
	Attempt   int        `json:"attempt"`
	Reference string     `json:"reference"` // the provider's
	Amount    Money      `json:"amount"`
	Settles   Settlement `json:"settles"`
	Open      Money      `json:"open"`
	At        time.Time  `json:"at"`
}

// PaymentFailed: an attempt brought no money.
type PaymentFailed struct {
	Invoice InvoiceID      `json:"invoice"`
	Player  PlayerID       `json:"player"`
	Payment PaymentID      `json:"payment"`
	Attempt int            `json:"attempt"` // 0: playcast did not ask for it
	Reason  PaymentFailure `json:"reason"`
	Open    Money          `json:"open"`
	At      time.Time      `json:"at"`
}

// RefundAsked: the provider is to be asked to pay back a part of a payment,
// with the refund's id as idempotency key. Attempts count from 1: each further
// one stands in for a refund that failed.
type RefundAsked struct {
	Invoice InvoiceID    `json:"invoice"`
	Player  PlayerID     `json:"player"`
	Payment PaymentID    `json:"payment"`
	Refund  RefundID     `json:"refund"`
	Amount  Money        `json:"amount"`
	Reason  CreditReason `json:"reason"`
	Attempt int          `json:"attempt"`
	Instead RefundID     `json:"instead,omitzero"`
	At      time.Time    `json:"at"`
}

// PaymentRefunded: money went back.
type PaymentRefunded struct {
	Invoice InvoiceID  `json:"invoice"`
	Player  PlayerID   `json:"player"`
	Payment PaymentID  `json:"payment"`
	Refund  RefundID   `json:"refund"`
	Amount  Money      `json:"amount"`
	Settles Settlement `json:"settles"`
	At      time.Time  `json:"at"`
}

// RefundFailed: the provider could not pay back.
type RefundFailed struct {
	Invoice InvoiceID `json:"invoice"`
	Player  PlayerID  `json:"player"`
	Payment PaymentID `json:"payment"`
	Refund  RefundID  `json:"refund"`
	At      time.Time `json:"at"`
}

// RefundGivenUp: a refund that failed is not asked for again. Owed is all that
// the invoice owes the player and nobody is asked for.
type RefundGivenUp struct {
	Invoice  InvoiceID `json:"invoice"`
	Player   PlayerID  `json:"player"`
	Payment  PaymentID `json:"payment"`
	Refund   RefundID  `json:"refund"`
	Attempts int       `json:"attempts"`
	Owed     Money     `json:"owed"`
	At       time.Time `json:"at"`
}

func (CreditNoteApproved) EventType() string { return "CreditNoteApproved" }
func (CreditNoteIssued) EventType() string   { return "CreditNoteIssued" }
func (PaymentAsked) EventType() string       { return "PaymentAsked" }
func (PaymentSucceeded) EventType() string   { return "PaymentSucceeded" }
func (PaymentFailed) EventType() string      { return "PaymentFailed" }
func (RefundAsked) EventType() string        { return "RefundAsked" }
func (PaymentRefunded) EventType() string    { return "PaymentRefunded" }
func (RefundFailed) EventType() string       { return "RefundFailed" }
func (RefundGivenUp) EventType() string      { return "RefundGivenUp" }

func (CreditNoteApproved) event() {}
func (CreditNoteIssued) event()   {}
func (PaymentAsked) event()       {}
func (PaymentSucceeded) event()   {}
func (PaymentFailed) event()      {}
func (RefundAsked) event()        {}
func (PaymentRefunded) event()    {}
func (RefundFailed) event()       {}
func (RefundGivenUp) event()      {}
