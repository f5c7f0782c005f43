package invoice

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Exhaust says that no more attempts will be made to have what is open paid.
type Exhaust struct {
	Invoice events.InvoiceID
}

func (e Exhaust) Target() events.Stream { return events.InvoiceStream(e.Invoice) }

func (e Exhaust) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.out(); err != nil || s.Exhausted || s.Balance.Open == 0 {
		return nil, err
	}
	if s.underWay() {
		return nil, ErrUnderWay
	}
	return []events.Event{events.DunningExhausted{
		Invoice: e.Invoice, Player: s.Player, Attempts: s.Attempts, Open: s.money(s.Balance.Open), At: now,
	}}, nil
}
