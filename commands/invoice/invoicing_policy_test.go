package invoice_test

import (
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

var (
	sub      = events.SubscriptionID{9}
	begun    = events.SubscriptionStarted{Player: "anna", Subscription: sub, Period: events.Period{Number: 1}, Charge: eur(1000), At: Now}
	renewed  = events.SubscriptionRenewed{Player: "anna", Subscription: sub, Period: events.Period{Number: 2}, Charge: eur(1000), At: Now}
	upgraded = events.SubscriptionChanged{Player: "anna", Subscription: sub, Period: 1, Charge: eur(333), At: Now}
	lesser   = events.SubscriptionChangeScheduled{Player: "anna", Subscription: sub, At: Now}
	idle     = events.SubscriptionRenewed{Player: "anna", Subscription: sub, Period: events.Period{Number: 2, Paused: true}, Charge: eur(0), At: Now}
	resumed  = events.SubscriptionResumed{Player: "anna", Subscription: sub, Period: &events.Period{Number: 3}, Charge: eur(800), At: Now}
	unpaused = events.SubscriptionResumed{Player: "anna", Subscription: sub, Charge: eur(0), At: Now}
	over     = events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1, At: Now}
	bought   = events.CreditGranted{Player: "anna", Credit: events.CreditID{1}, Charge: eur(500), At: Now}
	given    = events.CreditGranted{Player: "anna", Credit: events.CreditID{2}, At: Now}
)

// played is play beyond the plan, as the nth segment.
func played(nth int, charge int64) events.PlaytimeCharged {
	return events.PlaytimeCharged{Player: "anna", Session: events.SessionID{1}, Segment: events.Segment{Number: nth}, Subscription: sub, Period: 1,
		Overage: events.Overage{Hour: eur(200), Charge: eur(charge)}, At: Now}
}

// bill is the invoice over lines because of an event.
func bill(because events.Event, lines ...invoice.Line) invoice.Bill {
	return invoice.Bill{Invoice: events.InvoiceOf(CauseOf(because).Event), Player: "anna", Currency: "EUR", Lines: lines}
}

// charge is a line for an event.
func charge(of events.Event, kind events.LineKind, text string, price int64, period int) invoice.Line {
	source := events.LineSource{Event: CauseOf(of).Event, Subscription: sub.String(), Period: period}
	switch e := of.(type) {
	case events.PlaytimeCharged:
		source.Session, source.Segment = e.Session, e.Segment.Number
	case events.CreditGranted:
		source.Subscription = ""
	}
	return invoice.Line{Kind: kind, Text: text, Quantity: 1, Per: 1, Price: eur(price), TaxRate: 1900, Sources: []events.LineSource{source}}
}

func told(past ...events.Event) *invoice.Invoicing { return Told(invoice.NewInvoicing(1900), past...) }

// drafted is what settles a bill.
func draftedFor(because events.Event) events.InvoiceDrafted {
	return events.InvoiceDrafted{Invoice: events.InvoiceOf(CauseOf(because).Event)}
}

func TestEveryChargeIsBilled(t *testing.T) {
	const period, change, overage = "subscription.period", "subscription.change", "playtime.overage"
	start := charge(begun, events.LineSubscription, period, 1000, 1)
	since := []events.Event{begun, draftedFor(begun)}
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"a start", []events.Event{begun}, []any{bill(begun, start)}},
		{"a renewal", append(since, renewed), []any{bill(renewed, charge(renewed, events.LineSubscription, period, 1000, 2))}},
		{"a change upwards, for the rest of the period", append(since, upgraded), []any{bill(upgraded, charge(upgraded, events.LineProration, change, 333, 1))}},
		{"a change downwards, not before it holds", append(since, lesser), nil},
		{"a paused period, not at all", append(since, idle), nil},
		{"a pause that is taken back, not at all", append(since, unpaused), nil},
		{"what is resumed", append(since, idle, resumed), []any{bill(resumed, charge(resumed, events.LineSubscription, period, 800, 3))}},
		{"credits that are bought", []events.Event{bought}, []any{bill(bought, charge(bought, events.LineCredits, "credits.bought", 500, 0))}},
		{"credits that are given, not at all", []events.Event{given}, nil},
		{"play beyond the plan, not yet", append(since, played(1, 70), played(2, 30)), nil},
		{"play beyond the plan, with the next period", append(since, played(1, 70), played(2, 30), renewed), []any{bill(renewed,
			charge(played(1, 70), events.LinePlaytime, overage, 70, 1), charge(played(2, 30), events.LinePlaytime, overage, 30, 1),
			charge(renewed, events.LineSubscription, period, 1000, 2))}},
		{"play beyond the plan, before a pause", append(since, played(1, 70), idle), []any{bill(idle, charge(played(1, 70), events.LinePlaytime, overage, 70, 1))}},
		{"play beyond the plan, with the end", append(since, played(1, 70), over), []any{bill(over, charge(played(1, 70), events.LinePlaytime, overage, 70, 1))}},
		{"play that is charged after the end, at once", append(since, over, played(1, 70)), []any{bill(played(1, 70), charge(played(1, 70), events.LinePlaytime, overage, 70, 1))}},
		{"play within the plan, not at all", append(since, played(1, 0), over), nil},
		{"an end, not at all", append(since, over), nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, told(c.given...), Now, c.due...) })
	}
}

