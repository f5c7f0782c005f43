package invoice

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What is refused of a payment.
var (
	ErrAttempt = &events.Fault{Kind: events.Conflict, Code: "attempt-out-of-turn",
		Message: "Attempts to have an invoice paid are made one after the other."}
	ErrPayment = &events.Fault{Kind: events.Invalid, Code: "payment-invalid",
		Message: "A payment has an id, and the provider's reference of 1 to 128 letters, digits and signs."}
	ErrPaymentDiffers = &events.Fault{Kind: events.Conflict, Code: "payment-differs",
		Message: "This payment is known with another amount or reference. Look it up at the provider."}
	ErrFailure = &events.Fault{Kind: events.Invalid, Code: "failure-unknown",
		Message: "Give one of the known reasons for a payment to fail."}
)

// payment is one as its answers tell it.
type payment struct {
	id        events.PaymentID
	attempt   int // 0: not asked for
	outcome   outcome
	paid      int64
	reference string
}

// outcome is what came of a payment or refund.
type outcome int

const (
	underWay outcome = iota
	succeeded
	failed
)

var reference = regexp.MustCompile(`^[!-~]{1,128}$`)

// Ask asks for the next attempt to have what is open paid. Nothing is asked
// where nothing is open, or the attempt was made.
type Ask struct {
	Invoice events.InvoiceID
	Attempt int // from 1
}

func (a Ask) Target() events.Stream { return events.InvoiceStream(a.Invoice) }

func (a Ask) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	open := s.Balance.Open
	for _, n := range s.notes {
		if n.issued == "" {
			open -= n.sums.Total.Amount
		}
	}
	switch {
	case open <= 0 || a.Attempt >= 1 && a.Attempt <= s.Attempts:
		return nil, nil
	case s.underWay():
		return nil, ErrUnderWay
	case a.Attempt != s.Attempts+1:
		return nil, ErrAttempt.With(fmt.Sprintf("The next attempt is number %d, not %d.", s.Attempts+1, a.Attempt))
	case len(s.payments) >= most:
		return nil, ErrTooMany
	}
	return []events.Event{events.PaymentAsked{
		Invoice: a.Invoice, Player: s.Player, Payment: events.PaymentOf(a.Invoice, a.Attempt), Attempt: a.Attempt, Amount: s.money(open), At: now,
	}}, nil
}

// Succeed takes the provider's word that money came in. What was paid before
// or never asked for counts, too; what is not owed is asked to be paid back.
type Succeed struct {
	Invoice   events.InvoiceID
	Payment   events.PaymentID
	Reference string // the provider's
	Amount    events.Money
}

func (c Succeed) Target() events.Stream { return events.InvoiceStream(c.Invoice) }

func (c Succeed) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	if err := s.amount(c.Amount); err != nil {
		return nil, err
	}
	if c.Payment.IsZero() || !reference.MatchString(c.Reference) {
		return nil, ErrPayment
	}
	at := s.payment(c.Payment)
	for i, p := range s.payments {
		known := p.outcome == succeeded
		switch {
		case known && i == at && p.paid == c.Amount.Amount && p.reference == c.Reference:
			return nil, nil
		case known && (i == at || p.reference == c.Reference):
			return nil, ErrPaymentDiffers
		}
	}
	if at < 0 && len(s.payments) >= most {
		return nil, ErrTooMany
	}
	settles := s.settle(c.Amount.Amount, false)
	paid := events.PaymentSucceeded{
		Invoice: c.Invoice, Player: s.Player, Payment: c.Payment, Attempt: s.attempt(c.Invoice, c.Payment), Reference: c.Reference,
		Amount: c.Amount, Settles: settles, Open: s.money(s.Balance.Open - settles.Open.Amount), At: now,
	}
	return append([]events.Event{paid}, s.Evolve(paid).payBack(c.Invoice, events.CreditSurplus, c.Payment.String(), now)...), nil
}

// Fail takes the provider's word that a payment brought nothing. It says
// nothing new of one that is over.
type Fail struct {
	Invoice events.InvoiceID
	Payment events.PaymentID
	Reason  events.PaymentFailure
}

func (f Fail) Target() events.Stream { return events.InvoiceStream(f.Invoice) }

func (f Fail) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	at := s.payment(f.Payment)
	switch {
	case f.Payment.IsZero():
		return nil, ErrPayment
	case !f.Reason.Known():
		return nil, ErrFailure
	case at >= 0 && s.payments[at].outcome != underWay:
		return nil, nil
	case at < 0 && len(s.payments) >= most:
		return nil, ErrTooMany
	}
	return []events.Event{events.PaymentFailed{
		Invoice: f.Invoice, Player: s.Player, Payment: f.Payment, Attempt: s.attempt(f.Invoice, f.Payment),
		Reason: f.Reason, Open: s.money(s.Balance.Open), At: now,
	}}, nil
}

func (s State) payment(id events.PaymentID) int {
	return slices.IndexFunc(s.payments, func(p payment) bool { return p.id == id })
}

// attempt is the number of a payment: that under which it was asked for, or the
// next one's if the answer came before that was known, or 0.
func (s State) attempt(invoice events.InvoiceID, id events.PaymentID) int {
	if i := s.payment(id); i >= 0 {
		return s.payments[i].attempt
	}
	if next := s.Attempts + 1; events.PaymentOf(invoice, next) == id {
		return next
	}
	return 0
}

// with has the payment, and its payments to itself.
func (s State) with(id events.PaymentID, attempt int) State {
	s.payments = slices.Clone(s.payments)
	if s.payment(id) < 0 {
		s.payments = append(s.payments, payment{id: id, attempt: attempt})
		s.Attempts = max(s.Attempts, attempt)
	}
	return s
}

// underWay says whether the provider still owes an answer.
func (s State) underWay() bool {
	return slices.ContainsFunc(s.payments, func(p payment) bool { return p.outcome == underWay })
}

// paid is all that came in.
func (s State) paid() int64 {
	var sum int64
	for _, p := range s.payments {
		sum += p.paid
	}
	return sum
}
