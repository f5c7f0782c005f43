package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/plan"
	"github.com/playcast/playcast/events"
)

// offered is what can be subscribed to: the dearer, the longer, the more at once
// and the earlier in the queue. The others follow by how many want them.
var offered = []struct {
	plan   events.PlanID
	weight int
	terms  events.Terms
}{
	{"day", 45, terms(events.Money{Amount: 499, Currency: "EUR"}, 6*time.Hour, 120, events.Access{Sessions: 1, Longest: 3 * time.Hour, Resolution: 720})},
	{"plus", 30, terms(events.Money{Amount: 999, Currency: "EUR"}, 30*time.Hour, 90, events.Access{Sessions: 2, Longest: 6 * time.Hour, Resolution: 1080, Priority: 2})},
	{"plus-us", 10, terms(events.Money{Amount: 1099, Currency: "USD"}, 30*time.Hour, 99, events.Access{Sessions: 2, Longest: 6 * time.Hour, Resolution: 1080, Priority: 2})},
	{"all", 15, terms(events.Money{Amount: 1999, Currency: "EUR"}, 100*time.Hour, 0, events.Access{Sessions: 3, Longest: 12 * time.Hour, Resolution: 2160, Priority: 4})},
}

// terms are those of a month. An overage of nothing is none.
func terms(price events.Money, included time.Duration, overage int64, access events.Access) events.Terms {
	t := events.Terms{Price: price, Interval: events.Monthly, Included: included, Rollover: included / 5, Access: access}
	if overage > 0 {
		t.Overage = events.Money{Amount: overage, Currency: price.Currency}
	}
	return t
}

// publish offers all plans when the platform opens, a dearer version of one in
// the middle of the week, and withdraws the one before.
func (o *office) publish(w *world) {
	for _, p := range offered {
		o.order(w, 0, fmt.Sprintf("publish %s", p.plan), func(origin commands.Origin) commands.Order {
			return commands.Issue(plan.Publish{Plan: p.plan, Terms: p.terms}, origin)
		})
	}
	dearer := offered[1]
	dearer.terms.Price.Amount += 100
	dearer.terms.Access.Priority++
	o.order(w, start.Sub(opening)+2*day, "publish a dearer one", func(origin commands.Origin) commands.Order {
		return commands.Issue(plan.Publish{Plan: dearer.plan, Terms: dearer.terms}, origin)
	})
	o.order(w, start.Sub(opening)+3*day, "withdraw the one before", func(origin commands.Origin) commands.Order {
		return commands.Issue(plan.Withdraw{Plan: dearer.plan, Version: 1}, origin)
	})
}

// order carries out what somebody in the office wants, after a while.
func (o *office) order(w *world, after time.Duration, name string, order func(commands.Origin) commands.Order) {
	origin := commands.Origin{ID: w.commandID("office " + name), Actor: events.BySystem("operator")}
	w.in(after, func(ctx context.Context) { w.do(ctx, o.handler, order(origin), always) })
}
