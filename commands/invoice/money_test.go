package invoice_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/events"
)

func TestAsk(t *testing.T) {
	When(after(), invoice.Ask{Invoice: id, Attempt: 1}).Then(t, asked)
	When(after(asked), invoice.Ask{Invoice: id, Attempt: 1}).Then(t)
	When(after(asked, paid), invoice.Ask{Invoice: id, Attempt: 2}).Then(t)
	When(after(paid), invoice.Ask{Invoice: id, Attempt: 1}).Then(t)
	When(after(asked), invoice.Ask{Invoice: id, Attempt: 2}).Refused(t, invoice.ErrUnderWay)
	When(after(), invoice.Ask{Invoice: id, Attempt: 2}).Refused(t, invoice.ErrAttempt)
	When(after(), invoice.Ask{Invoice: id}).Refused(t, invoice.ErrAttempt)
	When(Given(drafted), invoice.Ask{Invoice: id, Attempt: 1}).Refused(t, invoice.ErrNotIssued)
	When(Given(), invoice.Ask{Invoice: id, Attempt: 1}).Refused(t, invoice.ErrUnknown)
}

func TestSucceed(t *testing.T) {
	succeed := invoice.Succeed{Invoice: id, Payment: first, Reference: "ch_1", Amount: eur(1190)}
	When(after(asked), succeed).Then(t, paid)
	When(after(), succeed).Then(t, paid) // before it is known to be asked for
	When(after(asked, paid), succeed).Then(t)
	When(after(asked, failed), succeed).Then(t, paid) // after all

	twice := invoice.Succeed{Invoice: id, Payment: second, Reference: "ch_2", Amount: eur(1190)}
	surplus := events.PaymentSucceeded{Invoice: id, Player: "anna", Payment: second, Attempt: 2, Reference: "ch_2", Amount: eur(1190), Settles: settles(0, 0, 0, 1190), Open: eur(0), At: Now}
	back := events.RefundAsked{Invoice: id, Player: "anna", Payment: second, Refund: events.RefundOf(second, second.String()), Amount: eur(1190), Reason: events.CreditSurplus, Attempt: 1, At: Now}
	When(after(asked, paid), twice).Then(t, surplus, back)

	recovered := paid
	recovered.Settles = settles(0, 1190, 0, 0)
	When(after(asked, failed, written), succeed).Then(t, recovered)

	for _, c := range []struct {
		change func(*invoice.Succeed)
		want   error
	}{
		{func(s *invoice.Succeed) { s.Amount = eur(0) }, invoice.ErrAmount},
		{func(s *invoice.Succeed) { s.Amount = eur(-1) }, invoice.ErrAmount},
		{func(s *invoice.Succeed) { s.Amount = eur(1 << 62) }, invoice.ErrAmount},
		{func(s *invoice.Succeed) { s.Amount.Currency = "USD" }, events.ErrCurrency},
		{func(s *invoice.Succeed) { s.Reference = "two words" }, invoice.ErrPayment},
		{func(s *invoice.Succeed) { s.Payment = events.PaymentID{} }, invoice.ErrPayment},
		{func(s *invoice.Succeed) { s.Amount = eur(1189) }, invoice.ErrPaymentDiffers},
		{func(s *invoice.Succeed) { s.Reference = "ch_9" }, invoice.ErrPaymentDiffers},
		{func(s *invoice.Succeed) { s.Payment = second }, invoice.ErrPaymentDiffers},
	} {
		wrong := succeed
		c.change(&wrong)
		When(after(asked, paid), wrong).Refused(t, c.want)
	}
	When(Given(drafted, added, approved), succeed).Refused(t, invoice.ErrNotIssued)
	When(Given(), succeed).Refused(t, invoice.ErrUnknown)
}

func TestFail(t *testing.T) {
	fail := invoice.Fail{Invoice: id, Payment: first, Reason: events.PaymentDeclined}
	When(after(asked), fail).Then(t, failed)
	When(after(), fail).Then(t, failed)
	When(after(asked, failed), fail).Then(t)
	When(after(asked, paid), fail).Then(t)
	When(after(asked), invoice.Fail{Invoice: id, Payment: first, Reason: "weather"}).Refused(t, invoice.ErrFailure)
	When(after(asked), invoice.Fail{Invoice: id, Reason: events.PaymentDeclined}).Refused(t, invoice.ErrPayment)
	When(Given(), fail).Refused(t, invoice.ErrUnknown)
}

