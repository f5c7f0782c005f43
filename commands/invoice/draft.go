package invoice

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// What is refused of a draft.
var (
	ErrTaken = &events.Fault{Kind: events.Conflict, Code: "invoice-taken",
		Message: "There is another invoice of this id already."}
	ErrPlayer = &events.Fault{Kind: events.Invalid, Code: "invoice-unaddressed",
		Message: "An invoice is a player's. Name who is to pay."}
	ErrLineTaken = &events.Fault{Kind: events.Conflict, Code: "line-taken",
		Message: "The invoice has another line of this number, or none before it. Look at it again."}
)

// Draft begins an invoice.
type Draft struct {
	Invoice  events.InvoiceID
	Player   events.PlayerID
	Currency events.Currency
}

func (d Draft) Target() events.Stream { return events.InvoiceStream(d.Invoice) }

func (d Draft) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase != None {
		return nil, s.taken(d.Player, d.Currency)
	}
	if d.Invoice.IsZero() {
		return nil, ErrUnknown
	}
	if _, err := events.ParsePlayerID(string(d.Player)); err != nil {
		return nil, ErrPlayer
	}
	if err := d.Currency.Check(); err != nil {
		return nil, err
	}
	return []events.Event{events.InvoiceDrafted{Invoice: d.Invoice, Player: d.Player, Currency: d.Currency, At: now}}, nil
}

// taken refuses to take an invoice for another one.
func (s State) taken(player events.PlayerID, currency events.Currency) error {
	if s.Player != player || s.Currency != currency {
		return ErrTaken
	}
	return nil
}

// AddLine puts a line on a draft. Number is the line's place, from 1, so that
// the same line is not added twice.
type AddLine struct {
	Invoice events.InvoiceID
	Number  int
	Line    Line
}

func (a AddLine) Target() events.Stream { return events.InvoiceStream(a.Invoice) }

func (a AddLine) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.draft(); err != nil {
		return nil, err
	}
	line, err := a.Line.priced(s.Currency)
	if err != nil {
		return nil, err
	}
	if a.Number >= 1 && a.Number <= len(s.Lines) && same(s.Lines[a.Number-1], line) {
		return nil, nil
	}
	if a.Number != len(s.Lines)+1 {
		return nil, ErrLineTaken.With(fmt.Sprintf("The draft has %d lines: line %d is taken by another, or has none before it.", len(s.Lines), a.Number))
	}
	added := events.InvoiceLineAdded{Invoice: a.Invoice, Number: a.Number, Line: line, At: now}
	if err := long(s.Evolve(added).Lines); err != nil {
		return nil, err
	}
	return []events.Event{added}, nil
}

// Discard gives up a draft. It has no number, so that none is missing.
type Discard struct {
	Invoice events.InvoiceID
}

func (d Discard) Target() events.Stream { return events.InvoiceStream(d.Invoice) }

func (d Discard) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase == Discarded {
		return nil, nil
	}
	if err := s.draft(); err != nil {
		return nil, err
	}
	return []events.Event{events.InvoiceDiscarded{Invoice: d.Invoice, At: now}}, nil
}
