package invoice

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrCode refuses to give a bill up without saying why.
var ErrCode = &events.Fault{Kind: events.Invalid, Code: "refusal-unnamed",
	Message: "Name the code of the refusal for which the bill is given up."}

// GiveUp says that charges could not be billed, and will not be tried again by
// themselves. They are owed still.
type GiveUp struct {
	Invoice events.InvoiceID
	Player  events.PlayerID
	Charge  events.EventID // the first that is billed
	Net     events.Money
	Code    string // of the refusal
}

func (g GiveUp) Target() events.Stream { return events.InvoiceStream(g.Invoice) }

func (g GiveUp) Decide(s State, now time.Time) ([]events.Event, error) {
	switch {
	case s.Phase != None || s.GivenUp:
		return nil, nil
	case g.Invoice.IsZero():
		return nil, ErrUnknown
	case !code.MatchString(g.Code):
		return nil, ErrCode
	}
	return []events.Event{events.BillGivenUp{
		Invoice: g.Invoice, Player: g.Player, Charge: g.Charge, Net: g.Net, Code: g.Code, At: now,
	}}, nil
}

// Retry has a bill tried again that was given up. One that is being tried, or
// has become an invoice, is left alone.
type Retry struct {
	Invoice events.InvoiceID
}

func (r Retry) Target() events.Stream { return events.InvoiceStream(r.Invoice) }

func (r Retry) Decide(s State, now time.Time) ([]events.Event, error) {
	switch {
	case s.Phase != None || s.Retried:
		return nil, nil
	case !s.GivenUp:
		return nil, ErrUnknown
	}
	return []events.Event{events.BillRetried{Invoice: r.Invoice, At: now}}, nil
}