func TestCredit(t *testing.T) {
	note := events.CreditNoteID{2}
	half := []events.CreditLine{{Line: 1, Net: eur(500)}}
	of := events.DocumentSums{
		Kinds: []events.KindSum{{Kind: events.LineSubscription, Net: eur(500)}},
		Taxes: []events.TaxSum{{Rate: 1900, Net: eur(500), Tax: eur(95)}}, Net: eur(500), Tax: eur(95), Total: eur(595),
	}
	written := events.CreditNoteApproved{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Series: "2026-01", Lines: half, Sums: of, At: Now}
	sent := events.CreditNoteIssued{Invoice: id, Player: "anna", CreditNote: note, Number: "2026-01-000002", Sums: of, Settles: settles(595, 0, 0, 0), Open: eur(595), At: Now}
	credit := invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Lines: half}
	When(after(), credit).Then(t, written)
	When(after(written), credit).Then(t)

	rest := credit
	rest.CreditNote, rest.Lines = events.CreditNoteID{3}, nil
	other := written
	other.CreditNote = rest.CreditNote
	When(after(written), rest).Then(t, other)
	When(after(written, other), invoice.Credit{Invoice: id, CreditNote: events.CreditNoteID{4}, Reason: events.CreditOutage}).Refused(t, invoice.ErrNothingLeft)
	rest.Lines = []events.CreditLine{{Line: 1, Net: eur(501)}}
	When(after(written), rest).Refused(t, invoice.ErrNothingLeft)
	rest.CreditNote = note
	When(after(written), rest).Refused(t, invoice.ErrNoteTaken)
	for _, lines := range [][]events.CreditLine{{{Line: 2, Net: eur(1)}}, {{Line: 0, Net: eur(1)}}, {{Line: 1}}, {half[0], half[0]}} {
		When(after(), invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Lines: lines}).Refused(t, invoice.ErrNote)
	}
	When(after(), invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Lines: []events.CreditLine{{Line: 1, Net: events.Money{Amount: 1, Currency: "USD"}}}}).Refused(t, events.ErrCurrency)
	When(after(), invoice.Credit{Invoice: id, CreditNote: note, Reason: "whim", Lines: half}).Refused(t, invoice.ErrReason)
	When(after(), invoice.Credit{Invoice: id, Reason: events.CreditOutage, Lines: half}).Refused(t, invoice.ErrNote)
	When(after(voided), credit).Refused(t, invoice.ErrVoided)
	When(Given(drafted), credit).Refused(t, invoice.ErrNotIssued)

	issue := invoice.IssueCredit{Invoice: id, CreditNote: note, Number: "2026-01-000002"}
	When(after(written), issue).Then(t, sent)
	When(after(written, sent), issue).Then(t)
	When(after(), issue).Refused(t, invoice.ErrUnknownNote)
	When(after(written, sent), invoice.IssueCredit{Invoice: id, CreditNote: note, Number: "2026-01-000009"}).Refused(t, invoice.ErrNumber)
	owed := sent
	owed.Settles, owed.Open = settles(0, 0, 0, 595), eur(0)
	When(after(asked, paid, written), issue).Then(t, owed, events.RefundAsked{Invoice: id, Player: "anna", Payment: first,
		Refund: events.RefundOf(first, note.String()), Amount: eur(595), Reason: events.CreditByNote, Attempt: 1, At: Now})
}

func TestRefund(t *testing.T) {
	refund := events.RefundID{5}
	ask := invoice.AskRefund{Invoice: id, Payment: first, Refund: refund, Amount: eur(100), Reason: events.CreditGoodwill}
	wanted := events.RefundAsked{Invoice: id, Player: "anna", Payment: first, Refund: refund, Amount: eur(100), Reason: events.CreditGoodwill, Attempt: 1, At: Now}
	done := events.PaymentRefunded{Invoice: id, Player: "anna", Payment: first, Refund: refund, Amount: eur(100), Settles: settles(0, 0, 100, 0), At: Now}
	broken := events.RefundFailed{Invoice: id, Player: "anna", Payment: first, Refund: refund, At: Now}
	take := invoice.Refund{Invoice: id, Payment: first, Refund: refund, Amount: eur(100)}
	When(after(asked, paid), ask).Then(t, wanted)
	When(after(asked, paid, wanted), ask).Then(t)
	When(after(asked, paid, wanted, broken), ask).Refused(t, invoice.ErrRefundFailed)
	When(after(asked), ask).Refused(t, invoice.ErrUnpaid)
	more := ask
	more.Refund, more.Amount = events.RefundID{6}, eur(1091)
	When(after(asked, paid, wanted), more).Refused(t, invoice.ErrRefundExceeds)
	more.Reason = "whim"
	When(after(asked, paid), more).Refused(t, invoice.ErrReason)
	more.Refund = events.RefundID{}
	When(after(asked, paid), more).Refused(t, invoice.ErrRefund)

	When(after(asked, paid, wanted), take).Then(t, done)
	When(after(asked, paid), take).Then(t, done) // by the provider's own wish
	When(after(asked, paid, wanted, done), take).Then(t)
	When(after(asked, paid, wanted, done), invoice.Refund{Invoice: id, Payment: first, Refund: refund, Amount: eur(99)}).Refused(t, invoice.ErrRefundDiffers)
	When(after(asked, paid, wanted, done), invoice.Refund{Invoice: id, Payment: first, Refund: events.RefundID{6}, Amount: eur(1091)}).Refused(t, invoice.ErrRefundExceeds)
	When(after(asked, paid, wanted), invoice.FailRefund{Invoice: id, Refund: refund}).Then(t, broken)
	When(after(asked, paid, wanted, done), invoice.FailRefund{Invoice: id, Refund: refund}).Then(t)
	When(after(asked, paid), invoice.FailRefund{Invoice: id, Refund: refund}).Refused(t, invoice.ErrUnknownRefund)
}

