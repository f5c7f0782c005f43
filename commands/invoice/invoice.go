// Package invoice decides on invoices, and on what is paid, credited and
// refunded of them. The payment provider is somebody else's: PaymentAsked and
// RefundAsked say what it is to be asked for, and its answers come as commands.
//
//	Draft ─▶ drafted ─Approve─▶ approved ─(numbering)─ Issue ─▶ issued ─Void─▶ voided
//	           └─Discard─▶ discarded
//
//	of an issued one:  Ask ─▶ asked ─┬─▶ Succeed    Credit ─(numbering)─▶ IssueCredit
//	                     ▲           └─▶ Fail         │
//	                     └── dunning ─────┴─▶ Exhaust └─▶ AskRefund ─┬─▶ Refund
//	                                                          ▲      └─▶ FailRefund ─▶ GiveUpRefund
//	                                                          └─ RetryRefund ──┘
//
// An issued invoice never changes. What happens to it is told by its balance:
// what is open, was written off, was given back out of goodwill, and is owed to
// the player. Answers of the provider count whatever their order: money that
// came in is never refused for having come late, twice or unasked, and what is
// not owed is asked to be paid back with the same decision.
package invoice

import (
	"slices"

	"github.com/playcast/playcast/events"
)

// Phase is an invoice's place in its life.
type Phase int

// The phases.
const (
	None Phase = iota
	Drafted
	Discarded
	Approved
	Issued
	Voided
)

// State is an invoice as its stream tells it.
type State struct {
	Phase     Phase
	Player    events.PlayerID
	Currency  events.Currency
	Lines     []events.InvoiceLine
	Sums      events.DocumentSums // from the approval on
	Number    events.DocumentNumber
	Balance   Balance
	Attempts  int // the highest that is known
	Exhausted bool
	trouble
	notes    []note
	payments []payment
	refunds  []refund
}

// trouble is what became of the charges' bill before it was an invoice.
type trouble struct {
	GivenUp bool
	Retried bool // and not given up again
}

type note struct {
	id     events.CreditNoteID
	reason events.CreditReason
	lines  []events.CreditLine
	sums   events.DocumentSums
	issued events.DocumentNumber // empty: approved only
}

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.InvoiceDrafted:
		s.Phase, s.Player, s.Currency = Drafted, e.Player, e.Currency
	case events.InvoiceLineAdded:
		s.Lines = append(slices.Clip(s.Lines), e.Line)
	case events.InvoiceDiscarded:
		s.Phase = Discarded
	case events.InvoiceApproved:
		s.Phase, s.Sums = Approved, e.Sums
	case events.InvoiceIssued:
		s.Phase, s.Number, s.Balance.Open = Issued, e.Number, e.Sums.Total.Amount
	case events.InvoiceVoided:
		s.Phase, s.Balance.Open = Voided, 0
	case events.InvoiceWrittenOff:
		s.Balance.Open -= e.Amount.Amount
		s.Balance.WrittenOff += e.Amount.Amount
	case events.DunningExhausted:
		s.Exhausted = true
	case events.BillGivenUp:
		s.trouble = trouble{GivenUp: true}
	case events.BillRetried:
		s.trouble = trouble{Retried: true}
	case events.CreditNoteApproved:
		s.notes = append(slices.Clip(s.notes), note{id: e.CreditNote, reason: e.Reason, lines: e.Lines, sums: e.Sums})
	case events.CreditNoteIssued:
		s.notes = slices.Clone(s.notes)
		s.notes[s.note(e.CreditNote)].issued = e.Number
		s.Balance = s.Balance.after(e.Settles)
	default:
		return s.evolveMoney(e)
	}
	return s
}

// evolveMoney is Evolve of what the provider was asked and has answered.
func (s State) evolveMoney(e events.Event) State {
	switch e := e.(type) {
	case events.PaymentAsked:
		s.payments = append(slices.Clip(s.payments), payment{id: e.Payment, attempt: e.Attempt})
		s.Attempts = max(s.Attempts, e.Attempt)
	case events.PaymentSucceeded:
		s = s.with(e.Payment, e.Attempt)
		p := &s.payments[s.payment(e.Payment)]
		p.outcome, p.paid, p.reference = succeeded, e.Amount.Amount, e.Reference
		s.Balance = s.Balance.after(e.Settles)
	case events.PaymentFailed:
		s = s.with(e.Payment, e.Attempt)
		s.payments[s.payment(e.Payment)].outcome = failed
	case events.RefundAsked:
		s.refunds = append(slices.Clone(s.refunds), refund{
			id: e.Refund, payment: e.Payment, amount: e.Amount.Amount, reason: e.Reason, attempt: e.Attempt})
		s.follow(e.Instead)
	case events.PaymentRefunded:
		s = s.withRefund(e)
		s.Balance = s.Balance.paidBack(e.Settles)
	case events.RefundFailed:
		s.refunds = slices.Clone(s.refunds)
		s.refunds[s.refund(e.Refund)].outcome = failed
	case events.RefundGivenUp:
		s.refunds = slices.Clone(s.refunds)
		s.follow(e.Refund)
	}
	return s
}

func (s State) note(id events.CreditNoteID) int {
	return slices.IndexFunc(s.notes, func(n note) bool { return n.id == id })
}

// money is an amount in the invoice's currency.
func (s State) money(amount int64) events.Money {
	return events.Money{Amount: amount, Currency: s.Currency}
}

// What is refused of an invoice in a phase that is not the one for it.
var (
	ErrUnknown = &events.Fault{Kind: events.NotFound, Code: "unknown-invoice",
		Message: "There is no such invoice."}
	ErrNotIssued = &events.Fault{Kind: events.Conflict, Code: "invoice-not-issued",
		Message: "The invoice is not issued yet. Try again when it has its number."}
	ErrFixed = &events.Fault{Kind: events.Conflict, Code: "invoice-fixed",
		Message: "The invoice is approved and does not change any more. Write a credit note on it, or void it."}
	ErrDiscarded = &events.Fault{Kind: events.Conflict, Code: "invoice-discarded",
		Message: "The draft was discarded. Begin another one."}
	ErrVoided = &events.Fault{Kind: events.Conflict, Code: "invoice-voided",
		Message: "The invoice was voided and is worth nothing any more."}
)

// draft refuses what is asked of anything but a draft.
func (s State) draft() error {
	switch s.Phase {
	case Drafted:
		return nil
	case None:
		return ErrUnknown
	case Discarded:
		return ErrDiscarded
	default:
		return ErrFixed
	}
}

// out refuses what is asked of an invoice that has not been issued.
func (s State) out() error {
	switch s.Phase {
	case Issued, Voided:
		return nil
	case None:
		return ErrUnknown
	case Discarded:
		return ErrDiscarded
	default:
		return ErrNotIssued
	}
}
