package invoice_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

// books is one invoice and its series as their streams tell them, with the
// ledger of both and the policies that join them.
type books struct {
	t        *rapid.T
	now      time.Time
	state    invoice.State
	series   map[events.Series]numbering.Series
	past     []events.Event
	ledger   ledger.Books
	policies []commands.Policy
	asked    map[int]int // attempts, and how often
	totals   map[string]int64
}

func newBooks(t *rapid.T) *books {
	return &books{
		t: t, now: Now, series: map[events.Series]numbering.Series{}, asked: map[int]int{}, totals: map[string]int64{},
		policies: []commands.Policy{invoice.NewNumbers(), invoice.NewCollection(invoice.DefaultLadder())},
	}
}

// do decides a command and notes what follows.
func (b *books) do(command any) {
	var decided []events.Event
	var err error
	switch c := command.(type) {
	case numbering.Assign:
		decided, err = c.Decide(b.series[c.Series], b.now)
	case commands.Command[invoice.State]:
		decided, err = c.Decide(b.state, b.now)
	}
	if err != nil && len(decided) > 0 {
		b.t.Fatalf("%+v is refused, but decided %v", command, decided)
	}
	for _, e := range decided {
		if assigned, ok := e.(events.NumberAssigned); ok {
			b.series[assigned.Series] = b.series[assigned.Series].Evolve(e)
		} else {
			b.state = b.state.Evolve(e)
		}
		b.note(e)
	}
	b.check()
}

func (b *books) note(e events.Event) {
	b.past = append(b.past, e)
	if err := b.ledger.Apply(CauseOf(e).Event, e); err != nil {
		b.t.Fatal(err)
	}
	switch e := e.(type) {
	case events.PaymentAsked:
		b.asked[e.Attempt]++
	case events.PaymentSucceeded:
		b.totals["paid"] += e.Amount.Amount
		b.totals["paid "+e.Payment.String()] += e.Amount.Amount
		b.totals["applied"] += e.Settles.Open.Amount + e.Settles.WrittenOff.Amount
	case events.PaymentRefunded:
		b.totals["refunded"] += e.Amount.Amount
		b.totals["refunded "+e.Payment.String()] += e.Amount.Amount
		if b.totals["refunded "+e.Payment.String()] > b.totals["paid "+e.Payment.String()] {
			b.t.Fatalf("more went back than came in: %+v", e)
		}
	case events.CreditNoteApproved:
		b.totals["credited"] += e.Sums.Total.Amount
		b.totals["tax credited"] += e.Sums.Tax.Amount
	}
	for _, policy := range b.policies {
		for range rapid.IntRange(1, 2).Draw(b.t, "deliveries") {
			policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e), Time: b.now})
		}
	}
}

func (b *books) check() {
	balance := b.state.Balance
	for account, want := range map[ledger.Account]int64{
		ledger.Receivable: balance.Open, ledger.WrittenOff: balance.WrittenOff, ledger.Refunds: balance.Goodwill,
		ledger.Payable: -balance.Owed, ledger.Cash: b.totals["paid"] - b.totals["refunded"],
	} {
		if got := b.ledger.Balance(account, "EUR").Amount; got != want || want < 0 && account != ledger.Payable {
			b.t.Fatalf("%s stands at %d, want %d: %+v", account, got, want, b.past)
		}
	}
	var sum int64
	for _, row := range b.ledger.TrialBalance() {
		sum += row.Amount.Amount
	}
	total := b.state.Sums.Total.Amount
	if sum != 0 || balance.Owed < 0 || b.totals["applied"] > total || b.totals["credited"] > total || b.totals["tax credited"] > b.state.Sums.Tax.Amount {
		b.t.Fatalf("the books are off by %d with %+v of %d and %v", sum, balance, total, b.totals)
	}
	for attempt, times := range b.asked {
		if times != 1 {
			b.t.Fatalf("attempt %d was asked %d times", attempt, times)
		}
	}
}

// serve carries out what is due, in whatever order and however often.
func (b *books) serve() {
	for _, policy := range b.policies {
		for _, order := range policy.Due(b.now) {
			b.do(order.Command)
		}
	}
}

func TestWhateverIsDecidedTheBooksBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBooks(t)
		lines := rapid.SliceOfN(rapid.Custom(drawLine), 1, 4).Draw(t, "lines")
		b.do(invoice.Bill{Invoice: id, Player: "anna", Currency: "EUR", Lines: lines})
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			b.now = b.now.Add(time.Duration(rapid.IntRange(-2, 60).Draw(t, "hours")) * time.Hour)
			if rapid.Bool().Draw(t, "serve") {
				b.serve()
			} else {
				b.do(drawCommand(t, lines))
			}
		}
		b.replay()
	})
}

