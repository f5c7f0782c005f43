package invoice_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

func TestNothingIsDoneToAnInvoiceThatIsNotThere(t *testing.T) {
	note, refund := events.CreditNoteID{1}, events.RefundID{1}
	for _, command := range []commands.Command[invoice.State]{
		invoice.AddLine{Invoice: id, Number: 1, Line: line}, invoice.Approve{Invoice: id}, invoice.Discard{Invoice: id},
		invoice.Issue{Invoice: id, Number: "2026-01-000001"}, invoice.Void{Invoice: id}, invoice.WriteOff{Invoice: id}, invoice.Exhaust{Invoice: id},
		invoice.Ask{Invoice: id, Attempt: 1}, invoice.Succeed{Invoice: id, Payment: first, Reference: "r", Amount: eur(1)},
		invoice.Fail{Invoice: id, Payment: first, Reason: events.PaymentDeclined}, invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage},
		invoice.IssueCredit{Invoice: id, CreditNote: note, Number: "2026-01-000001"},
		invoice.AskRefund{Invoice: id, Payment: first, Refund: refund, Amount: eur(1), Reason: events.CreditGoodwill},
		invoice.Refund{Invoice: id, Payment: first, Refund: refund, Amount: eur(1)}, invoice.FailRefund{Invoice: id, Refund: refund},
		invoice.RetryRefund{Invoice: id, Refund: refund}, invoice.GiveUpRefund{Invoice: id, Refund: refund}, invoice.Retry{Invoice: id},
	} {
		When(Given(), command).Refused(t, invoice.ErrUnknown)
	}
}

