package invoice

import (
	"time"

	"github.com/playcast/playcast/events"
)

// What keeps an invoice from being voided or written off.
var (
	ErrTouched = &events.Fault{Kind: events.Conflict, Code: "invoice-touched",
		Message: "Something was paid, credited or written off of the invoice already. Write a credit note on the rest."}
	ErrUnderWay = &events.Fault{Kind: events.Conflict, Code: "payment-under-way",
		Message: "A payment of the invoice is under way. Wait for what comes of it."}
	ErrNothingOpen = &events.Fault{Kind: events.Conflict, Code: "nothing-open",
		Message: "Nothing of the invoice is open."}
)

// Void takes an issued invoice back as a whole, as long as nothing was paid or
// credited of it. Its number stays taken.
type Void struct {
	Invoice events.InvoiceID
}

func (v Void) Target() events.Stream { return events.InvoiceStream(v.Invoice) }

func (v Void) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil || s.Phase == Voided {
		return nil, err
	}
	if s.underWay() {
		return nil, ErrUnderWay
	}
	if len(s.notes) > 0 || s.Balance != (Balance{Open: s.Sums.Total.Amount}) || s.paid() > 0 {
		return nil, ErrTouched
	}
	return []events.Event{events.InvoiceVoided{Invoice: v.Invoice, Player: s.Player, Sums: s.Sums, At: now}}, nil
}

// WriteOff gives up what is open of an invoice.
type WriteOff struct {
	Invoice events.InvoiceID
}

func (w WriteOff) Target() events.Stream { return events.InvoiceStream(w.Invoice) }

func (w WriteOff) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	switch {
	case s.underWay():
		return nil, ErrUnderWay
	case s.Balance.Open > 0:
		return []events.Event{events.InvoiceWrittenOff{Invoice: w.Invoice, Player: s.Player, Amount: s.money(s.Balance.Open), At: now}}, nil
	case s.Balance.WrittenOff > 0:
		return nil, nil
	}
	return nil, ErrNothingOpen
}
