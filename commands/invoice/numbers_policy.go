package invoice

import (
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/events"
)

// Numbers has each approved document numbered, and then issued under its
// number. It is the one place where invoices and series meet.
//
//	InvoiceApproved, CreditNoteApproved ─▶ numbering.Assign ─▶ NumberAssigned ─▶ Issue, IssueCredit
type Numbers struct {
	seen commands.Recent
	open commands.Agenda[events.Document]
}

// NewNumbers returns the policy before the first event.
func NewNumbers() *Numbers { return &Numbers{} }

var _ commands.Refusable = (*Numbers)(nil)

func (*Numbers) Name() string { return "numbers" }

func (p *Numbers) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.InvoiceApproved:
		p.approved(n, e.Series, events.Document{Invoice: e.Invoice})
	case events.CreditNoteApproved:
		p.approved(n, e.Series, events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote})
	case events.NumberAssigned:
		p.numbered(n, e)
	case events.InvoiceIssued:
		p.open.Drop(events.Document{Invoice: e.Invoice})
	case events.CreditNoteIssued:
		p.open.Drop(events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote})
	}
}

func (p *Numbers) approved(n commands.Noted, series events.Series, d events.Document) {
	if !p.seen.Again(n.Cause.Event) {
		p.open.Put(d, time.Time{}, commands.Issue(numbering.Assign{Series: series, Document: d}, commands.Because(n.Cause, p.Name(), "assign")))
	}
}

func (p *Numbers) numbered(n commands.Noted, e events.NumberAssigned) {
	d, because := e.Document, commands.Because(n.Cause, p.Name(), "issue")
	switch {
	case !p.open.Has(d):
	case d.CreditNote.IsZero():
		p.open.Put(d, time.Time{}, commands.Issue(Issue{Invoice: d.Invoice, Number: e.Printed}, because))
	default:
		p.open.Put(d, time.Time{}, commands.Issue(IssueCredit{Invoice: d.Invoice, CreditNote: d.CreditNote, Number: e.Printed}, because))
	}
}

func (p *Numbers) Due(now time.Time) []commands.Order { return p.open.Due(now) }

// Refused has a document tried later, and those behind it now.
func (p *Numbers) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case numbering.Assign:
		p.open.Later(c.Document, now)
	case Issue:
		p.open.Later(events.Document{Invoice: c.Invoice}, now)
	case IssueCredit:
		p.open.Later(events.Document{Invoice: c.Invoice, CreditNote: c.CreditNote}, now)
	}
}