func TestDocumentsAreNumberedAndIssued(t *testing.T) {
	numbered := events.NumberAssigned{Series: "2026-01", Number: 1, Printed: "2026-01-000001", Document: events.Document{Invoice: id}, At: Now}
	assign := numbering.Assign{Series: "2026-01", Document: events.Document{Invoice: id}}
	Due(t, Told(invoice.NewNumbers(), drafted, added), Now)
	Due(t, Told(invoice.NewNumbers(), approved, approved), Now, assign)
	Due(t, Told(invoice.NewNumbers(), approved, numbered), Now, invoice.Issue{Invoice: id, Number: "2026-01-000001"})
	Due(t, Told(invoice.NewNumbers(), approved, numbered, issued), Now)
}

func TestCollectionClimbsTheLadder(t *testing.T) {
	day := 24 * time.Hour
	ask := func(attempt int) invoice.Ask { return invoice.Ask{Invoice: id, Attempt: attempt} }
	collection := Told(invoice.NewCollection(invoice.DefaultLadder()), issued)
	Due(t, collection, Now.Add(-time.Hour))
	Due(t, collection, Now, ask(1))
	Due(t, Told(collection, asked), Now.Add(3*day-1))
	Due(t, collection, Now.Add(3*day), invoice.Fail{Invoice: id, Payment: first, Reason: events.PaymentUnanswered})
	for i, wait := range []time.Duration{day, 3 * day, 5 * day, 7 * day} {
		again := failed
		again.Attempt = i + 1
		Due(t, Told(collection, again, again), Now.Add(wait-1))
		Due(t, collection, Now.Add(wait), ask(i+2))
	}
	last := failed
	last.Attempt = 5
	Due(t, Told(collection, last), Now, invoice.Exhaust{Invoice: id})
	Due(t, Told(collection, exhausted), Now.Add(99*day))
	last.Attempt = 6 // the player tried once more
	Due(t, Told(collection, last), Now.Add(99*day))
}

func TestCollectionEndsWithWhatIsOpen(t *testing.T) {
	credited := events.CreditNoteIssued{Invoice: id, Open: eur(0), At: Now}
	for _, end := range []events.Event{paid, voided, written, credited} {
		Due(t, Told(invoice.NewCollection(invoice.DefaultLadder()), issued, asked, failed, end), Now.Add(99*24*time.Hour))
	}
	nothing := issued
	nothing.Sums = events.DocumentSums{Total: eur(0)}
	Due(t, Told(invoice.NewCollection(invoice.DefaultLadder()), nothing), Now)
}

// TestWhatComesOfAnEarlierAttemptChangesNoPlan: the answer to the one that is
// under way is waited for.
func TestWhatComesOfAnEarlierAttemptChangesNoPlan(t *testing.T) {
	second := asked
	second.Attempt, second.Payment = 2, events.PaymentOf(id, 2)
	part := paid
	part.Open = eur(1)
	collection := Told(invoice.NewCollection(invoice.DefaultLadder()), issued, asked, failed, second, part)
	Due(t, collection, Now.Add(invoice.DefaultLadder().Answer),
		invoice.Fail{Invoice: id, Payment: second.Payment, Reason: events.PaymentUnanswered})
}

func TestLadderCheck(t *testing.T) {
	if err := invoice.DefaultLadder().Check(); err != nil {
		t.Error(err)
	}
	for _, wrong := range []invoice.Ladder{{}, {Answer: -1}, {Answer: 1, Retries: []time.Duration{0}}} {
		if wrong.Check() == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}
