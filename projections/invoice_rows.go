package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

type invoiceRow struct {
	Invoice    events.InvoiceID      `db:"invoice_id,key"`
	Player     events.PlayerID       `db:"player_id"`
	State      string                `db:"state"`
	Number     events.DocumentNumber `db:"number,null"`
	Series     events.Series         `db:"series,null"`
	Currency   events.Currency       `db:"currency"`
	Net        int64                 `db:"net"`
	Tax        int64                 `db:"tax"`
	Total      int64                 `db:"total"`
	Open       int64                 `db:"open"`
	WrittenOff int64                 `db:"written_off"`
	Goodwill   int64                 `db:"goodwill"`
	Owed       int64                 `db:"owed"`
	Paid       int64                 `db:"paid"`
	Credited   int64                 `db:"credited"`
	Refunded   int64                 `db:"refunded"`
	Lines      int                   `db:"lines"`
	Dunning    string                `db:"dunning"`
	Attempts   int                   `db:"attempts"`
	Failure    events.PaymentFailure `db:"failure,null"`
	TriedAt    time.Time             `db:"tried_at,null"`
	DraftedAt  time.Time             `db:"drafted_at"`
	ApprovedAt time.Time             `db:"approved_at,null"`
	IssuedAt   time.Time             `db:"issued_at,null"`
	DueAt      time.Time             `db:"due_at,null"`
	SettledAt  time.Time             `db:"settled_at,null"`
	Position   int64                 `db:"position"`
}

type lineKey struct {
	Invoice events.InvoiceID
	Number  int
}

type lineRow struct {
	Invoice  events.InvoiceID `db:"invoice_id,key"`
	Number   int              `db:"number,key"`
	Kind     events.LineKind  `db:"kind"`
	Text     string           `db:"text"`
	Quantity int64            `db:"quantity"`
	Per      int64            `db:"per"`
	Price    int64            `db:"price"`
	Amount   int64            `db:"amount"`
	TaxRate  int              `db:"tax_rate"`
	Credited int64            `db:"credited"`
}

type sourceKey struct {
	Invoice      events.InvoiceID
	Line, Number int
}

type sourceRow struct {
	Invoice      events.InvoiceID      `db:"invoice_id,key"`
	Line         int                   `db:"line,key"`
	Number       int                   `db:"number,key"`
	Event        events.EventID        `db:"event_id"`
	Session      events.SessionID      `db:"session_id,null"`
	Segment      int                   `db:"segment,null"`
	Subscription events.SubscriptionID `db:"subscription_id,null"`
	Period       int                   `db:"period,null"`
}

type taxKey struct {
	Invoice events.InvoiceID
	Rate    int
}

type taxRow struct {
	Invoice events.InvoiceID `db:"invoice_id,key"`
	Rate    int              `db:"rate,key"`
	Net     int64            `db:"net"`
	Tax     int64            `db:"tax"`
}

type noteKey struct {
	Invoice    events.InvoiceID
	CreditNote events.CreditNoteID
}

type noteRow struct {
	Invoice      events.InvoiceID      `db:"invoice_id,key"`
	CreditNote   events.CreditNoteID   `db:"credit_note_id,key"`
	Player       events.PlayerID       `db:"player_id"`
	Number       events.DocumentNumber `db:"number,null"`
	Reason       events.CreditReason   `db:"reason"`
	Currency     events.Currency       `db:"currency"`
	Net          int64                 `db:"net"`
	Tax          int64                 `db:"tax"`
	Total        int64                 `db:"total"`
	FromOpen     int64                 `db:"from_open"`
	FromWritten  int64                 `db:"from_written"`
	FromGoodwill int64                 `db:"from_goodwill"`
	ToPlayer     int64                 `db:"to_player"`
	ApprovedAt   time.Time             `db:"approved_at"`
	IssuedAt     time.Time             `db:"issued_at,null"`
	Position     int64                 `db:"position"`
}

type noteLineKey struct {
	Invoice    events.InvoiceID
	CreditNote events.CreditNoteID
	Line       int
}

type noteLineRow struct {
	Invoice    events.InvoiceID    `db:"invoice_id,key"`
	CreditNote events.CreditNoteID `db:"credit_note_id,key"`
	Line       int                 `db:"line,key"`
	Net        int64               `db:"net"`
}

type paymentKey struct {
	Invoice events.InvoiceID
	Payment events.PaymentID
}

type paymentRow struct {
	Invoice   events.InvoiceID      `db:"invoice_id,key"`
	Payment   events.PaymentID      `db:"payment_id,key"`
	Player    events.PlayerID       `db:"player_id"`
	State     string                `db:"state"`
	Attempt   int                   `db:"attempt"`
	Asked     int64                 `db:"asked"`
	Received  int64                 `db:"received"`
	Refunded  int64                 `db:"refunded"`
	Currency  events.Currency       `db:"currency"`
	Reference string                `db:"reference,null"`
	Failure   events.PaymentFailure `db:"failure,null"`
	BeganAt   time.Time             `db:"began_at"`
	EndedAt   time.Time             `db:"ended_at,null"`
	Position  int64                 `db:"position"`
}

type refundKey struct {
	Invoice events.InvoiceID
	Refund  events.RefundID
}

type refundRow struct {
	Invoice   events.InvoiceID    `db:"invoice_id,key"`
	Refund    events.RefundID     `db:"refund_id,key"`
	Payment   events.PaymentID    `db:"payment_id"`
	Player    events.PlayerID     `db:"player_id"`
	State     string              `db:"state"`
	Amount    int64               `db:"amount"`
	Currency  events.Currency     `db:"currency"`
	Reason    events.CreditReason `db:"reason,null"`
	Attempt   int                 `db:"attempt"`
	InsteadOf events.RefundID     `db:"instead_of,null"`
	BeganAt   time.Time           `db:"began_at"`
	EndedAt   time.Time           `db:"ended_at,null"`
}

type numberKey struct {
	Series events.Series
	Number int
}

type numberRow struct {
	Series     events.Series         `db:"series,key"`
	Number     int                   `db:"number,key"`
	Printed    events.DocumentNumber `db:"printed"`
	Invoice    events.InvoiceID      `db:"invoice_id"`
	CreditNote events.CreditNoteID   `db:"credit_note_id,null"`
	AssignedAt time.Time             `db:"assigned_at"`
}

type seriesRow struct {
	Series     events.Series `db:"series,key"`
	Documents  int64         `db:"documents"`
	Last       int           `db:"last"`
	AssignedAt time.Time     `db:"assigned_at"`
}

type unbilledRow struct {
	Invoice   events.InvoiceID `db:"invoice_id,key"`
	Player    events.PlayerID  `db:"player_id"`
	Event     events.EventID   `db:"event_id"`
	Net       int64            `db:"net"`
	Currency  events.Currency  `db:"currency"`
	Code      string           `db:"code"`
	GivenUpAt time.Time        `db:"given_up_at"`
	Position  int64            `db:"position"`
}
