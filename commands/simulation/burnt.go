package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// burnt: what is played is charged to the second; nothing is burnt that the
// player does not have; credits only where the plan's hours are gone, overage
// only where both are, at the plan's price, rounded once, and within the spending
// limit; a period follows the one before.
type burnt struct {
	accounts map[events.PlayerID]*purse
	renewals int
}

// purse is what a player has.
type purse struct {
	term
	former  term // the last one that ended, for its own play that comes late
	credits map[events.CreditID]time.Duration
	limit   *int64
}

// term is a subscription and what is had of its period.
type term struct {
	id       events.SubscriptionID // zero: there is none
	offer    events.Offer
	period   events.Period
	included time.Duration
	late     time.Duration // that has lapsed, for play of before
	rated    time.Duration // at the present price
	spent    int64         // on overage, in the period
}

func newBurnt() *burnt { return &burnt{accounts: map[events.PlayerID]*purse{}} }

var _ invariant = (*burnt)(nil)

func (b *burnt) take(n commands.Noted) error {
	id, ok := accountOf(n.Event)
	if !ok {
		return nil
	}
	p := b.accounts[id]
	if p == nil {
		p = &purse{credits: map[events.CreditID]time.Duration{}}
		b.accounts[id] = p
	}
	says := ""
	switch e := n.Event.(type) {
	case events.SubscriptionRenewed:
		b.renewals++
		says = p.renewed(e)
	case events.PlaytimeCharged:
		says = p.charged(e)
	default:
		p.changed(e)
	}
	if says == "" {
		return nil
	}
	return &Violation{
		Invariant: "burnt", At: n.Time, Says: fmt.Sprintf("account of %s: %s", id, says), Streams: []events.Stream{events.AccountStream(id)},
	}
}

func (p *purse) changed(e events.Event) {
	switch e := e.(type) {
	case events.SubscriptionStarted:
		p.term = term{id: e.Subscription, offer: e.Offer, period: e.Period, included: e.Offer.Terms.Included}
	case events.SubscriptionResumed:
		if e.Period != nil {
			p.term = term{id: p.id, offer: e.Offer, period: *e.Period, included: min(p.included, e.Rollover) + e.Offer.Terms.Included}
		}
	case events.SubscriptionChanged:
		p.offer, p.included, p.rated = e.Offer, p.included+e.Added, 0
	case events.SubscriptionEnded:
		p.former, p.term = p.term, term{}
		p.former.included, p.former.late = 0, p.former.included
	case events.CreditGranted:
		p.credits[e.Credit] = e.Play
	case events.CreditExpired:
		delete(p.credits, e.Credit)
	case events.CreditRevoked:
		delete(p.credits, e.Credit)
	case events.SpendingLimitSet:
		p.limit = &e.Limit.Amount
	case events.SpendingLimitLifted:
		p.limit = nil
	}
}

func (p *purse) renewed(e events.SubscriptionRenewed) string {
	price := e.Offer.Terms.Price.Amount
	if e.Period.Paused {
		price = 0
	}
	switch {
	case p.id.IsZero():
		return "a period begins, and there is no subscription"
	case e.Period.Number != p.period.Number+1 || !e.Period.From.Equal(p.period.To) || !e.Period.To.After(e.Period.From):
		return fmt.Sprintf("period %d from %v follows period %d to %v", e.Period.Number, e.Period.From, p.period.Number, p.period.To)
	case e.Rollover+e.Lapsed != p.included || e.Rollover < 0 || e.Rollover > e.Offer.Terms.Rollover:
		return fmt.Sprintf("%v are left to the next period and %v lapse of %v, and %v may be left", e.Rollover, e.Lapsed, p.included, e.Offer.Terms.Rollover)
	case e.Charge.Amount != price:
		return fmt.Sprintf("a period is charged with %d, and costs %d", e.Charge.Amount, price)
	}
	included := e.Rollover
	if !e.Period.Paused {
		included += e.Offer.Terms.Included
	}
	p.term = term{id: p.id, offer: e.Offer, period: e.Period, included: included, late: e.Lapsed}
	return ""
}