func TestBadMoneyIsRefusedByName(t *testing.T) {
	refund := events.RefundID{1}
	priced := func(price events.Money, quantity int64) invoice.AddLine {
		l := line
		l.Price, l.Quantity = price, quantity
		return invoice.AddLine{Invoice: id, Number: 1, Line: l}
	}
	credit := func(net events.Money) invoice.Credit {
		return invoice.Credit{Invoice: id, CreditNote: events.CreditNoteID{1}, Reason: events.CreditOutage, Lines: []events.CreditLine{{Line: 1, Net: net}}}
	}
	draft, open, settled := Given(drafted), after(asked), after(asked, paid)
	dollar := events.Money{Amount: 1, Currency: "USD"}
	for _, c := range []struct {
		name    string
		history History
		command commands.Command[invoice.State]
		want    error
	}{
		{"a line in another currency", draft, priced(dollar, 1), events.ErrCurrency},
		{"a line in none", draft, priced(events.Money{Amount: 1}, 1), events.ErrCurrency},
		{"a negative line", draft, priced(eur(math.MinInt64), 1), invoice.ErrNegative},
		{"a line past all numbers", draft, priced(eur(math.MaxInt64), 1_000_000_000_000), events.ErrAmount},
		{"a negative quantity", draft, priced(eur(1), math.MinInt64), invoice.ErrLine},
		{"an endless quantity", draft, priced(eur(1), math.MaxInt64), invoice.ErrLine},
		{"a line of an unknown subscription", draft, invoice.AddLine{Invoice: id, Number: 1, Line: sourced(events.LineSource{Subscription: "anna's"})}, invoice.ErrLine},
		{"a line of a segment below nothing", draft, invoice.AddLine{Invoice: id, Number: 1, Line: sourced(events.LineSource{Segment: -1})}, invoice.ErrLine},
		{"a line of a period below nothing", draft, invoice.AddLine{Invoice: id, Number: 1, Line: sourced(events.LineSource{Period: -1})}, invoice.ErrLine},
		{"a line before the first", draft, invoice.AddLine{Invoice: id, Number: math.MinInt, Line: line}, invoice.ErrLineTaken},
		{"a payment in another currency", open, invoice.Succeed{Invoice: id, Payment: first, Reference: "r", Amount: dollar}, events.ErrCurrency},
		{"a negative payment", open, invoice.Succeed{Invoice: id, Payment: first, Reference: "r", Amount: eur(math.MinInt64)}, invoice.ErrAmount},
		{"an endless payment", open, invoice.Succeed{Invoice: id, Payment: first, Reference: "r", Amount: eur(math.MaxInt64)}, invoice.ErrAmount},
		{"a reference without end", open, invoice.Succeed{Invoice: id, Payment: first, Reference: strings.Repeat("r", 129), Amount: eur(1)}, invoice.ErrPayment},
		{"an attempt below nothing", after(), invoice.Ask{Invoice: id, Attempt: math.MinInt}, invoice.ErrAttempt},
		{"an attempt out of turn", after(), invoice.Ask{Invoice: id, Attempt: math.MaxInt}, invoice.ErrAttempt},
		{"a credit in another currency", settled, credit(dollar), events.ErrCurrency},
		{"a negative credit", settled, credit(eur(math.MinInt64)), invoice.ErrNothingLeft},
		{"an endless credit", settled, credit(eur(math.MaxInt64)), invoice.ErrNothingLeft},
		{"a refund in another currency", settled, invoice.Refund{Invoice: id, Payment: first, Refund: refund, Amount: dollar}, events.ErrCurrency},
		{"a negative refund", settled, invoice.Refund{Invoice: id, Payment: first, Refund: refund, Amount: eur(math.MinInt64)}, invoice.ErrAmount},
		{"a refund of more than was paid", settled, invoice.Refund{Invoice: id, Payment: first, Refund: refund, Amount: eur(1191)}, invoice.ErrRefundExceeds},
		{"a refund of another payment", settled, invoice.Refund{Invoice: id, Payment: second, Refund: refund, Amount: eur(1)}, invoice.ErrUnpaid},
		{"a refund before the payment", open, invoice.AskRefund{Invoice: id, Payment: first, Refund: refund, Amount: eur(1), Reason: events.CreditGoodwill}, invoice.ErrUnpaid},
		{"a line after the approval", Given(drafted, added, approved), invoice.AddLine{Invoice: id, Number: 2, Line: line}, invoice.ErrFixed},
		{"a payment before the issue", Given(drafted, added, approved), invoice.Succeed{Invoice: id, Payment: first, Reference: "r", Amount: eur(1)}, invoice.ErrNotIssued},
		{"a payment of a discarded draft", Given(drafted, discarded), invoice.Succeed{Invoice: id, Payment: first, Reference: "r", Amount: eur(1)}, invoice.ErrDiscarded},
		{"a credit of a voided one", after(voided), credit(eur(1)), invoice.ErrVoided},
	} {
		t.Run(c.name, func(t *testing.T) { When(c.history, c.command).Refused(t, c.want) })
	}
}

func sourced(source events.LineSource) invoice.Line {
	l := line
	l.Sources = []events.LineSource{source}
	return l
}

// TestMoneyThatComesForAVoidedInvoiceIsOwed: it is not refused for being late.
func TestMoneyThatComesForAVoidedInvoiceIsOwed(t *testing.T) {
	owed := paid
	owed.Settles = settles(0, 0, 0, 1190)
	When(after(voided), invoice.Succeed{Invoice: id, Payment: first, Reference: "ch_1", Amount: eur(1190)}).Then(t, owed, events.RefundAsked{
		Invoice: id, Player: "anna", Payment: first, Refund: events.RefundOf(first, first.String()), Amount: eur(1190), Reason: events.CreditSurplus, Attempt: 1, At: Now})
}

// TestAClockThatGoesBackIsNotAsked: what happened is known by its order.
func TestAClockThatGoesBackIsNotAsked(t *testing.T) {
	before := Now.AddDate(-5, 0, 0)
	late := failed
	late.At = before
	When(after(asked).At(before), invoice.Fail{Invoice: id, Payment: first, Reason: events.PaymentDeclined}).Then(t, late)
	collection := Told(invoice.NewCollection(invoice.DefaultLadder()), issued, asked, late)
	Due(t, collection, before)
	Due(t, collection, before.Add(24*time.Hour), invoice.Ask{Invoice: id, Attempt: 2})
	Due(t, told(bought), before, bill(bought, charge(bought, events.LineCredits, "credits.bought", 500, 0)))
}

