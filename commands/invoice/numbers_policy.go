package invoice

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/events"
)

// atOnce bounds the documents that are on their way at a time, so that what is
// due is quickly told however many wait.
const atOnce = 64

// Numbers has each approved document numbered, and then issued under its
// number. It is the one place where invoices and series meet.
//
//	InvoiceApproved, CreditNoteApproved ─▶ numbering.Assign ─▶ NumberAssigned ─▶ Issue, IssueCredit
type Numbers struct {
	waiting  []events.Document // in the order of their approvals
	approved map[events.Document]approval
}

type approval struct {
	series events.Series
	number events.DocumentNumber // empty: none yet
	cause  commands.Cause        // of the approval or, with a number, of that
}

// NewNumbers returns the policy before the first event.
func NewNumbers() *Numbers { return &Numbers{approved: map[events.Document]approval{}} }

var _ commands.Policy = (*Numbers)(nil)

func (*Numbers) Name() string { return "numbers" }

func (p *Numbers) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.InvoiceApproved:
		p.await(events.Document{Invoice: e.Invoice}, approval{series: e.Series, cause: n.Cause})
	case events.CreditNoteApproved:
		p.await(events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote}, approval{series: e.Series, cause: n.Cause})
	case events.NumberAssigned:
		if a, waits := p.approved[e.Document]; waits {
			a.number, a.cause = e.Printed, n.Cause
			p.approved[e.Document] = a
		}
	case events.InvoiceIssued:
		p.issued(events.Document{Invoice: e.Invoice})
	case events.CreditNoteIssued:
		p.issued(events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote})
	}
}

func (p *Numbers) Due(time.Time) []commands.Order {
	var orders []commands.Order
	for _, d := range p.waiting[:min(atOnce, len(p.waiting))] {
		a := p.approved[d]
		switch {
		case a.number == "":
			orders = append(orders, commands.Issue(numbering.Assign{Series: a.series, Document: d}, commands.Because(a.cause, p.Name(), "assign")))
		case d.CreditNote.IsZero():
			orders = append(orders, commands.Issue(Issue{Invoice: d.Invoice, Number: a.number}, commands.Because(a.cause, p.Name(), "issue")))
		default:
			orders = append(orders, commands.Issue(IssueCredit{Invoice: d.Invoice, CreditNote: d.CreditNote, Number: a.number},
				commands.Because(a.cause, p.Name(), "issue")))
		}
	}
	return orders
}

func (p *Numbers) await(d events.Document, a approval) {
	if _, waits := p.approved[d]; !waits {
		p.waiting = append(p.waiting, d)
		p.approved[d] = a
	}
}

// issued forgets a document. It is one of the first, so that it is soon found.
func (p *Numbers) issued(d events.Document) {
	delete(p.approved, d)
	if i := slices.Index(p.waiting, d); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
}
