package billing_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

// spoilt is the small offer with something wrong.
func spoilt(spoil func(*events.Offer)) events.Offer {
	o := small
	spoil(&o)
	return o
}

func TestBadInputIsRefusedByName(t *testing.T) {
	nobody, running := Given().At(half), Given(begun, started).At(half)
	dollars := spoilt(func(o *events.Offer) { o.Terms.Price.Currency, o.Terms.Overage.Currency = "USD", "USD" })
	for _, c := range []struct {
		name    string
		history History
		command commands.Command[billing.Account]
		want    error
	}{
		{"cancel on no account", nobody, billing.Cancel{Player: "anna", Subscription: sub}, billing.ErrNoSubscription},
		{"keep on no account", nobody, billing.Keep{Player: "anna", Subscription: sub}, billing.ErrNoSubscription},
		{"pause on no account", nobody, billing.Pause{Player: "anna", Subscription: sub}, billing.ErrNoSubscription},
		{"resume on no account", nobody, billing.Resume{Player: "anna", Subscription: sub}, billing.ErrNoSubscription},
		{"change on no account", nobody, billing.Change{Player: "anna", Subscription: sub, Offer: large}, billing.ErrNoSubscription},
		{"end on no account", nobody, billing.End{Player: "anna", Subscription: sub, Reason: events.SubscriptionUnpaid}, billing.ErrNoSubscription},
		{"revoke on no account", nobody, billing.Revoke{Player: "anna", Credit: gift}, billing.ErrNoCredit},
		{"no subscription named", running, billing.Cancel{Player: "anna"}, billing.ErrNoSubscription},
		{"no subscription to end named", running, billing.End{Player: "anna", Reason: events.SubscriptionUnpaid}, billing.ErrNoSubscription},
		{"an end for no reason", running, billing.End{Player: "anna", Subscription: sub}, billing.ErrReason},
		{"nobody's credit", running, billing.Grant{Credit: gift, Play: time.Hour}, billing.ErrPlayer},
		{"nobody's play", running, billing.Meter{Session: id, Segment: first}, billing.ErrPlayer},
		{"a currency in small letters", nobody, billing.Start{Player: "anna", Subscription: sub, Offer: spoilt(func(o *events.Offer) { o.Terms.Price.Currency = "eur" })}, events.ErrCurrency},
		{"two currencies in an offer", nobody, billing.Start{Player: "anna", Subscription: sub, Offer: spoilt(func(o *events.Offer) { o.Terms.Overage.Currency = "USD" })}, events.ErrCurrency},
		{"another currency than the account's", running, billing.Change{Player: "anna", Subscription: sub, Offer: dollars}, events.ErrCurrency},
		{"credits in another currency", running, billing.Grant{Player: "anna", Credit: gift, Play: 1, Price: events.Money{Amount: 1, Currency: "USD"}}, events.ErrCurrency},
		{"credits in none", running, billing.Grant{Player: "anna", Credit: gift, Play: 1, Price: events.Money{Amount: 1}}, events.ErrCurrency},
		{"a limit in another currency", running, billing.Limit{Player: "anna", Most: events.Money{Currency: "USD"}}, events.ErrCurrency},
		{"a negative price", nobody, billing.Start{Player: "anna", Subscription: sub, Offer: spoilt(func(o *events.Offer) { o.Terms.Price.Amount = math.MinInt64 })}, events.ErrTerms},
		{"negative overage", nobody, billing.Start{Player: "anna", Subscription: sub, Offer: spoilt(func(o *events.Offer) { o.Terms.Overage.Amount = -1 })}, events.ErrTerms},
		{"negative hours", nobody, billing.Start{Player: "anna", Subscription: sub, Offer: spoilt(func(o *events.Offer) { o.Terms.Included = -1 })}, events.ErrTerms},
		{"an endless price", nobody, billing.Start{Player: "anna", Subscription: sub, Offer: spoilt(func(o *events.Offer) { o.Terms.Overage.Amount = math.MaxInt64 })}, events.ErrAmount},
		{"a negative limit", running, billing.Limit{Player: "anna", Most: cents(math.MinInt64)}, billing.ErrLimit},
		{"a negative credit", running, billing.Grant{Player: "anna", Credit: gift, Play: math.MinInt64}, billing.ErrCredit},
		{"a credit that is paid out", running, billing.Grant{Player: "anna", Credit: gift, Play: 1, Price: cents(math.MinInt64)}, billing.ErrCredit},
		{"an endless credit", running, billing.Grant{Player: "anna", Credit: gift, Play: math.MaxInt64}, billing.ErrCredit},
		{"a credit at an endless price", running, billing.Grant{Player: "anna", Credit: gift, Play: 1, Price: cents(math.MaxInt64)}, events.ErrAmount},
		{"a credit until the end of days", running, billing.Grant{Player: "anna", Credit: gift, Play: 1, Expires: time.Unix(1<<60, 0)}, billing.ErrCredit},
		{"a segment since the beginning", running, meter(events.Segment{Number: 1, To: half}), billing.ErrSegment},
		{"a segment that ends before it begins", running, meter(events.Segment{Number: 1, From: half, To: noon}), billing.ErrSegment},
		{"a segment of tomorrow", running, meter(events.Segment{Number: 1, From: half, To: half.Add(25 * time.Hour)}), billing.ErrSegment},
		{"a segment without a number", running, meter(events.Segment{Number: math.MinInt, From: noon, To: half}), billing.ErrSegment},
		{"a segment of long ago", running, meter(events.Segment{Number: 1, From: noon.AddDate(-1, 0, 0), To: noon.AddDate(-1, 0, 0)}), billing.ErrSettled},
		{"a second start", running, billing.Start{Player: "anna", Subscription: other, Offer: large}, billing.ErrSubscribed},
		{"a start of what has ended", Given(begun, started, stopped).At(half), billing.Start{Player: "anna", Subscription: sub, Offer: small}, billing.ErrStale},
		{"a change of what has ended", Given(begun, started, stopped).At(half), billing.Change{Player: "anna", Subscription: sub, Offer: large}, billing.ErrNoSubscription},
		{"a change of what is cancelled, late", Given(begun, started, cancelled).At(february), billing.Change{Player: "anna", Subscription: sub, Offer: large}, billing.ErrNoSubscription},
	} {
		t.Run(c.name, func(t *testing.T) { When(c.history, c.command).Refused(t, c.want) })
	}
}

