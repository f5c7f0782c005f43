package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

func (v *accountView) grant(n *Noted, e events.CreditGranted) error {
	v.credits.Put(creditRow{
		Player: e.Player, Credit: e.Credit, State: "open", PlayMs: ms(e.Play), LeftMs: ms(e.Play),
		Price: e.Charge.Amount, Currency: e.Charge.Currency, Priority: e.Priority,
		ExpiresAt: e.Expires, GrantedAt: e.At, Position: n.Position,
	})
	return v.change(n, e.Player, func(r *accountRow) { r.Currency = either(e.Charge.Currency, r.Currency) })
}

// burn takes what was played from a credit, which is burnt when nothing is left.
func (v *accountView) burn(n *Noted, e events.PlaytimeCharged, burnt events.CreditBurnt) error {
	return v.credits.Change(creditKey{e.Player, burnt.Credit}, func(r *creditRow) {
		r.LeftMs, r.Position = ms(burnt.Left), n.Position
		r.Earned += burnt.Value.Amount
		if burnt.Left <= 0 {
			r.State, r.EndedAt = "burnt", e.At
		}
	})
}

// lapsed is how the rest of a credit came to its end.
type lapsed struct {
	state string
	rest  time.Duration
	value int64 // that is earned by it
	at    time.Time
}

func (v *accountView) lapse(n *Noted, credit creditKey, l lapsed) error {
	err := v.credits.Change(credit, func(r *creditRow) {
		r.State, r.LeftMs, r.LapsedMs, r.EndedAt, r.Position = l.state, 0, ms(l.rest), l.at, n.Position
		r.Earned += l.value
	})
	if err != nil {
		return err
	}
	return v.change(n, credit.Player, nil)
}
