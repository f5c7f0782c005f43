package invoice_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

var (
	refund   = events.RefundID{5}
	again    = events.RefundOf(first, "instead of "+refund.String())
	toRefund = events.RefundAsked{Invoice: id, Player: "anna", Payment: first, Refund: refund, Amount: eur(100), Reason: events.CreditGoodwill, Attempt: 1, At: Now}
	instead  = events.RefundAsked{Invoice: id, Player: "anna", Payment: first, Refund: again, Amount: eur(100), Reason: events.CreditGoodwill, Attempt: 2, Instead: refund, At: Now}
	unmade   = events.RefundFailed{Invoice: id, Player: "anna", Payment: first, Refund: refund, At: Now}
	made     = events.PaymentRefunded{Invoice: id, Player: "anna", Payment: first, Refund: refund, Amount: eur(100), Settles: settles(0, 0, 100, 0), At: Now}
	left     = events.RefundGivenUp{Invoice: id, Player: "anna", Payment: first, Refund: refund, Attempts: 1, Owed: eur(0), At: Now}
)

func TestRetryRefund(t *testing.T) {
	retry, giveUp := invoice.RetryRefund{Invoice: id, Refund: refund}, invoice.GiveUpRefund{Invoice: id, Refund: refund}
	When(after(asked, paid, toRefund, unmade), retry).Then(t, instead)
	When(after(asked, paid, toRefund, unmade, instead), retry).Then(t)
	When(after(asked, paid, toRefund), retry).Then(t)
	When(after(asked, paid, toRefund, made), retry).Then(t)
	When(after(asked, paid, toRefund, unmade, made), retry).Then(t) // after all
	When(after(asked, paid), retry).Refused(t, invoice.ErrUnknownRefund)
	When(Given(), retry).Refused(t, invoice.ErrUnknown)
	When(Given(drafted), retry).Refused(t, invoice.ErrNotIssued)

	When(after(asked, paid, toRefund, unmade), giveUp).Then(t, left)
	When(after(asked, paid, toRefund, unmade, left), giveUp).Then(t)
	When(after(asked, paid, toRefund, unmade, left), retry).Then(t)
	When(after(asked, paid, toRefund, unmade, instead), giveUp).Then(t)
	When(after(asked, paid), giveUp).Refused(t, invoice.ErrUnknownRefund)
	When(Given(), giveUp).Refused(t, invoice.ErrUnknown)
}

func TestARefundIsRetriedForWhatCanBePaidBack(t *testing.T) {
	retry := invoice.RetryRefund{Invoice: id, Refund: refund}
	whole := made
	whole.Refund, whole.Amount, whole.Settles = events.RefundID{6}, eur(1150), settles(0, 0, 1150, 0)
	part := instead
	part.Amount = eur(40)
	When(after(asked, paid, toRefund, unmade, whole), retry).Then(t, part)
	whole.Amount, whole.Settles = eur(1190), settles(0, 0, 1190, 0)
	When(after(asked, paid, toRefund, unmade, whole), retry).Then(t, left)

	// What is owed is asked for as long as it is owed, and not twice.
	surplus := events.PaymentSucceeded{Invoice: id, Player: "anna", Payment: second, Attempt: 2, Reference: "ch_2", Amount: eur(300), Settles: settles(0, 0, 0, 300), Open: eur(0), At: Now}
	back := events.RefundAsked{Invoice: id, Player: "anna", Payment: second, Refund: refund, Amount: eur(300), Reason: events.CreditSurplus, Attempt: 1, At: Now}
	broken := unmade
	broken.Payment = second
	given := left
	given.Payment, given.Owed = second, eur(300)
	want := back
	want.Refund, want.Attempt, want.Instead = events.RefundOf(second, "instead of "+refund.String()), 2, refund
	When(after(asked, paid, surplus, back, broken), retry).Then(t, want)
	When(after(asked, paid, surplus, back, broken), invoice.GiveUpRefund{Invoice: id, Refund: refund}).Then(t, given)
	other := back
	other.Refund, given.Owed = events.RefundID{6}, eur(0)
	When(after(asked, paid, surplus, back, broken, other), retry).Then(t, given)
}

func TestFailedRefundsAreRetried(t *testing.T) {
	const day = 24 * time.Hour
	retry, giveUp := invoice.RetryRefund{Invoice: id, Refund: refund}, invoice.GiveUpRefund{Invoice: id, Refund: refund}
	told := func(past ...events.Event) *invoice.Refunds {
		return Told(invoice.NewRefunds(invoice.DefaultLadder()), past...)
	}
	Due(t, told(toRefund), Now.Add(99*day)) // it may have been carried out
	for n, wait := range []time.Duration{day, 3 * day, 7 * day} {
		nth := toRefund
		nth.Attempt = n + 1
		Due(t, told(nth, unmade, unmade), Now.Add(wait-1))
		Due(t, told(nth, unmade, unmade), Now.Add(wait), retry)
	}
	fourth := toRefund
	fourth.Attempt = 4
	Due(t, told(fourth, unmade), Now, giveUp)
	Due(t, told(fourth, unmade, left, unmade), Now)
	Due(t, told(toRefund, unmade, instead, toRefund, unmade), Now.Add(99*day))
	Due(t, told(toRefund, unmade, made), Now.Add(99*day))
	Due(t, told(unmade), Now.Add(99*day))

	policy := told(toRefund, unmade)
	refuse(t, policy, busy, Now.Add(day))
	Due(t, policy, Now.Add(day))
	Due(t, policy, Now.Add(day+time.Second), retry)
}

func TestRefusedStepsMakeWay(t *testing.T) {
	numbers := Told(invoice.NewNumbers(), approved)
	refuse(t, numbers, busy, Now)
	Due(t, numbers, Now)
	if len(numbers.Due(Now.Add(time.Second))) != 1 {
		t.Error("a number that was refused is never asked for again")
	}
	Told(numbers, events.NumberAssigned{Printed: "2026-01-000001", Document: events.Document{Invoice: id}})
	refuse(t, numbers, busy, Now)
	Due(t, numbers, Now)
	Due(t, Told(numbers, issued, approved), Now.Add(time.Hour))

	collection := Told(invoice.NewCollection(invoice.DefaultLadder()), issued)
	refuse(t, collection, busy, Now)
	Due(t, collection, Now)
	Due(t, collection, Now.Add(time.Second), invoice.Ask{Invoice: id, Attempt: 1})
	Due(t, Told(collection, asked, paid, issued), Now.Add(9999*time.Hour))
}
