package projections

import (
	"github.com/playcast/playcast/events"
)

func (v *accountView) foldSubscription(n *Noted) error {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		return v.start(n, e)
	case events.SubscriptionRenewed:
		key := subscriptionKey{e.Player, e.Subscription}
		return v.follow(n, key, following{e.Offer, e.Period, e.Charge, ms(e.Rollover), ms(e.Lapsed), ms(e.Lapsed)})
	case events.SubscriptionResumed:
		key := subscriptionKey{e.Player, e.Subscription}
		if e.Period == nil {
			return v.subscription(n, key, func(r *subscriptionRow) { r.Pausing = false })
		}
		return v.follow(n, key, following{e.Offer, *e.Period, e.Charge, ms(e.Rollover), ms(e.Lapsed), 0})
	case events.SubscriptionChanged:
		return v.changeOffer(n, e)
	case events.SubscriptionChangeScheduled:
		return v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) { r.scheduled(&e.Offer) })
	case events.SubscriptionChangeDropped:
		return v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) { r.scheduled(nil) })
	case events.SubscriptionCancelled:
		return v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) { r.Cancelled = true })
	case events.SubscriptionKept:
		return v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) { r.Cancelled = false })
	case events.SubscriptionPaused:
		return v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) { r.Pausing = true })
	case events.SubscriptionEnded:
		return v.end(n, e)
	}
	return nil
}

func (v *accountView) start(n *Noted, e events.SubscriptionStarted) error {
	row := subscriptionRow{Player: e.Player, Subscription: e.Subscription, StartedAt: e.At, Position: n.Position}
	row.offered(e.Offer)
	row.begun(e.Period)
	v.subscriptions.Put(row)
	v.periods.Put(periodOf(subscriptionKey{e.Player, e.Subscription}, following{offer: e.Offer, period: e.Period, charge: e.Charge}))
	v.count(row.version(), 1)
	return v.change(n, e.Player, func(r *accountRow) {
		r.Currency, r.Subscription, r.LimitReached = e.Charge.Currency, e.Subscription, false
	})
}

// following is a period that takes the place of another one.
type following struct {
	offer    events.Offer
	period   events.Period
	charge   events.Money
	rollover int64 // in milliseconds
	lapsed   int64 // of the period before
	late     int64 // of that, what may still be burnt
}

func (v *accountView) follow(n *Noted, key subscriptionKey, f following) error {
	var from, to versionKey
	err := v.subscription(n, key, func(r *subscriptionRow) {
		from = r.version()
		r.offered(f.offer)
		r.begun(f.period)
		to = r.version()
	})
	if err != nil {
		return err
	}
	v.move(from, to)
	before := periodKey{key.Player, key.Subscription, f.period.Number - 1}
	err = v.periods.Change(before, func(r *periodRow) {
		r.LeftMs, r.LateMs, r.LapsedMs = 0, 0, f.lapsed
		r.To = f.period.From // earlier than it was to be, where a pause has ended
	})
	if err != nil {
		return err
	}
	v.periods.Put(periodOf(key, f))
	return v.accounts.Change(key.Player, func(r *accountRow) { r.LimitReached = false })
}

func periodOf(key subscriptionKey, f following) periodRow {
	row := periodRow{
		Player: key.Player, Subscription: key.Subscription, Period: f.period.Number,
		From: f.period.From, To: f.period.To, Paused: f.period.Paused, Price: f.charge.Amount, Currency: f.charge.Currency,
		RolloverMs: f.rollover, LeftMs: f.rollover, LateMs: f.late,
	}
	if !row.Paused {
		row.IncludedMs = ms(f.offer.Terms.Included)
		row.LeftMs += row.IncludedMs
	}
	return row
}

func (v *accountView) changeOffer(n *Noted, e events.SubscriptionChanged) error {
	var from, to versionKey
	err := v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) {
		from = r.version()
		r.offered(e.Offer)
		to = r.version()
	})
	if err != nil {
		return err
	}
	v.move(from, to)
	return v.periods.Change(periodKey{e.Player, e.Subscription, e.Period}, func(r *periodRow) {
		r.IncludedMs += ms(e.Added)
		r.LeftMs += ms(e.Added)
		r.Price += e.Charge.Amount
	})
}

