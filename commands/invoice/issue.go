package invoice

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// ErrNumber refuses another number than the one that a document has.
var ErrNumber = &events.Fault{Kind: events.Conflict, Code: "number-differs",
	Message: "The document is issued under its number, once."}

// Issue sends an approved invoice out under the number that it was assigned.
type Issue struct {
	Invoice events.InvoiceID
	Number  events.DocumentNumber
}

func (i Issue) Target() events.Stream { return events.InvoiceStream(i.Invoice) }

func (i Issue) Decide(s State, now time.Time) ([]events.Event, error) {
	switch {
	case s.Phase == Drafted:
		return nil, ErrNotIssued.With("The invoice is a draft. Approve it first.")
	case s.Phase != Approved && s.out() != nil:
		return nil, s.out()
	case i.Number == "":
		return nil, ErrNumber
	case s.Phase != Approved && s.Number != i.Number:
		return nil, ErrNumber.With(fmt.Sprintf("The invoice has the number %s already.", s.Number))
	case s.Phase != Approved:
		return nil, nil
	}
	return []events.Event{events.InvoiceIssued{Invoice: i.Invoice, Player: s.Player, Number: i.Number, Sums: s.Sums, At: now}}, nil
}
