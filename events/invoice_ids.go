package events

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// InvoiceID names one invoice, from its draft on. It is not the number that is
// printed on it.
type InvoiceID uuid.UUID

// InvoiceOf returns the id of the invoice over what an event charges (UUIDv5),
// so that a charge is invoiced once however often it is seen.
func InvoiceOf(charge EventID) InvoiceID {
	return InvoiceID(uuid.NewSHA1(uuid.UUID(charge), []byte("invoice")))
}

// InvoicePartOf is InvoiceOf where what an event charges fills several invoices:
// that is the first, which is part 0.
func InvoicePartOf(charge EventID, part int) InvoiceID {
	if part == 0 {
		return InvoiceOf(charge)
	}
	return InvoiceID(uuid.NewSHA1(uuid.UUID(charge), fmt.Appendf(nil, "invoice %d", part)))
}

func (id InvoiceID) String() string               { return uuid.UUID(id).String() }
func (id InvoiceID) IsZero() bool                 { return id == InvoiceID{} }
func (id InvoiceID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *InvoiceID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// CreditNoteID names one credit note on an invoice.
type CreditNoteID uuid.UUID

// CreditNoteOf returns the id of the credit note that a command writes
// (UUIDv5), so that the command asked twice writes one.
func CreditNoteOf(command CommandID) CreditNoteID {
	return CreditNoteID(uuid.NewSHA1(uuid.UUID(command), []byte("credit note")))
}

func (id CreditNoteID) String() string               { return uuid.UUID(id).String() }
func (id CreditNoteID) IsZero() bool                 { return id == CreditNoteID{} }
func (id CreditNoteID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *CreditNoteID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// PaymentID names one payment of an invoice, and is the idempotency key under
// which the provider is asked for it.
type PaymentID uuid.UUID

// PaymentOf returns the id of an attempt, from 1, to have an invoice paid
// (UUIDv5): who asks for an attempt twice asks for one payment.
func PaymentOf(invoice InvoiceID, attempt int) PaymentID {
	return PaymentID(uuid.NewSHA1(uuid.UUID(invoice), fmt.Appendf(nil, "payment %d", attempt)))
}

func (id PaymentID) String() string               { return uuid.UUID(id).String() }
func (id PaymentID) IsZero() bool                 { return id == PaymentID{} }
func (id PaymentID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *PaymentID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// RefundID names one refund of a payment, and is the idempotency key under
// which the provider is asked for it.
type RefundID uuid.UUID

// RefundOf returns the id of the refund of a payment for a purpose (UUIDv5).
func RefundOf(payment PaymentID, purpose string) RefundID {
	return RefundID(uuid.NewSHA1(uuid.UUID(payment), []byte("refund for "+purpose)))
}

func (id RefundID) String() string               { return uuid.UUID(id).String() }
func (id RefundID) IsZero() bool                 { return id == RefundID{} }
func (id RefundID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

func (id *RefundID) UnmarshalText(text []byte) error {
	return (*uuid.UUID)(id).UnmarshalText(text)
}

// Series is what documents are numbered within: a month, as "2026-11".
type Series string

// SeriesAt is the series of a document that is approved at a time.
func SeriesAt(at time.Time) Series { return Series(at.UTC().Format("2006-01")) }

// Number is the nth number of the series, from 1, as "2026-11-000042".
func (s Series) Number(n int) DocumentNumber {
	return DocumentNumber(fmt.Sprintf("%s-%06d", s, n))
}

// DocumentNumber is what is printed on an invoice or a credit note.
type DocumentNumber string

// Document is what gets a number: an invoice or, where it is not zero, a credit
// note on it.
type Document struct {
	Invoice    InvoiceID    `json:"invoice"`
	CreditNote CreditNoteID `json:"creditNote,omitzero"`
}

// The streams of invoices, one an invoice, and of their numbers, one a series.
func InvoiceStream(id InvoiceID) Stream { return Stream("invoice-" + id.String()) }
func SeriesStream(series Series) Stream { return Stream("invoicing-" + string(series)) }
