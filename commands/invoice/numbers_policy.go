package invoice

import (
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
	seen commands.Recent
	open agenda[events.Document]
}

// NewNumbers returns the policy before the first event.
func NewNumbers() *Numbers { return &Numbers{open: newAgenda[events.Document]()} }

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
		p.open.drop(events.Document{Invoice: e.Invoice})
	case events.CreditNoteIssued:
		p.open.drop(events.Document{Invoice: e.Invoice, CreditNote: e.CreditNote})
	}
}

func (p *Numbers) approved(n commands.Noted, series events.Series, d events.Document) {
	if !p.seen.Again(n.Cause.Event) {
		p.open.put(d, plan{cause: n.Cause, purpose: "assign", order: issue(numbering.Assign{Series: series, Document: d})})
	}
}

func (p *Numbers) numbered(n commands.Noted, e events.NumberAssigned) {
	if _, waits := p.open.plans[e.Document]; !waits {
		return
	}
	order := issue[State](Issue{Invoice: e.Document.Invoice, Number: e.Printed})
	if !e.Document.CreditNote.IsZero() {
		order = issue[State](IssueCredit{Invoice: e.Document.Invoice, CreditNote: e.Document.CreditNote, Number: e.Printed})
	}
	p.open.put(e.Document, plan{cause: n.Cause, purpose: "issue", order: order})
}

func (p *Numbers) Due(now time.Time) []commands.Order { return p.open.due(now, atOnce, p.Name()) }

// Refused has a document tried later, and those behind it now.
func (p *Numbers) Refused(order commands.Order, _ *events.Fault, now time.Time) {
	switch c := order.Command.(type) {
	case numbering.Assign:
		p.open.later(c.Document, now)
	case Issue:
		p.open.later(events.Document{Invoice: c.Invoice}, now)
	case IssueCredit:
		p.open.later(events.Document{Invoice: c.Invoice, CreditNote: c.CreditNote}, now)
	}
}
