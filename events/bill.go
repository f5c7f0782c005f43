package events

import "time"

// BillGivenUp: charges of an account could not be billed, and are not tried
// again by themselves. They are owed still: the bill can be retried, or its
// invoice drafted by hand.
type BillGivenUp struct {
	Invoice InvoiceID `json:"invoice"` // that they would be on
	Player  PlayerID  `json:"player"`
	Charge  EventID   `json:"charge"` // the first of them
	Net     Money     `json:"net"`
	Code    string    `json:"code"` // of the refusal
	At      time.Time `json:"at"`
}

// BillRetried: a bill that was given up is tried again.
type BillRetried struct {
	Invoice InvoiceID `json:"invoice"`
	At      time.Time `json:"at"`
}

func (BillGivenUp) EventType() string { return "BillGivenUp" }
func (BillRetried) EventType() string { return "BillRetried" }

func (BillGivenUp) event() {}
func (BillRetried) event() {}