func TestAClockThatGoesBackChangesNothingThatWas(t *testing.T) {
	past := Given(begun, started, renewed(small, february)).At(noon.AddDate(-5, 0, 0))
	back := noon.AddDate(-5, 0, 0)
	When(past, billing.Renew{Player: "anna"}).Then(t)
	When(past, billing.Start{Player: "anna", Subscription: sub, Offer: small}).Then(t)
	When(past, billing.Cancel{Player: "anna", Subscription: sub}).
		Then(t, events.SubscriptionCancelled{Player: "anna", Subscription: sub, Until: march, At: back})
	When(past, billing.End{Player: "anna", Subscription: sub, Reason: events.SubscriptionStopped}).
		Then(t, events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 2, Reason: events.SubscriptionStopped, Lapsed: 13 * time.Hour, At: back})
}

// extreme draws from the ends of what a number can be.
func extreme(t *rapid.T, name string) int64 {
	return rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1, 999, 1e9, 1e15, math.MaxInt64 - 1, math.MaxInt64}).Draw(t, name)
}

func extremeTime(t *rapid.T, name string) time.Time {
	return rapid.SampledFrom([]time.Time{{}, noon.AddDate(-2000, 0, 0), noon, half, february, noon.AddDate(9, 0, 0), noon.AddDate(7000, 0, 0), time.Unix(1<<61, 0), time.Unix(-1<<61, 0)}).Draw(t, name)
}