// end keeps what has lapsed for play of the subscription that comes late.
func (v *accountView) end(n *Noted, e events.SubscriptionEnded) error {
	var of versionKey
	err := v.subscription(n, subscriptionKey{e.Player, e.Subscription}, func(r *subscriptionRow) {
		of = r.version()
		r.EndReason, r.EndedAt = e.Reason, e.At
		if e.At.After(r.PeriodTo) {
			r.EndedAt = r.PeriodTo // nobody had asked
		}
	})
	if err != nil {
		return err
	}
	v.move(of, versionKey{})
	err = v.periods.Change(periodKey{e.Player, e.Subscription, e.Period}, func(r *periodRow) {
		r.LateMs, r.LapsedMs, r.LeftMs = r.LeftMs, ms(e.Lapsed), 0
	})
	if err != nil {
		return err
	}
	return v.accounts.Change(e.Player, func(r *accountRow) {
		if r.Subscription == e.Subscription {
			r.Subscription, r.LimitReached = events.SubscriptionID{}, false
		}
	})
}

// subscription changes the row of one, whose state follows from the rest of it,
// and the account's.
func (v *accountView) subscription(n *Noted, key subscriptionKey, change func(*subscriptionRow)) error {
	err := v.subscriptions.Change(key, func(r *subscriptionRow) {
		change(r)
		r.settle()
		r.Position = n.Position
	})
	if err != nil {
		return err
	}
	return v.change(n, key.Player, nil)
}

// move has one subscription leave a version and take another. The zero version
// is none: nothing is known of versions in a rehearsal, and a subscription that
// ends takes none.
func (v *accountView) move(from, to versionKey) {
	if from == to {
		return
	}
	if from != (versionKey{}) {
		v.count(from, -1)
	}
	if to != (versionKey{}) {
		v.count(to, 1)
	}
}

func (v *accountView) count(of versionKey, more int64) {
	row, known := v.subscribers.Get(of)
	if !known {
		row = subscribersRow{Plan: of.Plan, Version: of.Version}
	}
	row.Running += more
	v.subscribers.Put(row)
}

func (r *subscriptionRow) version() versionKey { return versionKey{r.Plan, r.Version} }

// offered has an offer's terms, and no change that is to come.
func (r *subscriptionRow) offered(o events.Offer) {
	t := o.Terms
	r.Plan, r.Version, r.Price, r.Overage, r.Currency, r.Interval = o.Plan, o.Version, t.Price.Amount, t.Overage.Amount, t.Price.Currency, t.Interval
	r.IncludedMs, r.RolloverMs = ms(t.Included), ms(t.Rollover)
	r.AtOnce, r.LongestMs, r.Resolution, r.Priority = t.Access.Sessions, ms(t.Access.Longest), t.Access.Resolution, t.Access.Priority
	r.scheduled(nil)
}

func (r *subscriptionRow) scheduled(o *events.Offer) {
	if o == nil {
		o = &events.Offer{}
	}
	r.NextPlan, r.NextVersion, r.NextPrice, r.NextInterval = o.Plan, o.Version, o.Terms.Price.Amount, o.Terms.Interval
}

// begun has a period as the present one. Where it is not paused, no pause
// follows.
func (r *subscriptionRow) begun(p events.Period) {
	r.Period, r.PeriodFrom, r.PeriodTo, r.PeriodPaused, r.Pausing = p.Number, p.From, p.To, p.Paused, p.Paused
	r.settle()
}

// settle tells the state from what it follows from.
func (r *subscriptionRow) settle() {
	switch {
	case r.EndReason != "":
		r.State = "ended"
	case r.Cancelled:
		r.State = "ending"
	case r.PeriodPaused:
		r.State = "paused"
	case r.Pausing:
		r.State = "pausing"
	default:
		r.State = "running"
	}
}
