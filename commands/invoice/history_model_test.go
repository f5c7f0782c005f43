package invoice_test

import (
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/ledger"
)

// model works out from the events alone, with nothing of what decides, what
// must be: the books, what is played and had, and what is charged and invoiced.
type model struct {
	t        *rapid.T
	books    ledger.Books
	play     playModel
	plans    map[events.SubscriptionID]*planModel
	credits  map[events.CreditID]*creditModel
	limits   map[events.PlayerID]int64
	charges  map[events.EventID]events.Money // that are to be on an invoice, once
	invoiced map[events.EventID]events.Money
	drafted  map[events.InvoiceID]bool
	ids      []events.InvoiceID // of those that are issued
	money    map[events.InvoiceID]*moneyModel
	numbers  map[events.Series]int
}

// playModel is what was played, and what of it is on accounts and charged, and
// to which subscription it is to be.
type playModel struct {
	players map[events.SessionID]events.PlayerID
	active  map[segmentOf]time.Duration
	metered map[segmentOf]bool
	charged map[segmentOf]bool
	of      map[segmentOf]events.SubscriptionID
	current map[events.PlayerID]events.SubscriptionID
	former  map[events.PlayerID]events.SubscriptionID
}

type segmentOf struct {
	session events.SessionID
	number  int
}

// planModel is what is left of a subscription's period.
type planModel struct {
	terms       events.Terms
	paused      bool
	until       time.Time // when the period or, then, the subscription ends
	left, late  time.Duration
	rated       time.Duration // at the present price
	cost, spent int64         // of that, waived or not; in the period
}

type creditModel struct {
	player events.PlayerID
	price  events.Money
	left   time.Duration
	earned int64
	gone   bool // nothing of it is earned any more
}

func newModel(t *rapid.T) *model {
	return &model{
		t: t, plans: map[events.SubscriptionID]*planModel{}, credits: map[events.CreditID]*creditModel{}, limits: map[events.PlayerID]int64{},
		play: playModel{
			map[events.SessionID]events.PlayerID{}, map[segmentOf]time.Duration{}, map[segmentOf]bool{}, map[segmentOf]bool{},
			map[segmentOf]events.SubscriptionID{}, map[events.PlayerID]events.SubscriptionID{}, map[events.PlayerID]events.SubscriptionID{},
		},
		charges: map[events.EventID]events.Money{}, invoiced: map[events.EventID]events.Money{}, drafted: map[events.InvoiceID]bool{},
		money: map[events.InvoiceID]*moneyModel{}, numbers: map[events.Series]int{},
	}
}

func (m *model) take(n commands.Noted) {
	if transaction, moves := ledger.TransactionOf(n.Cause.Event, n.Event); moves && transaction.Check() != nil {
		m.t.Fatal(transaction.Check())
	}
	if err := m.books.Apply(n.Cause.Event, n.Event); err != nil {
		m.t.Fatal(err)
	}
	switch e := n.Event.(type) {
	case events.SessionRequested:
		m.play.players[e.Session] = e.Player
	case events.SessionPaused:
		m.play.active[segmentOf{e.Session, e.Closed.Number}] = e.Closed.Duration()
	case events.PlaytimeMetered:
		m.meters(e)
	case events.PlaytimeCharged:
		m.burns(n, e)
	case events.SpendingLimitSet:
		m.limits[e.Player] = e.Limit.Amount
	case events.SpendingLimitLifted:
		delete(m.limits, e.Player)
	case events.NumberAssigned:
		if m.numbers[e.Series]++; m.numbers[e.Series] != e.Number {
			m.t.Fatalf("number %d of %s is the %dth", e.Number, e.Series, m.numbers[e.Series])
		}
	default:
		m.takePlan(n)
		m.takeCredit(n)
		m.takeInvoice(n)
	}
}

// meters holds a segment to be put on the account of who played it, as it was
// played, once.
func (m *model) meters(e events.PlaytimeMetered) {
	key := segmentOf{e.Session, e.Segment.Number}
	if played, was := m.play.active[key]; !was || m.play.metered[key] || played != e.Segment.Duration() || m.play.players[e.Session] != e.Player {
		m.t.Fatalf("%v were played, and metered before: %t; now %+v", played, m.play.metered[key], e)
	}
	m.play.metered[key] = true
	m.play.of[key] = m.play.current[e.Player]
	if id := m.play.former[e.Player]; !id.IsZero() && e.Segment.From.Before(m.plans[id].until) {
		m.play.of[key] = id
	}
}

// charge is to be invoiced if it is more than nothing.
func (m *model) charge(n commands.Noted, charge events.Money) {
	if charge.Amount < 0 {
		m.t.Fatalf("negative: %+v", n.Event)
	}
	if charge.Amount > 0 {
		m.charges[n.Cause.Event] = charge
	}
}

