package invoice

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Invoicing bills what accounts are charged: a period, a change within one and
// credits at once, play beyond the plan with the next period or the end of its
// subscription, and play that is charged after that end at once. The invoice's
// id derives from the event that is billed.
//
//	charge ─▶ Bill ─▶ InvoiceDrafted
//	           │ ▲ refused for now: later, each time for twice as long
//	           │ └─────────────────────────────── BillRetried ◀─ Retry, by staff
//	           └ refused for good, or too often ─▶ GiveUp ─▶ BillGivenUp
//
// A charge that is given up is kept aside until somebody has it retried, or
// drafts its invoice by hand.
type Invoicing struct {
	rate    int // of tax, in basis points
	seen    commands.Recent
	running map[events.SubscriptionID]bool
	overage map[events.SubscriptionID][]Line // of those that run
	open    commands.Agenda[events.InvoiceID]
	bills   map[events.InvoiceID]billing // in the agenda, and aside
}

type billing struct {
	bill    Bill
	cause   commands.Cause
	givenUp bool
}

// NewInvoicing returns the policy before the first event.
func NewInvoicing(taxRate int) *Invoicing {
	return &Invoicing{
		rate: taxRate, running: map[events.SubscriptionID]bool{}, overage: map[events.SubscriptionID][]Line{},
		bills: map[events.InvoiceID]billing{},
	}
}

var _ commands.Refusable = (*Invoicing)(nil)

func (*Invoicing) Name() string { return "invoicing" }

func (p *Invoicing) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.InvoiceDrafted:
		p.open.Drop(e.Invoice)
		delete(p.bills, e.Invoice)
	case events.BillGivenUp:
		if !p.seen.Again(n.Cause.Event) {
			p.aside(e.Invoice)
		}
	case events.BillRetried:
		if b, known := p.bills[e.Invoice]; known && b.givenUp {
			b.cause = n.Cause
			p.plan(b)
		}
	case events.SubscriptionStarted, events.SubscriptionRenewed, events.SubscriptionResumed, events.SubscriptionChanged,
		events.SubscriptionEnded, events.CreditGranted, events.PlaytimeCharged:
		if !p.seen.Again(n.Cause.Event) {
			p.charged(n)
		}
	}
}

// charged takes an event that charges an account, or ends what is gathered.
func (p *Invoicing) charged(n commands.Noted) {
	source := events.LineSource{Event: n.Cause.Event}
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		p.running[e.Subscription] = true
		source.Subscription, source.Period = e.Subscription.String(), e.Period.Number
		p.bill(n, e.Player, p.line(events.LineSubscription, "subscription.period", e.Charge, source))
	case events.SubscriptionRenewed:
		source.Subscription, source.Period = e.Subscription.String(), e.Period.Number
		p.close(n, e.Player, e.Subscription, p.line(events.LineSubscription, "subscription.period", e.Charge, source))
	case events.SubscriptionResumed:
		source.Subscription = e.Subscription.String()
		if e.Period != nil {
			source.Period = e.Period.Number
		}
		p.bill(n, e.Player, p.line(events.LineSubscription, "subscription.period", e.Charge, source))
	case events.SubscriptionChanged:
		source.Subscription, source.Period = e.Subscription.String(), e.Period
		p.bill(n, e.Player, p.line(events.LineProration, "subscription.change", e.Charge, source))
	case events.SubscriptionEnded:
		delete(p.running, e.Subscription)
		p.close(n, e.Player, e.Subscription)
	case events.CreditGranted:
		p.bill(n, e.Player, p.line(events.LineCredits, "credits.bought", e.Charge, source))
	case events.PlaytimeCharged:
		p.played(n, e, source)
	}
}

// played gathers play beyond the plan. What comes after the subscription's end
// has nothing to wait for.
func (p *Invoicing) played(n commands.Noted, e events.PlaytimeCharged, source events.LineSource) {
	if !e.Overage.Charge.Positive() {
		return
	}
	source.Session, source.Segment, source.Period = e.Session, e.Segment.Number, e.Period
	if !e.Subscription.IsZero() {
		source.Subscription = e.Subscription.String()
	}
	line := p.line(events.LinePlaytime, "playtime.overage", e.Overage.Charge, source)
	if !p.running[e.Subscription] {
		p.bill(n, e.Player, line)
		return
	}
	p.overage[e.Subscription] = append(p.overage[e.Subscription], line)
}