func worstMoney(t *rapid.T, name string) events.Money {
	return events.Money{
		Amount:   rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1, 500, 1190, 1e15, 1e15 + 1, math.MaxInt64}).Draw(t, name),
		Currency: rapid.SampledFrom([]events.Currency{"EUR", "EUR", "EUR", "USD", "", "€"}).Draw(t, "currency"),
	}
}

// worst is what can be written down at the ends of what each part can be.
func worst(t *rapid.T) commands.Command[invoice.State] {
	number := func(name string) int64 {
		return rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1, 1, 2, 1e12, math.MaxInt64}).Draw(t, name)
	}
	small := func(name string) byte { return byte(rapid.IntRange(0, 3).Draw(t, name)) }
	payment, refund, note := events.PaymentOf(id, int(small("payment"))), events.RefundID{small("refund")}, events.CreditNoteID{small("note")}
	price := invoice.Line{
		Kind: rapid.SampledFrom([]events.LineKind{events.LineSubscription, events.LineDiscount, events.LineProration, ""}).Draw(t, "kind"), Text: "x",
		Quantity: number("quantity"), Per: number("per"), Price: worstMoney(t, "price"), TaxRate: int(number("rate")),
	}
	parts := []events.CreditLine{{Line: int(number("line")), Net: worstMoney(t, "net")}}
	all := []commands.Command[invoice.State]{
		invoice.Draft{Invoice: id, Player: "anna", Currency: "EUR"}, invoice.AddLine{Invoice: id, Number: int(number("number")), Line: price},
		invoice.AddLine{Invoice: id, Number: 1, Line: line}, invoice.Approve{Invoice: id}, invoice.Issue{Invoice: id, Number: "2026-01-000001"},
		invoice.Bill{Invoice: id, Player: "anna", Currency: "EUR", Lines: []invoice.Line{price, line}}, invoice.Void{Invoice: id}, invoice.WriteOff{Invoice: id},
		invoice.Ask{Invoice: id, Attempt: int(number("attempt"))}, invoice.Succeed{Invoice: id, Payment: payment, Reference: payment.String(), Amount: worstMoney(t, "paid")},
		invoice.Fail{Invoice: id, Payment: payment, Reason: events.PaymentDeclined}, invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Lines: parts},
		invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage}, invoice.IssueCredit{Invoice: id, CreditNote: note, Number: "2026-01-000002"},
		invoice.AskRefund{Invoice: id, Payment: payment, Refund: refund, Amount: worstMoney(t, "back"), Reason: events.CreditSurplus},
		invoice.Refund{Invoice: id, Payment: payment, Refund: refund, Amount: worstMoney(t, "back")}, invoice.FailRefund{Invoice: id, Refund: refund},
		invoice.RetryRefund{Invoice: id, Refund: refund}, invoice.GiveUpRefund{Invoice: id, Refund: refund}, invoice.Exhaust{Invoice: id},
		invoice.GiveUp{Invoice: id, Net: worstMoney(t, "net"), Code: "busy"}, invoice.Retry{Invoice: id},
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "command")]
}

func TestNothingBadIsDecidedNorPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state invoice.State
		policies := []commands.Policy{invoice.NewInvoicing(0), invoice.NewNumbers(), invoice.NewCollection(invoice.DefaultLadder()), invoice.NewRefunds(invoice.DefaultLadder())}
		for range 60 {
			decided, err := worst(t).Decide(state, Now)
			var fault *events.Fault
			if err != nil && (!errors.As(err, &fault) || len(decided) > 0) {
				t.Fatalf("refused by %v, decided %v", err, decided)
			}
			for _, e := range decided {
				if _, err := events.Encode(events.EventID{}, e, events.Metadata{}); err != nil {
					t.Fatalf("%+v can't be kept: %v", e, err)
				}
				state = state.Evolve(e)
				for _, policy := range policies {
					policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e)})
				}
			}
			if b := state.Balance; b.Open < 0 || b.WrittenOff < 0 || b.Goodwill < 0 || b.Owed < 0 {
				t.Fatalf("negative: %+v", b)
			}
		}
	})
}
