package projections

import (
	"github.com/playcast/playcast/events"
)

// accountView is players' accounts: what was played on them, and what that was
// paid with. Nothing in it is sealed: of whom the accounts are, only their
// profiles say.
//
//	account ─┬─ subscription ── subscription_period    hours, overage, what is spent
//	         ├─ credit                                 play beyond them, in the order of burning
//	         └─ playtime (by month) ─▶ session_bill, usage_month
type accountView struct {
	accounts      *Table[events.PlayerID, accountRow]
	playtime      *Table[segmentKey, playtimeRow]
	bills         *Table[events.SessionID, sessionBillRow]
	usage         *Table[usageKey, usageRow]
	subscriptions *Table[subscriptionKey, subscriptionRow]
	periods       *Table[periodKey, periodRow]
	credits       *Table[creditKey, creditRow]
	subscribers   *Table[versionKey, subscribersRow]
}

var _ View = (*accountView)(nil)

func newAccountView() View {
	return &accountView{
		accounts: NewTable("account", func(r *accountRow) events.PlayerID { return r.Player }),
		playtime: NewTable("playtime", func(r *playtimeRow) segmentKey {
			return segmentKey{r.Session, r.Segment, r.EndedAt}
		}).Monthly("ended_at"),
		bills: NewTable("session_bill", func(r *sessionBillRow) events.SessionID { return r.Session }),
		usage: NewTable("usage_month", func(r *usageRow) usageKey { return usageKey{r.Player, r.Month, r.Game} }),
		subscriptions: NewTable("subscription", func(r *subscriptionRow) subscriptionKey {
			return subscriptionKey{r.Player, r.Subscription}
		}),
		periods: NewTable("subscription_period", func(r *periodRow) periodKey {
			return periodKey{r.Player, r.Subscription, r.Period}
		}),
		credits:     NewTable("credit", func(r *creditRow) creditKey { return creditKey{r.Player, r.Credit} }),
		subscribers: NewTable("plan_subscribers", func(r *subscribersRow) versionKey { return versionKey{r.Plan, r.Version} }),
	}
}

func (*accountView) Name() string { return "account" }
func (*accountView) Version() int { return 2 }

func (v *accountView) Tables() []Rows {
	return []Rows{v.accounts, v.playtime, v.bills, v.usage, v.subscriptions, v.periods, v.credits, v.subscribers}
}

func (*accountView) Wants() []events.Event {
	return []events.Event{
		events.AccountOpened{}, events.PlaytimeMetered{}, events.PlaytimeCharged{},
		events.SubscriptionStarted{}, events.SubscriptionRenewed{}, events.SubscriptionChanged{},
		events.SubscriptionChangeScheduled{}, events.SubscriptionChangeDropped{}, events.SubscriptionCancelled{},
		events.SubscriptionKept{}, events.SubscriptionPaused{}, events.SubscriptionResumed{}, events.SubscriptionEnded{},
		events.CreditGranted{}, events.CreditExpired{}, events.CreditRevoked{},
		events.SpendingLimitSet{}, events.SpendingLimitLifted{}, events.SpendingLimitReached{},
		events.PlayerErased{},
	}
}

func (v *accountView) Fold(n *Noted) error {
	switch e := n.Event.(type) {
	case events.AccountOpened:
		v.accounts.Add(accountRow{Player: e.Player, OpenedAt: e.At, Position: n.Position})
		return nil
	case events.PlaytimeMetered:
		return v.meter(n, e)
	case events.PlaytimeCharged:
		return v.charge(n, e)
	case events.SpendingLimitSet:
		return v.change(n, e.Player, func(r *accountRow) {
			r.Limit, r.LimitCurrency, r.LimitReached = e.Limit.Amount, e.Limit.Currency, false
		})
	case events.SpendingLimitLifted:
		return v.change(n, e.Player, func(r *accountRow) { r.Limit, r.LimitCurrency, r.LimitReached = 0, "", false })
	case events.SpendingLimitReached:
		return v.reach(n, e)
	case events.CreditGranted:
		return v.grant(n, e)
	case events.CreditExpired:
		return v.lapse(n, creditKey{e.Player, e.Credit}, lapsed{"expired", e.Lapsed, e.Value.Amount, e.At})
	case events.CreditRevoked:
		return v.lapse(n, creditKey{e.Player, e.Credit}, lapsed{"revoked", e.Lapsed, 0, e.At})
	case events.PlayerErased:
		v.erase(n, e)
		return nil
	}
	return v.foldSubscription(n)
}

// change changes an account's row, which says up to where all of the account is
// known.
func (v *accountView) change(n *Noted, player events.PlayerID, change func(*accountRow)) error {
	return v.accounts.Change(player, func(r *accountRow) {
		r.Position = n.Position
		if change != nil {
			change(r)
		}
	})
}

// reach notes the limit for the period that it was reached in. Play of a former
// subscription may come late: that is no limit of the present one.
func (v *accountView) reach(n *Noted, e events.SpendingLimitReached) error {
	err := v.periods.Change(periodKey{e.Player, e.Subscription, e.Period}, func(r *periodRow) { r.LimitReached = true })
	if err != nil {
		return err
	}
	return v.change(n, e.Player, func(r *accountRow) {
		r.LimitReached = r.LimitReached || e.Subscription == r.Subscription
	})
}

// erase keeps the account, which is nobody's any more: what was charged is to be
// accounted for.
func (v *accountView) erase(n *Noted, e events.PlayerErased) {
	if row, opened := v.accounts.Get(e.Player); opened {
		row.ErasedAt, row.Position = e.At, n.Position
		v.accounts.Put(row)
		n.Tell(events.AccountStream(e.Player))
	}
}