func (p *Invoicing) line(kind events.LineKind, text string, price events.Money, source events.LineSource) Line {
	return Line{Kind: kind, Text: text, Quantity: 1, Per: 1, Price: price, TaxRate: p.rate, Sources: []events.LineSource{source}}
}

// close bills what was played beyond the plan, with what follows it.
func (p *Invoicing) close(n commands.Noted, player events.PlayerID, of events.SubscriptionID, next ...Line) {
	lines := append(p.overage[of], next...)
	delete(p.overage, of)
	p.bill(n, player, lines...)
}

// bill plans as many invoices as the lines need.
func (p *Invoicing) bill(n commands.Noted, player events.PlayerID, lines ...Line) {
	var bill Bill
	part := 0
	for _, line := range lines {
		if !line.Price.Positive() {
			continue
		}
		if len(bill.Lines) == maxLines || len(bill.Lines) > 0 && bill.Currency != line.Price.Currency {
			p.plan(billing{bill: bill, cause: n.Cause})
			bill = Bill{}
		}
		if len(bill.Lines) == 0 {
			bill = Bill{Invoice: events.InvoicePartOf(n.Cause.Event, part), Player: player, Currency: line.Price.Currency}
			part++
		}
		bill.Lines = append(bill.Lines, line)
	}
	if len(bill.Lines) > 0 {
		p.plan(billing{bill: bill, cause: n.Cause})
	}
}

func (p *Invoicing) plan(b billing) {
	b.givenUp = false
	p.bills[b.bill.Invoice] = b
	p.open.Put(b.bill.Invoice, time.Time{}, commands.Issue(b.bill, commands.Because(b.cause, p.Name(), purpose("bill", b))))
}

func (p *Invoicing) aside(invoice events.InvoiceID) {
	if b, known := p.bills[invoice]; known {
		b.givenUp = true
		p.bills[invoice] = b
		p.open.Drop(invoice)
	}
}

// purpose tells apart the parts of what one event charges.
func purpose(what string, b billing) string {
	if b.bill.Invoice == events.InvoiceOf(b.cause.Event) {
		return what
	}
	return what + " " + b.bill.Invoice.String()
}

func (p *Invoicing) Due(now time.Time) []commands.Order { return p.open.Due(now) }

// enough is after how many refusals, which is some eight hours, what may yet
// be possible is given up.
const enough = 20

// Refused has a bill tried later, or given up. That it is given up may be
// refused as well, and is said later then.
func (p *Invoicing) Refused(order commands.Order, why *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case Bill:
		b := p.bills[c.Invoice]
		if times := p.open.Later(c.Invoice, now); times == 0 || times < enough && passes(why.Kind) {
			return
		}
		p.open.Put(c.Invoice, time.Time{}, commands.Issue(
			GiveUp{Invoice: c.Invoice, Player: c.Player, Charge: charge(c.Lines), Net: net(c), Code: why.Code},
			commands.Because(b.cause, p.Name(), purpose("give up", b))))
	case GiveUp:
		p.open.Later(c.Invoice, now)
	}
}

// passes says whether what was refused so may be possible another time.
func passes(k events.Kind) bool {
	return k == events.Unavailable || k == events.TooMany || k == events.Conflict || k == events.Outdated
}

// charge is the event behind the first of lines, by which support finds them.
func charge(lines []Line) events.EventID { return lines[0].Sources[0].Event }

// noCurrency is what ISO 4217 has for money in none: a bill may be refused for
// its currency, and is to be given up all the same.
const noCurrency = "XXX"

// net is what a bill's lines come to, as far as that can be counted.
func net(b Bill) events.Money {
	sum := events.Money{Currency: b.Currency}
	for _, line := range b.Lines {
		if next, err := sum.Add(line.Price); err == nil {
			sum = next
		}
	}
	if sum.Currency.Check() != nil {
		sum.Currency = noCurrency
	}
	return sum
}
