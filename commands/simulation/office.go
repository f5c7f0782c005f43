package simulation

import (
	"math/rand/v2"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/events"
)

// office is the staff: they offer plans, and answer for invoices.
type office struct {
	handler *commands.Handler
}

func newOffice(w *world) *office { return &office{handler: commands.NewHandler(w.store, w.clock)} }

func (o *office) begin(w *world) { o.publish(w) }

func (o *office) saw(w *world, n commands.Noted) {
	switch e := n.Event.(type) {
	case events.InvoiceIssued:
		o.complaint(w, e)
	case events.DunningExhausted:
		if draw := chanceOf(w.Seed, e.Invoice); draw.IntN(2) == 0 {
			o.order(w, about(draw, day), "write off "+e.Invoice.String(), func(origin commands.Origin) commands.Order {
				return commands.Issue(invoice.WriteOff{Invoice: e.Invoice}, origin)
			})
		}
	}
}

// complaint takes back a few invoices, whole or in part, paid or not.
func (o *office) complaint(w *world, e events.InvoiceIssued) {
	draw := chanceOf(w.Seed, e.Invoice)
	kind, after := draw.IntN(200), about(draw, 6*time.Hour)
	if kind > 6 {
		return
	}
	o.order(w, after, "complaint "+e.Invoice.String(), func(origin commands.Origin) commands.Order {
		credit := invoice.Credit{Invoice: e.Invoice, CreditNote: events.CreditNoteOf(origin.ID), Reason: events.CreditGoodwill}
		switch kind {
		case 0:
			return commands.Issue(invoice.Void{Invoice: e.Invoice}, origin)
		case 1, 2:
			credit.Lines = []events.CreditLine{{Line: 1, Net: events.Money{Amount: 100, Currency: e.Sums.Net.Currency}}}
		}
		return commands.Issue(credit, origin)
	})
}

// chanceOf returns the random numbers of something with an id of its own.
func chanceOf[T ~[16]byte](seed uint64, id T) *rand.Rand {
	var which uint64
	for _, b := range id {
		which = which*257 + uint64(b)
	}
	return rand.New(rand.NewPCG(seed, which))
}
