package invoice

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What a credit note is refused for.
var (
	ErrReason = &events.Fault{Kind: events.Invalid, Code: "reason-unknown",
		Message: "Give one of the known reasons."}
	ErrNote = &events.Fault{Kind: events.Invalid, Code: "credit-invalid",
		Message: "A credit note names lines of its invoice, each once, with a part of its amount."}
	ErrNoteTaken = &events.Fault{Kind: events.Conflict, Code: "credit-note-taken",
		Message: "The invoice has another credit note of this id."}
	ErrNothingLeft = &events.Fault{Kind: events.Conflict, Code: "credit-exceeds",
		Message: "The credit note is over more than is left of the invoice."}
	ErrUnknownNote = &events.Fault{Kind: events.NotFound, Code: "unknown-credit-note",
		Message: "The invoice has no such credit note."}
)

// Credit writes a credit note on parts of an issued invoice; with no lines, on
// all that is left of it.
type Credit struct {
	Invoice    events.InvoiceID
	CreditNote events.CreditNoteID
	Reason     events.CreditReason
	Lines      []events.CreditLine
}

func (c Credit) Target() events.Stream { return events.InvoiceStream(c.Invoice) }

func (c Credit) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	if i := s.note(c.CreditNote); i >= 0 {
		if s.notes[i].reason != c.Reason || len(c.Lines) > 0 && !slices.Equal(s.notes[i].lines, c.Lines) {
			return nil, ErrNoteTaken
		}
		return nil, nil
	}
	switch {
	case s.Phase == Voided:
		return nil, ErrVoided
	case !c.Reason.Known():
		return nil, ErrReason
	case c.CreditNote.IsZero():
		return nil, ErrNote.With("A credit note needs an id.")
	case len(s.notes) >= most:
		return nil, ErrTooMany
	}
	lines := slices.Clone(c.Lines)
	if len(lines) == 0 {
		lines = s.left()
	}
	sums, err := s.credited(lines)
	if err != nil {
		return nil, err
	}
	return []events.Event{events.CreditNoteApproved{
		Invoice: c.Invoice, CreditNote: c.CreditNote, Reason: c.Reason, Series: events.SeriesAt(now), Lines: lines, Sums: sums, At: now,
	}}, nil
}

// leftOf is what no credit note has taken of a line yet, by its number.
func (s State) leftOf(number int) int64 {
	left := s.Lines[number-1].Amount.Amount
	for _, n := range s.notes {
		for _, line := range n.lines {
			if line.Line == number {
				left -= line.Net.Amount
			}
		}
	}
	return left
}

func (s State) left() []events.CreditLine {
	var lines []events.CreditLine
	for i := range s.Lines {
		if left := s.leftOf(i + 1); left != 0 {
			lines = append(lines, events.CreditLine{Line: i + 1, Net: s.money(left)})
		}
	}
	return lines
}

// credited checks the lines of a credit note and works out what they come to.
// Its tax is the tax on all that is credited after it, less that before it: as
// many credit notes as it takes to credit all come to the invoice's own tax.
func (s State) credited(lines []events.CreditLine) (events.DocumentSums, error) {
	t := newTally(s.Currency)
	named := map[int]bool{}
	for _, line := range lines {
		if line.Line < 1 || line.Line > len(s.Lines) || named[line.Line] || line.Net.Amount == 0 {
			return events.DocumentSums{}, ErrNote
		}
		named[line.Line] = true
		if line.Net.Currency != s.Currency {
			return events.DocumentSums{}, events.ErrCurrency.With(fmt.Sprintf("The invoice is in %s, not in %s.", s.Currency, line.Net.Currency))
		}
		if !within(line.Net.Amount, s.leftOf(line.Line)) {
			return events.DocumentSums{}, ErrNothingLeft.With(fmt.Sprintf("Of line %d, %d is left to be credited.", line.Line, s.leftOf(line.Line)))
		}
		t.add(s.Lines[line.Line-1], line.Net.Amount)
	}
	sums, err := t.sums(s.taxCredited)
	if err == nil && !sums.Total.Positive() {
		return events.DocumentSums{}, ErrNothingLeft.With("Nothing of the invoice is left to be credited by that.")
	}
	return sums, err
}

// within says whether a part has the sign of what is left, and is no more.
func within(part, left int64) bool {
	if left < 0 {
		return part < 0 && part >= left
	}
	return part > 0 && part <= left
}

func (s State) taxCredited(rate int, net int64) (int64, error) {
	var before, whole int64
	for _, n := range s.notes {
		before += rated(n.sums, rate)
	}
	if whole = rated(s.Sums, rate); before+net > whole {
		return 0, ErrNothingLeft.With(fmt.Sprintf("Of what is taxed at %d basis points, %d is left to be credited.", rate, whole-before))
	}
	past, err := taxOf(rate, before)
	if err != nil {
		return 0, err
	}
	all, err := taxOf(rate, before+net)
	return all - past, err
}

// rated is the net amount at a rate.
func rated(sums events.DocumentSums, rate int) int64 {
	for _, t := range sums.Taxes {
		if t.Rate == rate {
			return t.Net.Amount
		}
	}
	return 0
}

// IssueCredit sends an approved credit note out under the number that it was
// assigned, and asks for what it makes owed to the player to be paid back.
type IssueCredit struct {
	Invoice    events.InvoiceID
	CreditNote events.CreditNoteID
	Number     events.DocumentNumber
}

func (i IssueCredit) Target() events.Stream { return events.InvoiceStream(i.Invoice) }

func (i IssueCredit) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil {
		return nil, err
	}
	at := s.note(i.CreditNote)
	switch {
	case at < 0:
		return nil, ErrUnknownNote
	case i.Number == "", s.notes[at].issued != "" && s.notes[at].issued != i.Number:
		return nil, ErrNumber
	case s.notes[at].issued != "":
		return nil, nil
	}
	sums := s.notes[at].sums
	settles := s.settle(sums.Total.Amount, true)
	issued := events.CreditNoteIssued{
		Invoice: i.Invoice, Player: s.Player, CreditNote: i.CreditNote, Number: i.Number, Sums: sums,
		Settles: settles, Open: s.money(s.Balance.Open - settles.Open.Amount), At: now,
	}
	return append([]events.Event{issued}, s.Evolve(issued).payBack(i.Invoice, events.CreditByNote, i.CreditNote.String(), now)...), nil
}
