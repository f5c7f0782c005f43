package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// billed: whatever an account is charged is on one line of one invoice, to its
// player, in its currency, soon: overage after its period, all else at once; and
// nothing else is. Numbers have no gaps, and each document has its own.
type billed struct {
	charges  map[events.EventID]*charge // that are not on an invoice
	order    []events.EventID
	beyond   map[events.PlayerID][]*charge // of periods that go on
	current  map[events.PlayerID]events.SubscriptionID
	invoices map[events.InvoiceID]*bill
	numbers  map[events.Series]int
	numbered map[events.Document]events.DocumentNumber
	waiting  map[events.Document]time.Time // approved, and not issued
	line     []events.Document             // the order of waiting; some are issued
	issued   int
	notes    int
	charged  map[string]int64
}

type charge struct {
	player events.PlayerID
	amount events.Money
	since  time.Time // zero: it is not due
}

type bill struct {
	player events.PlayerID
	net    map[int]int64 // by the rate of tax
	sums   events.DocumentSums
	notes  map[events.CreditNoteID]events.DocumentSums
}

func newBilled() *billed {
	return &billed{
		charges: map[events.EventID]*charge{}, beyond: map[events.PlayerID][]*charge{},
		current: map[events.PlayerID]events.SubscriptionID{}, invoices: map[events.InvoiceID]*bill{},
		numbers: map[events.Series]int{}, numbered: map[events.Document]events.DocumentNumber{},
		waiting: map[events.Document]time.Time{}, charged: map[string]int64{},
	}
}

var _ invariant = (*billed)(nil)

func (b *billed) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		b.current[e.Player] = e.Subscription
		b.charge(n, e.Player, e.Charge, n.Time)
	case events.SubscriptionRenewed:
		b.charge(n, e.Player, e.Charge, n.Time)
		b.due(e.Player, n.Time)
	case events.SubscriptionResumed:
		b.charge(n, e.Player, e.Charge, n.Time)
	case events.SubscriptionChanged:
		b.charge(n, e.Player, e.Charge, n.Time)
	case events.SubscriptionEnded:
		delete(b.current, e.Player)
		b.due(e.Player, n.Time)
	case events.CreditGranted:
		b.charge(n, e.Player, e.Charge, n.Time)
	case events.PlaytimeCharged:
		since := time.Time{}
		if e.Subscription != b.current[e.Player] { // it is over
			since = n.Time
		}
		if c := b.charge(n, e.Player, e.Overage.Charge, since); c != nil && since.IsZero() {
			b.beyond[e.Player] = append(b.beyond[e.Player], c)
		}
	default:
		return b.document(n)
	}
	return nil
}

func (b *billed) charge(n commands.Noted, player events.PlayerID, amount events.Money, since time.Time) *charge {
	if amount.Amount <= 0 {
		return nil
	}
	c := &charge{player: player, amount: amount, since: since}
	b.charges[n.Cause.Event] = c
	b.order = append(b.order, n.Cause.Event)
	b.charged[string(amount.Currency)] += amount.Amount
	return c
}

// due is overage whose period is over.
func (b *billed) due(player events.PlayerID, at time.Time) {
	for _, c := range b.beyond[player] {
		c.since = at
	}
	delete(b.beyond, player)
}

// document takes an event of an invoice.
func (b *billed) document(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.InvoiceDrafted:
		b.invoices[e.Invoice] = &bill{player: e.Player, net: map[int]int64{}, notes: map[events.CreditNoteID]events.DocumentSums{}}
	case events.InvoiceLineAdded:
		return b.lined(n, e)
	case events.InvoiceApproved:
		b.wait(n, events.Document{Invoice: e.Invoice})
		b.invoices[e.Invoice].sums = e.Sums
		return b.summed(n, e)
	case events.CreditNoteApproved:
		b.wait(n, events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote})
		b.invoices[e.Invoice].notes[e.CreditNote] = e.Sums
	case events.NumberAssigned:
		return b.assigned(n, e)
	case events.InvoiceIssued:
		b.issued++
		return b.out(n, events.Document{Invoice: e.Invoice}, e.Number, e.Sums.Total, b.invoices[e.Invoice].sums.Total)
	case events.CreditNoteIssued:
		b.notes++
		return b.out(n, events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote}, e.Number, e.Sums.Total, b.invoices[e.Invoice].notes[e.CreditNote].Total)
	}
	return nil
}