func (m *model) takePlan(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		m.plans[e.Subscription] = &planModel{terms: e.Offer.Terms, until: e.Period.To, left: e.Offer.Terms.Included}
		m.play.current[e.Player] = e.Subscription
		m.fee(n, e.Charge, e.Offer.Terms.Price.Amount)
	case events.SubscriptionRenewed:
		p := m.plans[e.Subscription]
		m.rolls(p, e.Offer.Terms, e.Rollover, e.Lapsed)
		*p = planModel{terms: e.Offer.Terms, until: e.Period.To, paused: e.Period.Paused, left: e.Rollover, late: e.Lapsed}
		if price := e.Offer.Terms.Price.Amount; e.Period.Paused {
			m.fee(n, e.Charge, 0)
		} else {
			p.left += e.Offer.Terms.Included
			m.fee(n, e.Charge, price)
		}
	case events.SubscriptionResumed:
		p := m.plans[e.Subscription]
		if e.Period == nil {
			m.fee(n, e.Charge, 0)
			return
		}
		m.rolls(p, e.Offer.Terms, e.Rollover, e.Lapsed)
		*p = planModel{terms: e.Offer.Terms, until: e.Period.To, left: e.Rollover + e.Offer.Terms.Included}
		m.fee(n, e.Charge, e.Offer.Terms.Price.Amount)
	case events.SubscriptionChanged:
		p := m.plans[e.Subscription]
		if most := e.Offer.Terms.Price.Amount - p.terms.Price.Amount; e.Charge.Amount > most || e.Remaining > e.Seconds {
			m.t.Fatalf("%d is charged for a difference of %d", e.Charge.Amount, most)
		}
		p.terms, p.left, p.rated, p.cost = e.Offer.Terms, p.left+e.Added, 0, 0
		m.charge(n, e.Charge)
	case events.SubscriptionEnded:
		p := m.plans[e.Subscription]
		if e.Lapsed != p.left {
			m.t.Fatalf("%v lapse of %v", e.Lapsed, p.left)
		}
		p.left, p.late = 0, p.left
		if e.At.Before(p.until) {
			p.until = e.At
		}
		m.play.former[e.Player] = e.Subscription
		delete(m.play.current, e.Player)
	}
}

// fee is a charge for a period, which is its price.
func (m *model) fee(n commands.Noted, charge events.Money, price int64) {
	if charge.Amount != price {
		m.t.Fatalf("%d is charged for a period of %d: %+v", charge.Amount, price, n.Event)
	}
	m.charge(n, charge)
}

// rolls holds what is left to the next period to be all there is, up to the cap.
func (m *model) rolls(p *planModel, terms events.Terms, rollover, lapsed time.Duration) {
	if rollover+lapsed != p.left || rollover > terms.Rollover || lapsed > 0 && rollover < terms.Rollover {
		m.t.Fatalf("of %v, %v roll over and %v lapse, where %v may", p.left, rollover, lapsed, terms.Rollover)
	}
}

func (m *model) takeCredit(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.CreditGranted:
		m.credits[e.Credit] = &creditModel{player: e.Player, price: e.Charge, left: e.Play}
		m.charge(n, e.Charge)
	case events.CreditExpired:
		c := m.credits[e.Credit]
		if c.left != e.Lapsed {
			m.t.Fatalf("%v expire of %v", e.Lapsed, c.left)
		}
		c.earned, c.left = c.earned+e.Value.Amount, 0
	case events.CreditRevoked:
		m.credits[e.Credit].gone, m.credits[e.Credit].left = true, 0
	}
}

// burns holds a segment to be burnt once, of what there is and in order, and
// what is beyond to be charged at the price, rounded of all that is.
func (m *model) burns(n commands.Noted, e events.PlaytimeCharged) {
	key := segmentOf{e.Session, e.Segment.Number}
	burnt := e.Included + e.Overage.Play
	for _, b := range e.Credits {
		c := m.credits[b.Credit]
		c.left, c.earned, burnt = c.left-b.Play, c.earned+b.Value.Amount, burnt+b.Play
		if c.left != b.Left || c.left < 0 || c.player != e.Player {
			m.t.Fatalf("%v are left of %+v", c.left, b)
		}
	}
	if m.play.of[key] != e.Subscription || m.play.charged[key] || !m.play.metered[key] || burnt != e.Segment.Duration() {
		m.t.Fatalf("%v are burnt, before: %t, of %+v", burnt, m.play.charged[key], e)
	}
	m.play.charged[key] = true
	if p := m.plans[e.Subscription]; p != nil {
		m.burnsOf(p, e)
	} else if e.Included > 0 || e.Overage.Charge.Amount > 0 {
		m.t.Fatalf("there is no plan that this is of: %+v", e)
	}
	for _, c := range m.credits {
		if c.player == e.Player && c.left > 0 && e.Overage.Play > 0 {
			m.t.Fatalf("there is overage while %v of credit are left: %+v", c.left, e)
		}
	}
	m.charge(n, e.Overage.Charge)
}

func (m *model) burnsOf(p *planModel, e events.PlaytimeCharged) {
	p.left -= e.Included - e.Late
	p.late -= e.Late
	over := e.Overage
	if p.left < 0 || p.late < 0 || p.paused && e.Included > 0 || over.Play > 0 && p.left > 0 && !p.paused {
		m.t.Fatalf("%v and %v are left after %+v", p.left, p.late, e)
	}
	if p.terms.Overage == (events.Money{}) || p.paused || over.Play == 0 {
		if over.Charge.Amount != 0 || over.Waived.Amount != 0 {
			m.t.Fatalf("play that has no price is charged: %+v", e)
		}
		return
	}
	p.rated, p.cost = p.rated+over.Play, p.cost+over.Charge.Amount+over.Waived.Amount
	if want, err := p.terms.Overage.Portion(int64(p.rated), int64(time.Hour)); err != nil || want.Amount != p.cost {
		m.t.Fatalf("%v beyond the plan cost %d, want %d", p.rated, p.cost, want.Amount)
	}
	before := p.spent
	p.spent += over.Charge.Amount
	limit, limited := m.limits[e.Player]
	if limited && p.spent > max(limit, before) || !limited && over.Waived.Amount > 0 || over.Waived.Amount > 0 && p.spent < limit {
		m.t.Fatalf("%d are spent, after %d, with a limit of %d (%t): %+v", p.spent, before, limit, limited, e)
	}
}
