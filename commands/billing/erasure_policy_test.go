package billing_test

import (
	"testing"

	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

func TestWhoIsErasedIsChargedNoMore(t *testing.T) {
	erased := events.PlayerErased{Player: "anna", At: half}
	ended := events.SubscriptionEnded{Player: "anna", Subscription: sub, At: half}
	end := billing.End{Player: "anna", Subscription: sub, Reason: events.SubscriptionErased}
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"nobody is erased", []events.Event{started}, nil},
		{"a subscriber", []events.Event{started, erased}, []any{end}},
		{"who subscribed at the same moment", []events.Event{erased, started}, []any{end}},
		{"delivered again", []events.Event{started, erased, started, erased, ended, started, erased}, nil},
		{"who had ended it", []events.Event{started, ended, erased}, nil},
		{"somebody else", []events.Event{started, events.PlayerErased{Player: "bert", At: half}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(billing.NewErasing(), c.given...), half, c.due...) })
	}
	When(Given(events.AccountOpened{Player: "anna", At: Now}, started).At(half), end).Then(t, events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1,
		Reason: events.SubscriptionErased, Lapsed: started.Offer.Terms.Included, At: half})
}
