package billing

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Renewal has accounts renewed when a period is over, also the last one of a
// cancelled subscription, and when credits expire.
type Renewal struct {
	seen  commands.Recent
	open  map[timed]*timer
	queue timers
	asked uint64
}

// timed is what has a time: a subscription or a credit of a player.
type timed struct {
	player       events.PlayerID
	subscription events.SubscriptionID
	credit       events.CreditID
}

type timer struct {
	of    timed
	at    time.Time
	nth   uint64 // of all timers, so that equal times have an order
	cause commands.Cause
	place int // in the queue
}

// NewRenewal returns the policy before the first event.
func NewRenewal() *Renewal { return &Renewal{open: map[timed]*timer{}} }

var _ commands.Policy = (*Renewal)(nil)

func (*Renewal) Name() string { return "renewal" }

func (p *Renewal) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SubscriptionStarted:
		p.set(timed{player: e.Player, subscription: e.Subscription}, e.Period.To, n.Cause)
	case events.SubscriptionRenewed:
		p.set(timed{player: e.Player, subscription: e.Subscription}, e.Period.To, n.Cause)
	case events.SubscriptionResumed:
		if e.Period != nil {
			p.set(timed{player: e.Player, subscription: e.Subscription}, e.Period.To, n.Cause)
		}
	case events.SubscriptionEnded:
		p.clear(timed{player: e.Player, subscription: e.Subscription})
	case events.CreditGranted:
		if !e.Expires.IsZero() {
			p.set(timed{player: e.Player, credit: e.Credit}, e.Expires, n.Cause)
		}
	case events.CreditExpired:
		p.clear(timed{player: e.Player, credit: e.Credit})
	case events.CreditRevoked:
		p.clear(timed{player: e.Player, credit: e.Credit})
	case events.PlaytimeCharged:
		for _, burnt := range e.Credits {
			if burnt.Left == 0 {
				p.clear(timed{player: e.Player, credit: burnt.Credit})
			}
		}
	}
}

// Due looks at what is due and no more: the queue is a heap, in which nothing
// below what is not due is.
func (p *Renewal) Due(now time.Time) []commands.Order {
	due := p.queue.due(0, now, nil)
	slices.SortFunc(due, func(a, b *timer) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.nth, b.nth)) })
	orders := make([]commands.Order, 0, len(due))
	for _, t := range due {
		orders = append(orders, commands.Issue(Renew{Player: t.of.player}, commands.Because(t.cause, p.Name(), t.purpose())))
	}
	return orders
}

// purpose tells apart what one event may have set.
func (t *timer) purpose() string {
	if t.of.credit.IsZero() {
		return "renew " + t.of.subscription.String()
	}
	return "expire " + t.of.credit.String()
}

func (p *Renewal) set(of timed, at time.Time, cause commands.Cause) {
	if p.seen.Again(cause.Event) {
		return
	}
	p.clear(of)
	p.asked++
	t := &timer{of: of, at: at, nth: p.asked, cause: cause}
	p.open[of] = t
	heap.Push(&p.queue, t)
}

func (p *Renewal) clear(of timed) {
	if t := p.open[of]; t != nil {
		heap.Remove(&p.queue, t.place)
		delete(p.open, of)
	}
}

// timers is a heap by time.
type timers []*timer

// due adds those from a place on that are due.
func (q timers) due(place int, now time.Time, found []*timer) []*timer {
	if place >= len(q) || now.Before(q[place].at) {
		return found
	}
	found = append(found, q[place])
	return q.due(2*place+2, now, q.due(2*place+1, now, found))
}

func (q timers) Len() int           { return len(q) }
func (q timers) Less(i, j int) bool { return q[i].at.Before(q[j].at) }

func (q timers) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push and Pop are for the heap alone.
func (q *timers) Push(x any) {
	if t, ok := x.(*timer); ok {
		t.place = len(*q)
		*q = append(*q, t)
	}
}

func (q *timers) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return t
}
