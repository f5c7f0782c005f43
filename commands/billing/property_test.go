package billing_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/events"
)

// TestEveryHistoryBalances plays commands at random, with a clock that at times
// goes back, and holds what every history of an account has in common.
func TestEveryHistoryBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var account billing.Account
		books := books{metered: map[events.Segment]bool{}}
		now := noon
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-30, 900).Draw(t, "hours")) * time.Hour / 10)
			decided, err := anyWish(t, now).Decide(account, now)
			if err != nil && len(decided) > 0 {
				t.Fatalf("refused, but decided %v", decided)
			}
			for _, e := range decided {
				account = account.Evolve(e)
				books.enter(t, e)
			}
			books.check(t, account)
		}
		replayed(t, account, books.past)
	})
}

func anyWish(t *rapid.T, now time.Time) commands.Command[billing.Account] {
	id := events.SubscriptionID{byte(rapid.IntRange(1, 3).Draw(t, "subscription"))}
	credit := events.CreditID{byte(rapid.IntRange(1, 9).Draw(t, "credit"))}
	chosen := rapid.SampledFrom([]events.Offer{small, large, cheap}).Draw(t, "offer")
	if rapid.Bool().Draw(t, "yearly") {
		chosen.Terms.Interval = events.Yearly
	}
	long := time.Duration(rapid.IntRange(0, 12*3600).Draw(t, "played")) * time.Second
	segment := events.Segment{Number: rapid.IntRange(1, 30).Draw(t, "segment"), From: now.Add(-long), To: now}
	all := []commands.Command[billing.Account]{
		billing.Start{Player: "anna", Subscription: id, Offer: chosen},
		billing.Change{Player: "anna", Subscription: id, Offer: chosen},
		billing.Change{Player: "anna", Subscription: id, Offer: chosen},
		billing.Cancel{Player: "anna", Subscription: id},
		billing.Keep{Player: "anna", Subscription: id},
		billing.Pause{Player: "anna", Subscription: id},
		billing.Resume{Player: "anna", Subscription: id},
		billing.Renew{Player: "anna"},
		billing.Grant{Player: "anna", Credit: credit, Play: long, Priority: int(credit[0]) % 3, Expires: now.Add(100 * time.Hour)},
		billing.Revoke{Player: "anna", Credit: credit},
		billing.Limit{Player: "anna", Most: cents(int64(rapid.IntRange(0, 2000).Draw(t, "limit")))},
		billing.Unlimit{Player: "anna"},
		billing.End{Player: "anna", Subscription: id, Reason: events.SubscriptionStopped},
		billing.Meter{Player: "anna", Game: "doom", Segment: segment},
		billing.Meter{Player: "anna", Game: "doom", Segment: segment},
		billing.Meter{Player: "anna", Game: "doom", Segment: segment},
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "command")]
}

// books keep beside the account what its events say.
type books struct {
	past    []events.Event
	metered map[events.Segment]bool
	numbers [64]bool
	played  time.Duration
	period  events.Period
	price   int64 // paid for the plan in the period
}

func (b *books) enter(t *rapid.T, e events.Event) {
	b.past = append(b.past, e)
	switch e := e.(type) {
	case events.PlaytimeMetered:
		if b.numbers[e.Segment.Number] {
			t.Fatalf("segment %d is metered twice", e.Segment.Number)
		}
		b.numbers[e.Segment.Number], b.metered[e.Segment] = true, true
		b.played += e.Segment.Duration()
	case events.PlaytimeCharged:
		burnt := e.Included + e.Overage.Play
		for _, c := range e.Credits {
			burnt += c.Play
		}
		if burnt != e.Segment.Duration() || !b.metered[e.Segment] {
			t.Fatalf("%v is burnt of %+v", burnt, e)
		}
		delete(b.metered, e.Segment)
		if e.Overage.Charge.Amount < 0 || e.Overage.Waived.Amount < 0 || e.Late < 0 || e.Late > e.Included {
			t.Fatalf("negative: %+v", e)
		}
	case events.SubscriptionStarted:
		b.period, b.price = events.Period{Number: 0, To: e.Period.From}, e.Charge.Amount
		b.next(t, e.Period)
	case events.SubscriptionRenewed:
		b.price = e.Charge.Amount
		b.next(t, e.Period)
	case events.SubscriptionResumed:
		if e.Period != nil {
			b.period.To = e.Period.From // the paused one is cut
			b.price = e.Charge.Amount
			b.next(t, *e.Period)
		}
	case events.SubscriptionChanged:
		b.price += e.Charge.Amount
		if e.Charge.Amount < 0 || e.Added < 0 || e.Offer.Terms.Price.Amount <= e.Before.Terms.Price.Amount {
			t.Fatalf("a change earns: %+v", e)
		}
		if b.price > e.Offer.Terms.Price.Amount+5 {
			t.Fatalf("%d are paid for a period of %+v", b.price, e.Offer)
		}
	}
}

// next holds periods to abut.
func (b *books) next(t *rapid.T, p events.Period) {
	if p.Number != b.period.Number+1 || !p.From.Equal(b.period.To) || p.From.Before(b.period.From) || !p.To.After(p.From) {
		t.Fatalf("%+v is followed by %+v", b.period, p)
	}
	b.period = p
}

func (b *books) check(t *rapid.T, a billing.Account) {
	if a.Played != b.played {
		t.Fatalf("%v are played, %v metered", a.Played, b.played)
	}
	u := a.Subscription.Usage
	if u.Included < 0 || u.Late < 0 || u.Rated < 0 || u.Spent < 0 {
		t.Fatalf("negative: %+v", u)
	}
	for _, c := range a.Credits {
		if c.Left <= 0 {
			t.Fatalf("nothing is left of %+v", c)
		}
	}
	if e := a.Entitled(noon, 0); e.Refusal == nil && (e.Access.Longest <= 0 || e.Access.Sessions < 1) {
		t.Fatalf("entitled to nothing: %+v", e)
	}
}

// replayed holds a replay, and a snapshot, to give the same account.
func replayed(t *rapid.T, account billing.Account, past []events.Event) {
	var again, restored billing.Account
	for _, e := range past {
		again = again.Evolve(e)
	}
	data, err := json.Marshal(account)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &restored); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(account, again) || !reflect.DeepEqual(account, restored) {
		t.Fatalf("the account is %+v, a replay gives %+v, a snapshot %+v", account, again, restored)
	}
}