func (b *billed) lined(n commands.Noted, e events.InvoiceLineAdded) error {
	sum := int64(0)
	for _, source := range e.Line.Sources {
		c := b.charges[source.Event]
		switch {
		case c == nil:
			return b.wrong(n.Time, e.Invoice, "line %d is for event %s, which charges nothing or is on an invoice already", e.Number, source.Event)
		case c.player != b.invoices[e.Invoice].player || c.amount.Currency != e.Line.Amount.Currency:
			return b.wrong(n.Time, e.Invoice, "line %d in %s is to %s, and %v is charged to %s",
				e.Number, e.Line.Amount.Currency, b.invoices[e.Invoice].player, c.amount, c.player)
		case c.since.IsZero():
			return b.wrong(n.Time, e.Invoice, "line %d is for a period that goes on", e.Number)
		}
		sum += c.amount.Amount
		delete(b.charges, source.Event)
	}
	if sum != e.Line.Amount.Amount {
		return b.wrong(n.Time, e.Invoice, "line %d is over %d, and %d are charged", e.Number, e.Line.Amount.Amount, sum)
	}
	b.invoices[e.Invoice].net[e.Line.TaxRate] += e.Line.Amount.Amount
	return nil
}

// summed holds an invoice's sums to its lines.
func (b *billed) summed(n commands.Noted, e events.InvoiceApproved) error {
	net, tax := int64(0), int64(0)
	for rate, of := range b.invoices[e.Invoice].net {
		part := of * int64(rate)
		whole, rest := part/10_000, part%10_000
		if rest > 5_000 || rest == 5_000 && whole%2 == 1 {
			whole++
		}
		net, tax = net+of, tax+whole
	}
	if e.Sums.Net.Amount != net || e.Sums.Tax.Amount != tax || e.Sums.Total.Amount != net+tax {
		return b.wrong(n.Time, e.Invoice, "it comes to %d and %d of tax, in all %d, and its lines to %d and %d",
			e.Sums.Net.Amount, e.Sums.Tax.Amount, e.Sums.Total.Amount, net, tax)
	}
	return nil
}

func (b *billed) assigned(n commands.Noted, e events.NumberAssigned) error {
	if _, twice := b.numbered[e.Document]; twice || e.Number != b.numbers[e.Series]+1 {
		return b.wrong(n.Time, e.Document.Invoice, "number %d follows number %d of the series, or is its second", e.Number, b.numbers[e.Series])
	}
	b.numbers[e.Series], b.numbered[e.Document] = e.Number, e.Printed
	return nil
}

func (b *billed) wait(n commands.Noted, d events.Document) {
	b.waiting[d] = n.Time
	b.line = append(b.line, d)
}

func (b *billed) out(n commands.Noted, d events.Document, number events.DocumentNumber, total, approved events.Money) error {
	_, waits := b.waiting[d]
	if !waits || b.numbered[d] != number || total != approved {
		return b.wrong(n.Time, d.Invoice, "it is out as %q over %v, and has the number %q and %v", number, total, b.numbered[d], approved)
	}
	delete(b.waiting, d)
	return nil
}

func (b *billed) check(now time.Time) error {
	open := b.order[:0]
	for _, id := range b.order {
		c := b.charges[id]
		if c == nil {
			continue
		}
		open = append(open, id)
		if !c.since.IsZero() && now.Sub(c.since) > worst {
			return &Violation{
				Invariant: "billed", At: now, Says: fmt.Sprintf("%v is due of %s since %v and on no invoice (event %s)", c.amount, c.player, now.Sub(c.since), id),
				Streams: []events.Stream{events.AccountStream(c.player), events.InvoiceStream(events.InvoiceOf(id))},
			}
		}
	}
	b.order = open
	waiting := b.line[:0]
	for _, d := range b.line {
		since, waits := b.waiting[d]
		if !waits {
			continue
		}
		waiting = append(waiting, d)
		if now.Sub(since) > worst {
			return b.wrong(now, d.Invoice, "it is approved since %v and not issued", now.Sub(since))
		}
	}
	b.line = waiting
	return nil
}

func (b *billed) final(now time.Time) error {
	if err := b.check(now); err != nil {
		return err
	}
	if len(b.numbered) != b.issued+b.notes {
		return &Violation{Invariant: "billed", At: now, Says: fmt.Sprintf("%d numbers are assigned, and %d documents are out", len(b.numbered), b.issued+b.notes)}
	}
	return nil
}

func (b *billed) wrong(at time.Time, id events.InvoiceID, says string, details ...any) error {
	return &Violation{
		Invariant: "billed", At: at, Says: fmt.Sprintf("invoice %s: ", id) + fmt.Sprintf(says, details...), Streams: []events.Stream{events.InvoiceStream(id)},
	}
}

func (b *billed) tell(r *Report) {
	r.Books.Invoices, r.Books.Notes, r.Books.Charged = b.issued, b.notes, b.charged
}