// replay: from zero it comes to the same, totals are lines and tax, and a
// document that was approved long enough ago is issued once.
func (b *books) replay() {
	var again invoice.State
	for _, e := range b.past {
		again = again.Evolve(e)
	}
	if diff := cmp.Diff(fmt.Sprintf("%+v", b.state), fmt.Sprintf("%+v", again)); diff != "" {
		b.t.Fatal(diff)
	}
	var net, tax int64
	for _, line := range b.state.Lines {
		net += line.Amount.Amount
	}
	for _, rate := range b.state.Sums.Taxes {
		want, err := rate.Net.Portion(int64(rate.Rate), 10_000)
		if err != nil || rate.Tax != want {
			b.t.Fatalf("tax %+v, want %v (%v)", rate, want, err)
		}
		tax += rate.Tax.Amount
	}
	if sums := b.state.Sums; b.state.Phase >= invoice.Approved && (sums.Net.Amount != net || sums.Tax.Amount != tax || sums.Total.Amount != net+tax) {
		b.t.Fatalf("%+v of lines of %d and tax of %d", sums, net, tax)
	}
	issued := map[events.DocumentNumber]int{}
	for _, e := range b.past {
		switch e := e.(type) {
		case events.InvoiceIssued:
			issued[e.Number]++
		case events.CreditNoteIssued:
			issued[e.Number]++
		}
	}
	for number, times := range issued {
		if times != 1 {
			b.t.Fatalf("%s was issued %d times", number, times)
		}
	}
}

func drawLine(t *rapid.T) invoice.Line {
	kind := rapid.SampledFrom([]events.LineKind{events.LineSubscription, events.LinePlaytime, events.LineCredits, events.LineDiscount}).Draw(t, "kind")
	price := rapid.Int64Range(0, 2_000).Draw(t, "price")
	if kind == events.LineDiscount {
		price = -price / 4
	}
	return invoice.Line{
		Kind: kind, Text: "some.code", Quantity: rapid.Int64Range(1, 9).Draw(t, "quantity"), Per: rapid.Int64Range(1, 3).Draw(t, "per"),
		Price: eur(price), TaxRate: rapid.SampledFrom([]int{0, 700, 1900}).Draw(t, "rate"),
	}
}

// drawCommand is anything that can be asked of an invoice, by its provider, by
// staff and by people who mistake it for another.
func drawCommand(t *rapid.T, lines []invoice.Line) any {
	small := func(name string) int { return rapid.IntRange(0, 4).Draw(t, name) }
	payment := events.PaymentOf(id, small("payment"))
	if rapid.IntRange(0, 5).Draw(t, "foreign") == 0 {
		payment = events.PaymentID(uuid.UUID{byte(1 + small("foreign payment"))})
	}
	refund := events.RefundID(uuid.UUID{byte(small("refund"))})
	amount := events.Money{Amount: rapid.Int64Range(-1, 6_000).Draw(t, "amount"), Currency: rapid.SampledFrom([]events.Currency{"EUR", "EUR", "EUR", "USD"}).Draw(t, "currency")}
	note := events.CreditNoteID(uuid.UUID{byte(small("note"))})
	var parts []events.CreditLine
	if small("parts") > 0 {
		parts = []events.CreditLine{{Line: small("line"), Net: amount}}
	}
	all := []any{
		invoice.Bill{Invoice: id, Player: "anna", Currency: "EUR", Lines: lines}, invoice.Void{Invoice: id}, invoice.WriteOff{Invoice: id},
		invoice.Ask{Invoice: id, Attempt: small("attempt")}, invoice.Exhaust{Invoice: id},
		invoice.Succeed{Invoice: id, Payment: payment, Reference: payment.String(), Amount: amount},
		invoice.Succeed{Invoice: id, Payment: payment, Reference: "another", Amount: amount},
		invoice.Fail{Invoice: id, Payment: payment, Reason: events.PaymentDeclined},
		invoice.Fail{Invoice: id, Payment: payment, Reason: events.PaymentDeclined},
		invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Lines: parts},
		invoice.Credit{Invoice: id, CreditNote: note, Reason: events.CreditOutage, Lines: parts},
		invoice.AskRefund{Invoice: id, Payment: payment, Refund: refund, Amount: amount, Reason: events.CreditGoodwill},
		invoice.Refund{Invoice: id, Payment: payment, Refund: refund, Amount: amount},
		invoice.FailRefund{Invoice: id, Refund: refund},
		numbering.Assign{Series: "2026-01", Document: events.Document{Invoice: events.InvoiceID(uuid.UUID{byte(1 + small("other"))})}},
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "command")]
}