func TestPlayOfAFormerSubscriptionIsNotBilledWithTheNext(t *testing.T) {
	another := begun
	another.Subscription = events.SubscriptionID{8}
	next := events.SubscriptionRenewed{Player: "anna", Subscription: another.Subscription, Period: events.Period{Number: 2}, Charge: eur(0), At: Now}
	late := bill(played(1, 70), charge(played(1, 70), events.LinePlaytime, "playtime.overage", 70, 1))
	policy := told(begun, draftedFor(begun), over, another, draftedFor(another), played(1, 70))
	Due(t, policy, Now, late)
	Due(t, Told(policy, draftedFor(played(1, 70)), next), Now)
}

func TestWhatIsDeliveredAgainIsBilledOnce(t *testing.T) {
	Due(t, told(begun, begun), Now, bill(begun, charge(begun, events.LineSubscription, "subscription.period", 1000, 1)))
	Due(t, told(begun, draftedFor(begun), begun), Now)
	Due(t, told(bought, draftedFor(bought), bought, draftedFor(bought)), Now)
	Due(t, told(begun, draftedFor(begun), played(1, 70), played(1, 70), over, played(1, 70), over), Now,
		bill(over, charge(played(1, 70), events.LinePlaytime, "playtime.overage", 70, 1)))
	Due(t, told(begun, draftedFor(begun), over, begun, played(1, 70), draftedFor(played(1, 70)), played(1, 70)), Now)
}

func TestWhatFillsAnInvoiceIsBilledOnSeveral(t *testing.T) {
	policy := told(begun, draftedFor(begun))
	for n := range 1_200 {
		Told(policy, played(n+1, 5))
	}
	orders := Told(policy, over).Due(Now)
	lines, invoices, ids := 0, map[events.InvoiceID]bool{}, map[events.CommandID]bool{}
	for _, order := range orders {
		b := order.Command.(invoice.Bill)
		if decided, err := b.Decide(invoice.State{}, Now); err != nil || len(decided) != len(b.Lines)+2 {
			t.Fatalf("a part is refused: %v", err)
		}
		lines, invoices[b.Invoice], ids[order.ID] = lines+len(b.Lines), true, true
	}
	if lines != 1_200 || len(invoices) != 3 || len(ids) != 3 {
		t.Errorf("%d lines on %d invoices by %d orders, want 1200 on 3", lines, len(invoices), len(ids))
	}
}

var (
	busy  = &events.Fault{Kind: events.Unavailable, Code: "busy"}
	wrong = &events.Fault{Kind: events.Invalid, Code: "line-invalid"}
)

// refuse has the first order that is due refused, and returns it.
func refuse(t *testing.T, policy commands.Refusable, why *events.Fault, now time.Time) any {
	t.Helper()
	due := policy.Due(now)
	if len(due) == 0 {
		t.Fatal("nothing is due that could be refused")
	}
	policy.Refused(due[0], why, now)
	return due[0].Command
}

func TestARefusedBillMakesWay(t *testing.T) {
	first, second := bill(bought, charge(bought, events.LineCredits, "credits.bought", 500, 0)), bill(begun, charge(begun, events.LineSubscription, "subscription.period", 1000, 1))
	policy := told(bought, begun)
	Due(t, policy, Now, first, second)
	now := Now
	for i, wait := range []time.Duration{1, 2, 4, 8, 16} {
		refuse(t, policy, busy, now)
		if i == 0 {
			Due(t, policy, now, second)
			Told(policy, draftedFor(begun))
		}
		Due(t, policy, now.Add(wait*time.Second-1))
		now = now.Add(wait * time.Second)
		Due(t, policy, now, first)
	}
	Due(t, Told(policy, draftedFor(bought)), now.Add(time.Hour))
}