func (p *purse) charged(e events.PlaytimeCharged) string {
	t := &p.term
	if !e.Subscription.IsZero() && e.Subscription == p.former.id {
		t = &p.former
	}
	t.included, t.late = t.included-(e.Included-e.Late), t.late-e.Late
	ofCredits := time.Duration(0)
	for _, c := range e.Credits {
		left := p.credits[c.Credit] - c.Play
		if left < 0 || left != c.Left || c.Play <= 0 {
			return fmt.Sprintf("%v of a credit with %v are burnt, and %v are left", c.Play, p.credits[c.Credit], c.Left)
		}
		if p.credits[c.Credit] = left; left == 0 {
			delete(p.credits, c.Credit)
		}
		ofCredits += c.Play
	}
	all, running := e.Included+ofCredits+e.Overage.Play, !t.id.IsZero() && !t.period.Paused
	switch {
	case all != e.Segment.Duration():
		return fmt.Sprintf("%v are burnt for a segment of %v", all, e.Segment.Duration())
	case t.id != e.Subscription:
		return fmt.Sprintf("it is burnt of subscription %s, and there is %s", e.Subscription, t.id)
	case t.included < 0 || t.late < 0 || e.Late < 0 || e.Included < e.Late || !running && e.Included > 0:
		return fmt.Sprintf("%v are included that are not there", e.Included)
	case running && t.included > 0 && ofCredits+e.Overage.Play > 0:
		return fmt.Sprintf("%v of credits and %v beyond are burnt while %v are included", ofCredits, e.Overage.Play, t.included)
	case e.Overage.Play > 0 && len(p.credits) > 0:
		return fmt.Sprintf("%v are beyond while there are credits", e.Overage.Play)
	}
	return t.beyond(e.Overage, running, p.limit)
}

// beyond holds overage to the price of the plan.
func (t *term) beyond(o events.Overage, running bool, limit *int64) string {
	hour := t.offer.Terms.Overage
	if o.Play == 0 || !running || hour.Amount == 0 {
		if o.Charge.Amount != 0 || o.Waived.Amount != 0 {
			return fmt.Sprintf("%d are charged for %v beyond, which cost nothing", o.Charge.Amount, o.Play)
		}
		return ""
	}
	before := priced(hour.Amount, t.rated)
	t.rated += o.Play
	due := priced(hour.Amount, t.rated) - before
	t.spent += o.Charge.Amount
	switch {
	case o.Charge.Amount+o.Waived.Amount != due || o.Charge.Amount < 0 || o.Waived.Amount < 0 || o.Charge.Currency != hour.Currency:
		return fmt.Sprintf("%v beyond are charged with %d and %d waived, and cost %d", o.Play, o.Charge.Amount, o.Waived.Amount, due)
	case o.Waived.Amount > 0 && limit == nil:
		return fmt.Sprintf("%d are waived without a limit", o.Waived.Amount)
	case limit != nil && o.Charge.Amount > 0 && t.spent > *limit:
		return fmt.Sprintf("%d are spent, and the limit is %d", t.spent, *limit)
	}
	return ""
}

// priced is what play costs at a price of an hour, rounded half to even. Hours
// of a simulation and prices are far from where it overflows.
func priced(hour int64, play time.Duration) int64 {
	units := hour * play.Milliseconds()
	whole, rest := units/time.Hour.Milliseconds(), units%time.Hour.Milliseconds()
	if half := time.Hour.Milliseconds() / 2; rest > half || rest == half && whole%2 == 1 {
		whole++
	}
	return whole
}

func (b *burnt) check(time.Time) error { return nil }

func (b *burnt) final(time.Time) error { return nil }

func (b *burnt) tell(r *Report) { r.Books.Renewals = b.renewals }
