package plan_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/plan"
	"github.com/playcast/playcast/events"
)

var terms = events.Terms{
	Price: events.Money{Amount: 999, Currency: "EUR"}, Interval: events.Monthly, Included: 100 * time.Hour, Rollover: 15 * time.Hour,
	Overage: events.Money{Amount: 150, Currency: "EUR"},
	Access:  events.Access{Sessions: 1, Longest: 6 * time.Hour, Resolution: 1080, Priority: 5},
}

func published(version int, terms events.Terms) events.PlanPublished {
	return events.PlanPublished{Offer: events.Offer{Plan: "plus", Version: version, Terms: terms}, At: Now}
}

func TestPublish(t *testing.T) {
	dearer := terms
	dearer.Price.Amount = 1099
	withdrawn := events.PlanWithdrawn{Plan: "plus", Version: 1, At: Now}
	When(Given(), plan.Publish{Plan: "plus", Terms: terms}).Then(t, published(1, terms))
	When(Given(published(1, terms)), plan.Publish{Plan: "plus", Terms: terms}).Then(t)
	When(Given(published(1, terms)), plan.Publish{Plan: "plus", Terms: dearer}).Then(t, published(2, dearer))
	When(Given(published(1, terms), withdrawn), plan.Publish{Plan: "plus", Terms: terms}).Then(t, published(2, terms))

	dollars := terms
	dollars.Price.Currency, dollars.Overage.Currency = "USD", "USD"
	When(Given(published(1, terms)), plan.Publish{Plan: "plus", Terms: dollars}).Refused(t, events.ErrCurrency)
	When(Given(), plan.Publish{Plan: "Plus", Terms: terms}).Refused(t, events.ErrTerms)
	var full []events.Event
	for version := range 50 {
		full = append(full, published(version+1, terms))
	}
	When(Given(full...), plan.Publish{Plan: "plus", Terms: dearer}).Refused(t, plan.ErrOffered)
}

func TestTermsThatNobodyCanBeHeldTo(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*events.Terms)
		want  error
	}{
		"a negative price":      {func(t *events.Terms) { t.Price.Amount = -1 }, events.ErrTerms},
		"a price past counting": {func(t *events.Terms) { t.Price.Amount = 1<<63 - 1 }, events.ErrAmount},
		"no currency":           {func(t *events.Terms) { t.Price.Currency = "" }, events.ErrCurrency},
		"two currencies":        {func(t *events.Terms) { t.Overage.Currency = "USD" }, events.ErrCurrency},
		"no interval":           {func(t *events.Terms) { t.Interval = "week" }, events.ErrTerms},
		"negative hours":        {func(t *events.Terms) { t.Included = -1 }, events.ErrTerms},
		"an endless rollover":   {func(t *events.Terms) { t.Rollover = 1<<63 - 1 }, events.ErrTerms},
		"no session":            {func(t *events.Terms) { t.Access.Sessions = 0 }, events.ErrTerms},
		"no time":               {func(t *events.Terms) { t.Access.Longest = 0 }, events.ErrTerms},
		"no picture":            {func(t *events.Terms) { t.Access.Resolution = 0 }, events.ErrTerms},
		"a negative priority":   {func(t *events.Terms) { t.Access.Priority = -1 }, events.ErrTerms},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := terms
			c.spoil(&spoilt)
			When(Given(), plan.Publish{Plan: "plus", Terms: spoilt}).Refused(t, c.want)
		})
	}
}

func TestWithdraw(t *testing.T) {
	withdrawn := events.PlanWithdrawn{Plan: "plus", Version: 1, At: Now}
	When(Given(published(1, terms)), plan.Withdraw{Plan: "plus", Version: 1}).Then(t, withdrawn)
	When(Given(published(1, terms), withdrawn), plan.Withdraw{Plan: "plus", Version: 1}).Then(t)
	for _, version := range []int{-1, 0, 2} {
		When(Given(published(1, terms)), plan.Withdraw{Plan: "plus", Version: version}).Refused(t, plan.ErrUnknown)
	}
	left := plan.State{}.Evolve(published(1, terms)).Evolve(published(2, terms)).Evolve(withdrawn)
	if offer, err := left.Offer(2); err != nil || offer.Version != 2 {
		t.Errorf("the second version: %+v, %v", offer, err)
	}
}