func TestABillThatCannotBeIsGivenUpAndNotLost(t *testing.T) {
	first := bill(bought, charge(bought, events.LineCredits, "credits.bought", 500, 0))
	giveUp := invoice.GiveUp{Invoice: first.Invoice, Player: "anna", Charge: CauseOf(bought).Event, Net: eur(500), Code: "line-invalid"}
	givenUp := events.BillGivenUp{Invoice: first.Invoice, Player: "anna", Charge: giveUp.Charge, Net: eur(500), Code: "line-invalid", At: Now}
	retried := events.BillRetried{Invoice: first.Invoice, At: Now}
	policy := told(bought)
	refuse(t, policy, wrong, Now)
	Due(t, policy, Now, giveUp)
	refuse(t, policy, busy, Now) // that, too, gets its turn again
	Due(t, policy, Now)
	Due(t, policy, Now.Add(time.Hour), giveUp)
	Due(t, Told(policy, givenUp), Now.Add(time.Hour))
	before := told(bought).Due(Now)[0].ID
	Due(t, Told(policy, retried, retried), Now, first)
	if again := policy.Due(Now)[0].ID; again == before {
		t.Error("the retried bill is the order that was carried out")
	}
	Due(t, Told(policy, draftedFor(bought)), Now)
	Due(t, told(bought, givenUp), Now) // after a restart
	Due(t, told(bought, givenUp, retried), Now, first)
	Due(t, told(bought, givenUp, draftedFor(bought), retried), Now)

	strange := bought
	strange.Charge.Currency = "€"
	policy = told(strange)
	refuse(t, policy, events.ErrCurrency, Now)
	Due(t, policy, Now, invoice.GiveUp{Invoice: events.InvoiceOf(CauseOf(strange).Event), Player: "anna", Charge: CauseOf(strange).Event,
		Net: events.Money{Amount: 500, Currency: "XXX"}, Code: "currency-differs"})

	policy = told(bought)
	tries := 0
	for _, isBill := refuse(t, policy, busy, Now).(invoice.Bill); isBill && tries < 99; tries++ {
		_, isBill = refuse(t, policy, busy, Now.Add(time.Duration(tries+1)*time.Hour)).(invoice.Bill)
	}
	if tries != 20 {
		t.Errorf("a bill that may yet be possible is tried %d times, want 20", tries)
	}
}

func TestSixtyFourRefusedBillsStarveNobody(t *testing.T) {
	policy := invoice.NewInvoicing(0)
	for i := range 200 {
		Told(policy, events.CreditGranted{Player: "anna", Credit: events.CreditID{byte(i), 1}, Charge: eur(100), At: Now})
	}
	served := 0
	for range 4 {
		for i, order := range policy.Due(Now) {
			if b, ok := order.Command.(invoice.Bill); ok && i%2 == 0 {
				Told(policy, events.InvoiceDrafted{Invoice: b.Invoice})
				served++
			} else {
				policy.Refused(order, busy, Now)
			}
		}
	}
	if left := len(policy.Due(Now)); served != 100 || left != 0 {
		t.Errorf("%d of 100 are billed, %d block the head", served, left)
	}
	if later := len(policy.Due(Now.Add(time.Minute))); later != 64 {
		t.Errorf("%d of those that were refused are due later, want 64 at a time", later)
	}
}

func TestGiveUpAndRetry(t *testing.T) {
	give := invoice.GiveUp{Invoice: id, Player: "anna", Charge: events.EventID{3}, Net: eur(500), Code: "invoice-too-long"}
	gave := events.BillGivenUp{Invoice: id, Player: "anna", Charge: events.EventID{3}, Net: eur(500), Code: "invoice-too-long", At: Now}
	again := events.BillRetried{Invoice: id, At: Now}
	retry := invoice.Retry{Invoice: id}
	When(Given(), give).Then(t, gave)
	When(Given(gave), give).Then(t)
	When(Given(gave, again), give).Then(t, gave)
	When(after(), give).Then(t)
	When(Given(), invoice.GiveUp{Invoice: id, Code: "Not a code"}).Refused(t, invoice.ErrCode)
	When(Given(), invoice.GiveUp{Code: "busy"}).Refused(t, invoice.ErrUnknown)
	When(Given(gave), retry).Then(t, again)
	When(Given(gave, again), retry).Then(t)
	When(after(), retry).Then(t)
	When(Given(), retry).Refused(t, invoice.ErrUnknown)
	When(Given(gave), invoice.Draft{Invoice: id, Player: "anna", Currency: "EUR"}).Then(t, drafted)
	When(Given(gave, again), invoice.Bill{Invoice: id, Player: "anna", Currency: "EUR", Lines: []invoice.Line{line}}).Then(t, drafted, added, approved)
}
