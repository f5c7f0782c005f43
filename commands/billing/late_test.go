package billing_test

import (
	"testing"
	"time"

	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

// stopped is the end of the first subscription in the middle of its period.
var stopped = events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1, Reason: events.SubscriptionStopped, Lapsed: 10 * time.Hour, At: half}

func TestPlayBeforeTheEndIsChargedAfterIt(t *testing.T) {
	meter, metered, charged := played(half, 11*time.Hour)
	days := half.AddDate(0, 0, 50)
	metered.At, charged.At = days, days
	charged.Included, charged.Late = 10*time.Hour, 10*time.Hour
	charged.Overage = events.Overage{Play: time.Hour, Hour: cents(200), Charge: cents(200)}
	When(Given(begun, started, stopped).At(days), meter).Then(t, metered, charged)

	// The next segment finds nothing left, and goes on at the price.
	more, its, further := played(half, time.Hour)
	more.Segment.Number, its.Segment.Number, further.Segment.Number = 2, 2, 2
	its.At, further.At = days, days
	further.Overage = events.Overage{Play: time.Hour, Hour: cents(200), Charge: cents(200)}
	When(Given(begun, started, stopped, metered, charged).At(days), more).Then(t, its, further)

	// The limit holds for it, and is said to be reached.
	limit := events.SpendingLimitSet{Player: "anna", Limit: cents(300), At: noon}
	last := further
	last.Overage.Charge, last.Overage.Waived = cents(100), cents(100)
	reached := events.SpendingLimitReached{Player: "anna", Subscription: sub, Period: 1, Limit: cents(300), Session: id, Segment: 2, At: days}
	When(Given(begun, limit, started, stopped, metered, charged).At(days), more).Then(t, its, last, reached)
}

func TestPlayBeforeTheEndIsNotTheNextSubscriptions(t *testing.T) {
	next := started
	next.Subscription, next.Period, next.At = other, events.Period{Number: 1, From: half, To: half.AddDate(0, 1, 0)}, half
	at := half.Add(2 * time.Hour)
	meter, metered, charged := played(half, 2*time.Hour)
	metered.At, charged.At = at, at
	charged.Included, charged.Late = 2*time.Hour, 2*time.Hour
	When(Given(begun, started, stopped, next).At(at), meter).Then(t, metered, charged)

	meter, metered, charged = played(at, 2*time.Hour)
	charged.Subscription, charged.Included = other, 2*time.Hour
	When(Given(begun, started, stopped, next).At(at), meter).Then(t, metered, charged)
}

func TestPlayAfterTheEndIsNobodys(t *testing.T) {
	ranOut := events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1, Reason: events.SubscriptionRanOut, Lapsed: 10 * time.Hour, At: february.Add(2 * time.Hour)}
	meter, metered, _ := played(february.Add(2*time.Hour), 2*time.Hour)
	When(Given(begun, started, cancelled).At(february.Add(2*time.Hour)), meter).Then(t, ranOut, metered)
	meter.Segment.From = february.Add(-time.Second)
	metered.Segment.From = meter.Segment.From
	length := 2*time.Hour + time.Second
	When(Given(begun, started, cancelled).At(february.Add(2*time.Hour)), meter).Then(t, ranOut, metered, events.PlaytimeCharged{
		Player: "anna", Session: id, Segment: meter.Segment, Subscription: sub, Period: 1, Included: length, Late: length, At: february.Add(2 * time.Hour)})
}

// TestWithoutAPlanPlayIsMeteredAndNotCharged: neither then nor by what comes later.
func TestWithoutAPlanPlayIsMeteredAndNotCharged(t *testing.T) {
	meter, metered, _ := played(half, 3*time.Hour)
	When(Given(begun).At(half), meter).Then(t, metered)
	granted := events.CreditGranted{Player: "anna", Credit: gift, Play: time.Hour, At: half}
	late := started
	late.Period.From, late.At = half, half
	When(Given(begun, metered, granted).At(half), meter).Then(t)
	When(Given(begun, metered, late).At(half), meter).Then(t)
	var account billing.Account
	for _, e := range []events.Event{begun, metered} {
		account = account.Evolve(e)
	}
	if got := account.Entitled(half, 0); got.Refusal != billing.ErrNoPlan || account.Played != 3*time.Hour {
		t.Errorf("%v were played, and a session is refused by %v", account.Played, got.Refusal)
	}
	for _, e := range []events.Event{granted, late} {
		account = account.Evolve(e)
	}
	if account.Credits[0].Left != time.Hour || account.Subscription.Usage.Included != small.Terms.Included {
		t.Errorf("what came later is burnt: %+v", account)
	}
}

func TestWhatIsHeldIsCappedByWhatIsResumedTo(t *testing.T) {
	paused := renewed(small, february)
	paused.Charge, paused.Period.Paused = cents(0), true
	back := february.Add(48 * time.Hour)
	tight := small
	tight.Plan, tight.Terms.Rollover, tight.Terms.Price.Amount = "tight", time.Hour, 900
	chosen := events.SubscriptionChangeScheduled{Player: "anna", Subscription: sub, Offer: tight, From: march, At: february}
	want := events.SubscriptionResumed{Player: "anna", Subscription: sub, Offer: tight, Charge: cents(900), Rollover: time.Hour, Lapsed: 2 * time.Hour, At: back,
		Period: &events.Period{Number: 3, From: back, To: time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC)}}
	past := []events.Event{begun, started, pausedSub, paused, chosen}
	When(Given(past...).At(back), billing.Resume{Player: "anna", Subscription: sub}).Then(t, want)
	var account billing.Account
	for _, e := range append(past, want) {
		account = account.Evolve(e)
	}
	if got := account.Subscription.Usage.Included; got != 11*time.Hour {
		t.Errorf("%v are had, want the 10 h of the plan and 1 h of rollover", got)
	}
}

func TestACreditIsEarnedAsItIsBurnt(t *testing.T) {
	credit := events.CreditGranted{Player: "anna", Credit: bought, Play: 3 * time.Hour, Charge: cents(100), Expires: march, At: noon}
	past := []events.Event{begun, credit}
	var earned int64
	for n, want := range []int64{33, 34} { // 33.3 and 66.7 in all
		meter, _, _ := played(half, time.Hour)
		meter.Segment.Number = n + 1
		var account billing.Account
		for _, e := range past {
			account = account.Evolve(e)
		}
		decided, err := meter.Decide(account, half)
		if err != nil {
			t.Fatal(err)
		}
		past = append(past, decided...)
		burnt := decided[1].(events.PlaytimeCharged).Credits[0]
		if burnt.Value != cents(want) {
			t.Errorf("hour %d earns %v, want %d", n+1, burnt.Value, want)
		}
		earned += burnt.Value.Amount
	}
	When(Given(past...).At(march), billing.Renew{Player: "anna"}).
		Then(t, events.CreditExpired{Player: "anna", Credit: bought, Lapsed: time.Hour, Value: cents(100 - earned), At: march})
}