func extremeMoney(t *rapid.T, name string) events.Money {
	return events.Money{Amount: extreme(t, name), Currency: rapid.SampledFrom([]events.Currency{"EUR", "EUR", "USD", "", "€"}).Draw(t, "currency")}
}

// TestNothingBadIsDecidedNorPanics asks for the worst that can be written down:
// it is refused by a fault, or what is decided can be kept and is not negative.
func TestNothingBadIsDecidedNorPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account, now := billing.Account{}, noon
		for range 30 {
			now = rapid.SampledFrom([]time.Time{now, now.Add(time.Hour), noon, half, february, noon.AddDate(3, 0, 0), noon.AddDate(-30, 0, 0)}).Draw(t, "now")
			decided, err := worst(t).Decide(account, now)
			var fault *events.Fault
			if err != nil && (!errors.As(err, &fault) || len(decided) > 0) {
				t.Fatalf("refused by %v, decided %v", err, decided)
			}
			for _, e := range decided {
				if _, err := events.Encode(events.EventID{}, e, events.Metadata{}); err != nil {
					t.Fatalf("%+v can't be kept: %v", e, err)
				}
				account = account.Evolve(e)
			}
			u := account.Subscription.Usage
			if account.Played < 0 || u.Included < 0 || u.Late < 0 || u.Rated < 0 || u.Spent < 0 {
				t.Fatalf("negative: %+v", account)
			}
			account.Entitled(now, 0)
		}
	})
}

func worst(t *rapid.T) commands.Command[billing.Account] {
	player := rapid.SampledFrom([]events.PlayerID{"anna", "anna", "anna", "", "An na"}).Draw(t, "player")
	subscription := events.SubscriptionID{byte(rapid.IntRange(0, 2).Draw(t, "subscription"))}
	o := rapid.SampledFrom([]events.Offer{small, large, {}}).Draw(t, "offer")
	switch rapid.IntRange(0, 5).Draw(t, "spoilt") {
	case 0:
		o.Terms.Price = extremeMoney(t, "price")
	case 1:
		o.Terms.Overage = extremeMoney(t, "overage")
	case 2:
		o.Terms.Included, o.Terms.Rollover = time.Duration(extreme(t, "included")), time.Duration(extreme(t, "rollover"))
	}
	credit := events.CreditID{byte(rapid.IntRange(0, 3).Draw(t, "credit"))}
	segment := events.Segment{Number: int(extreme(t, "number")), From: extremeTime(t, "from"), To: extremeTime(t, "to")}
	all := []commands.Command[billing.Account]{
		billing.Start{Player: player, Subscription: subscription, Offer: o}, billing.Start{Player: player, Subscription: subscription, Offer: o},
		billing.Change{Player: player, Subscription: subscription, Offer: o}, billing.Cancel{Player: player, Subscription: subscription},
		billing.Keep{Player: player, Subscription: subscription}, billing.Pause{Player: player, Subscription: subscription},
		billing.Resume{Player: player, Subscription: subscription}, billing.Renew{Player: player},
		billing.End{Player: player, Subscription: subscription, Reason: events.SubscriptionEndReason(rapid.SampledFrom([]string{"", "unpaid", "cancelled"}).Draw(t, "reason"))},
		billing.Grant{Player: player, Credit: credit, Play: time.Duration(extreme(t, "play")), Price: extremeMoney(t, "for"), Priority: int(extreme(t, "priority")), Expires: extremeTime(t, "expires")},
		billing.Grant{Player: player, Credit: credit, Play: time.Hour, Price: extremeMoney(t, "for"), Expires: extremeTime(t, "expires")},
		billing.Revoke{Player: player, Credit: credit}, billing.Limit{Player: player, Most: extremeMoney(t, "limit")}, billing.Unlimit{Player: player},
		billing.Meter{Player: player, Session: id, Segment: segment}, billing.Meter{Player: player, Session: id, Segment: segment},
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "command")]
}
