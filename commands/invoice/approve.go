package invoice

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrEmpty refuses an invoice over nothing.
var ErrEmpty = &events.Fault{Kind: events.Conflict, Code: "invoice-empty",
	Message: "The invoice has no lines. Add one, or discard it."}

// Approve fixes a draft's lines and works out what they come to. From here on
// nothing keeps the invoice from being issued, so that the number it is given
// is used.
type Approve struct {
	Invoice events.InvoiceID
}

func (a Approve) Target() events.Stream { return events.InvoiceStream(a.Invoice) }

func (a Approve) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase == Approved || s.Phase == Issued || s.Phase == Voided {
		return nil, nil
	}
	if err := s.draft(); err != nil {
		return nil, err
	}
	if len(s.Lines) == 0 {
		return nil, ErrEmpty
	}
	sums, err := sumsOf(s.Currency, s.Lines)
	if err != nil {
		return nil, err
	}
	return []events.Event{events.InvoiceApproved{Invoice: a.Invoice, Series: events.SeriesAt(now), Sums: sums, At: now}}, nil
}

// Bill drafts an invoice with all its lines and approves it, in one decision.
// An invoice of this id that is there already is left alone.
type Bill struct {
	Invoice  events.InvoiceID
	Player   events.PlayerID
	Currency events.Currency
	Lines    []Line
}

func (b Bill) Target() events.Stream { return events.InvoiceStream(b.Invoice) }

func (b Bill) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Phase != None {
		return nil, s.taken(b.Player, b.Currency)
	}
	decided, err := Draft{Invoice: b.Invoice, Player: b.Player, Currency: b.Currency}.Decide(s, now)
	if err != nil {
		return nil, err
	}
	s = s.Evolve(decided[0])
	for i, asked := range b.Lines {
		line, err := asked.priced(b.Currency)
		if err != nil {
			return nil, err
		}
		added := events.InvoiceLineAdded{Invoice: b.Invoice, Number: i + 1, Line: line, At: now}
		s.Lines, decided = append(s.Lines, line), append(decided, added)
	}
	if err := long(s.Lines); err != nil {
		return nil, err
	}
	approved, err := Approve{Invoice: b.Invoice}.Decide(s, now)
	if err != nil {
		return nil, err
	}
	return append(decided, approved...), nil
}
