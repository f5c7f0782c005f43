package projections

import (
	"time"

	"github.com/playcast/playcast/events"
)

// meter puts a segment on the account, the session's bill and the month.
func (v *accountView) meter(n *Noted, e events.PlaytimeMetered) error {
	played := ms(e.Segment.Duration())
	v.playtime.Add(playtimeRow{
		Session: e.Session, Segment: e.Segment.Number, Player: e.Player, Game: e.Game,
		BeganAt: e.Segment.From, EndedAt: e.Segment.To, PlayedMs: played,
	})
	var first int64
	bill, billed := v.bills.Get(e.Session)
	if !billed {
		bill, first = sessionBillRow{Session: e.Session, Player: e.Player, Game: e.Game}, 1
	}
	bill.Segments++
	bill.BilledMs += played
	v.bills.Put(bill)
	month := usageKey{e.Player, monthOf(e.Segment.To), e.Game}
	usage, used := v.usage.Get(month)
	if !used {
		usage = usageRow{Player: month.Player, Month: month.Month, Game: month.Game}
	}
	usage.Sessions += first
	usage.PlayedMs += played
	v.usage.Put(usage)
	n.Tell(events.SessionStream(e.Session)) // whose view shows what of it is billed
	return v.change(n, e.Player, func(r *accountRow) {
		r.PlayedMs += played
		r.Sessions += first
	})
}

// paid is what play was paid with.
type paid struct {
	included, credit, overage int64 // in milliseconds
	charge, waived            int64
	currency                  events.Currency
}

func paidWith(e events.PlaytimeCharged) paid {
	var credits time.Duration
	for _, burnt := range e.Credits {
		credits += burnt.Play
	}
	return paid{ms(e.Included), ms(credits), ms(e.Overage.Play), e.Overage.Charge.Amount, e.Overage.Waived.Amount, e.Overage.Hour.Currency}
}

// charge says of play that is metered what it was paid with.
func (v *accountView) charge(n *Noted, e events.PlaytimeCharged) error {
	p := paidWith(e)
	var game events.GameID
	err := v.playtime.Change(keyOfSegment(e.Session, e.Segment), func(r *playtimeRow) {
		game = r.Game
		r.IncludedMs, r.CreditMs, r.OverageMs, r.Charge, r.Waived, r.Currency = p.included, p.credit, p.overage, p.charge, p.waived, p.currency
	})
	if err != nil {
		return err
	}
	err = v.bills.Change(e.Session, func(r *sessionBillRow) {
		p.add(&r.IncludedMs, &r.CreditMs, &r.OverageMs, &r.Charge, &r.Waived)
		r.Currency = either(p.currency, r.Currency)
	})
	if err != nil {
		return err
	}
	if game != "" { // as in a rehearsal, which knows of no row
		err = v.usage.Change(usageKey{e.Player, monthOf(e.Segment.To), game}, func(r *usageRow) {
			p.add(&r.IncludedMs, &r.CreditMs, &r.OverageMs, &r.Charge, &r.Waived)
			r.Currency = either(p.currency, r.Currency)
		})
		if err != nil {
			return err
		}
	}
	if err := v.spend(e, p); err != nil {
		return err
	}
	for _, burnt := range e.Credits {
		if err := v.burn(n, e, burnt); err != nil {
			return err
		}
	}
	n.Tell(events.SessionStream(e.Session))
	return v.change(n, e.Player, nil)
}

// add adds up by the same columns of several tables.
func (p paid) add(included, credit, overage, charge, waived *int64) {
	*included += p.included
	*credit += p.credit
	*overage += p.overage
	*charge += p.charge
	*waived += p.waived
}

func either(a, b events.Currency) events.Currency {
	if a != "" {
		return a
	}
	return b
}

// spend takes play from the period of which it is.
func (v *accountView) spend(e events.PlaytimeCharged, p paid) error {
	if e.Subscription.IsZero() {
		return nil
	}
	return v.periods.Change(periodKey{e.Player, e.Subscription, e.Period}, func(r *periodRow) {
		r.LeftMs = max(0, r.LeftMs-ms(e.Included-e.Late)) // parts of a millisecond may come to one
		r.LateMs = max(0, r.LateMs-ms(e.Late))
		r.BurntMs += p.included
		r.CreditMs += p.credit
		r.OverageMs += p.overage
		r.Spent += p.charge
		r.Waived += p.waived
	})
}
