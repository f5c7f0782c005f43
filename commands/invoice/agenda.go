package invoice

import (
	"cmp"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
)

// agenda has at most one thing to do for each of its subjects, in the order in
// which they are due, and of equals in that in which they were planned: what is
// due is read off its beginning, however many wait.
type agenda[K comparable] struct {
	plans   map[K]*plan
	order   []slot[K]
	planned uint64
}

// plan is an order for a time.
type plan struct {
	at      time.Time // zero: at once, whatever the clock says
	cause   commands.Cause
	purpose string
	order   func(commands.Origin) commands.Order
	nth     uint64
	refused int             // so many times
	issued  *commands.Order // once it was due
}

type slot[K comparable] struct {
	at  time.Time
	nth uint64
	key K
}

func newAgenda[K comparable]() agenda[K] { return agenda[K]{plans: map[K]*plan{}} }

// put plans something for a subject, instead of what was planned.
func (a *agenda[K]) put(key K, p plan) {
	a.drop(key)
	a.planned++
	p.nth = a.planned
	a.plans[key] = &p
	i, _ := a.find(&p)
	a.order = slices.Insert(a.order, i, slot[K]{p.at, p.nth, key})
}

func (a *agenda[K]) drop(key K) {
	p, planned := a.plans[key]
	if !planned {
		return
	}
	delete(a.plans, key)
	if i, found := a.find(p); found {
		a.order = slices.Delete(a.order, i, i+1)
	}
}

// due returns the orders for what is planned for a time or before it, the
// earliest first, and no more than so many.
func (a *agenda[K]) due(now time.Time, most int, policy string) []commands.Order {
	var due []commands.Order
	for _, s := range a.order {
		if now.Before(s.at) || len(due) == most {
			break
		}
		p := a.plans[s.key]
		if p.issued == nil {
			order := p.order(commands.Because(p.cause, policy, p.purpose))
			p.issued = &order
		}
		due = append(due, *p.issued)
	}
	return due
}

// later puts off what was refused, each time for twice as long, up to an hour,
// and says how often that was.
func (a *agenda[K]) later(key K, now time.Time) int {
	p, planned := a.plans[key]
	if !planned {
		return 0
	}
	again := *p
	again.refused++
	again.at = now.Add(min(time.Hour, time.Second<<min(again.refused-1, 12)))
	a.put(key, again)
	return again.refused
}

func (a *agenda[K]) find(p *plan) (int, bool) {
	return slices.BinarySearchFunc(a.order, p, func(s slot[K], p *plan) int {
		return cmp.Or(s.at.Compare(p.at), cmp.Compare(s.nth, p.nth))
	})
}

// issue makes orders of one command.
func issue[S commands.State[S]](c commands.Command[S]) func(commands.Origin) commands.Order {
	return func(origin commands.Origin) commands.Order { return commands.Issue(c, origin) }
}
