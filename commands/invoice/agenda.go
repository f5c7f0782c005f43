package invoice

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// agenda has at most one thing to do for each invoice, in the order in which
// they are due: what is due is read off its beginning, however many wait.
type agenda struct {
	plans map[events.InvoiceID]plan
	order []slot
}

// plan is an order for a time.
type plan struct {
	at      time.Time
	cause   commands.Cause
	purpose string
	order   func(commands.Origin) commands.Order
}

type slot struct {
	at      time.Time
	invoice events.InvoiceID
}

func newAgenda() agenda { return agenda{plans: map[events.InvoiceID]plan{}} }

// put plans something for an invoice, instead of what was planned.
func (a *agenda) put(invoice events.InvoiceID, p plan) {
	a.drop(invoice)
	a.plans[invoice] = p
	i, _ := a.find(slot{p.at, invoice})
	a.order = slices.Insert(a.order, i, slot{p.at, invoice})
}

func (a *agenda) drop(invoice events.InvoiceID) {
	p, planned := a.plans[invoice]
	if !planned {
		return
	}
	delete(a.plans, invoice)
	if i, found := a.find(slot{p.at, invoice}); found {
		a.order = slices.Delete(a.order, i, i+1)
	}
}

// due returns what is planned for a time or before it, the earliest first.
func (a *agenda) due(now time.Time) []plan {
	var due []plan
	for _, s := range a.order {
		if now.Before(s.at) {
			break
		}
		due = append(due, a.plans[s.invoice])
	}
	return due
}

func (a *agenda) find(s slot) (int, bool) {
	return slices.BinarySearchFunc(a.order, s, func(x, y slot) int {
		return cmp.Or(x.at.Compare(y.at), bytes.Compare(x.invoice[:], y.invoice[:]))
	})
}
