package billing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

var (
	sub      = events.SubscriptionID(uuid.MustParse("01970000-0000-7000-8000-00000000000b"))
	other    = events.SubscriptionID(uuid.MustParse("01970000-0000-7000-8000-00000000000c"))
	small    = offer("small", 1000, 10*time.Hour)
	large    = offer("large", 3000, 40*time.Hour)
	noon     = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	february = time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)
	march    = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	half     = noon.Add(14 * 24 * time.Hour) // of a period of 28 days
	begun    = events.AccountOpened{Player: "anna", At: noon}
	january  = events.Period{Number: 1, From: noon, To: february}
	started  = events.SubscriptionStarted{Player: "anna", Subscription: sub, Offer: small, Period: january, Charge: cents(1000), At: noon}

	cancelled = events.SubscriptionCancelled{Player: "anna", Subscription: sub, Until: february, At: half}
	pausedSub = events.SubscriptionPaused{Player: "anna", Subscription: sub, From: february, At: half}
	scheduled = events.SubscriptionChangeScheduled{Player: "anna", Subscription: sub, Offer: cheap, From: february, At: half}
	cheap     = offer("cheap", 500, 5*time.Hour)
)

func cents(n int64) events.Money { return events.Money{Amount: n, Currency: "EUR"} }

func offer(plan events.PlanID, price int64, included time.Duration) events.Offer {
	return events.Offer{Plan: plan, Version: 1, Terms: events.Terms{
		Price: cents(price), Interval: events.Monthly, Included: included, Rollover: 3 * time.Hour, Overage: cents(200),
		Access: events.Access{Sessions: 2, Longest: 6 * time.Hour, Resolution: 1080, Priority: 5},
	}}
}

// renewed is the period after a first one that nothing was played in.
func renewed(o events.Offer, at time.Time) events.SubscriptionRenewed {
	return events.SubscriptionRenewed{
		Player: "anna", Subscription: sub, Offer: o, Charge: o.Terms.Price, Rollover: 3 * time.Hour, Lapsed: 7 * time.Hour, At: at,
		Period: events.Period{Number: 2, From: february, To: march},
	}
}

func TestStart(t *testing.T) {
	start := billing.Start{Player: "anna", Subscription: sub, Offer: small}
	When(Given().At(noon), start).Then(t, begun, started)
	When(Given(begun, started).At(half), start).Then(t)
	When(Given(begun, started).At(half), billing.Start{Player: "anna", Subscription: other, Offer: small}).Refused(t, billing.ErrSubscribed)
	When(Given(), billing.Start{Player: "anna", Offer: small}).Refused(t, billing.ErrNoID)
	When(Given(), billing.Start{Player: "An na", Subscription: sub, Offer: small}).Refused(t, billing.ErrPlayer)
	When(Given(), billing.Start{Player: "anna", Subscription: sub}).Refused(t, events.ErrTerms)

	ended := events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1, Reason: events.SubscriptionStopped, At: half}
	When(Given(begun, started, ended).At(half), start).Refused(t, billing.ErrStale)
	dollars := small
	dollars.Terms.Price.Currency, dollars.Terms.Overage.Currency = "USD", "USD"
	When(Given(begun, started, ended).At(half), billing.Start{Player: "anna", Subscription: other, Offer: dollars}).Refused(t, events.ErrCurrency)
	negative := small
	negative.Terms.Price.Amount = -1
	When(Given(), billing.Start{Player: "anna", Subscription: sub, Offer: negative}).Refused(t, events.ErrTerms)
	endless := small
	endless.Terms.Price.Amount = 1<<63 - 1
	When(Given(), billing.Start{Player: "anna", Subscription: sub, Offer: endless}).Refused(t, events.ErrAmount)
}

func TestPeriodsGoByTheCalendar(t *testing.T) {
	renew := billing.Renew{Player: "anna"}
	When(Given(begun, started).At(february.Add(-1)), renew).Then(t)
	When(Given(begun, started).At(february), renew).Then(t, renewed(small, february))
	april := events.SubscriptionRenewed{
		Player: "anna", Subscription: sub, Offer: small, Charge: cents(1000), Rollover: 3 * time.Hour, Lapsed: 10 * time.Hour, At: march,
		Period: events.Period{Number: 3, From: march, To: time.Date(2026, 4, 30, 12, 0, 0, 0, time.UTC)},
	}
	When(Given(begun, started).At(march), renew).Then(t, renewed(small, march), april)
	When(Given(begun, started, renewed(small, february)).At(noon), renew).Then(t)

	leap := time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	yearly := small
	yearly.Terms.Interval = events.Yearly
	When(Given(begun).At(leap), billing.Start{Player: "anna", Subscription: sub, Offer: yearly}).
		Then(t, events.SubscriptionStarted{Player: "anna", Subscription: sub, Offer: yearly, Charge: cents(1000), At: leap,
			Period: events.Period{Number: 1, From: leap, To: time.Date(2029, 2, 28, 0, 0, 0, 0, time.UTC)}})
}

func TestTenYearsLateIsCaughtUpInParts(t *testing.T) {
	late := noon.AddDate(20, 0, 0)
	When(Given(begun, started).At(late), billing.Cancel{Player: "anna", Subscription: sub}).Refused(t, billing.ErrBehind)
	state := billing.Account{}.Evolve(begun).Evolve(started)
	due, err := billing.Renew{Player: "anna"}.Decide(state, late)
	if err != nil || len(due) != 120 {
		t.Errorf("%d events, %v", len(due), err)
	}
}

func TestChange(t *testing.T) {
	to := func(o events.Offer) billing.Change {
		return billing.Change{Player: "anna", Subscription: sub, Offer: o}
	}
	at := Given(begun, started).At(half)
	upgraded := events.SubscriptionChanged{Player: "anna", Subscription: sub, Before: small, Offer: large, Period: 1,
		Remaining: 14 * 86400, Seconds: 28 * 86400, Charge: cents(1000), Added: 15 * time.Hour, At: half}
	When(at, to(large)).Then(t, upgraded)
	When(at, to(small)).Then(t)
	When(at, to(cheap)).Then(t, scheduled)
	When(Given(begun, started, scheduled).At(half), to(cheap)).Then(t)
	When(Given(begun, started, scheduled).At(half), to(small)).
		Then(t, events.SubscriptionChangeDropped{Player: "anna", Subscription: sub, At: half})
	When(Given(begun, started, scheduled).At(february), billing.Renew{Player: "anna"}).Then(t, renewed(cheap, february))
	When(Given(begun, started, scheduled, upgraded).At(half), to(large)).Then(t)

	yearly := large
	yearly.Terms.Interval = events.Yearly
	When(at, to(yearly)).Then(t, events.SubscriptionChangeScheduled{Player: "anna", Subscription: sub, Offer: yearly, From: february, At: half})
	before := upgraded // a clock that has gone back buys no more than a period
	before.Remaining, before.Charge, before.Added, before.At = 28*86400, cents(2000), 30*time.Hour, noon.Add(-time.Hour)
	When(Given(begun, started).At(noon.Add(-time.Hour)), to(large)).Then(t, before)

	dollars := large
	dollars.Terms.Price.Currency, dollars.Terms.Overage.Currency = "USD", "USD"
	When(at, to(dollars)).Refused(t, events.ErrCurrency)
	When(at, to(events.Offer{})).Refused(t, events.ErrTerms)
	When(Given(begun), to(large)).Refused(t, billing.ErrNoSubscription)
	When(at, billing.Change{Player: "anna", Subscription: other, Offer: large}).Refused(t, billing.ErrNoSubscription)
	When(Given(begun, started, cancelled).At(half), to(large)).Refused(t, billing.ErrCancelled)
	When(Given(begun, started, pausedSub).At(february), to(large)).Refused(t, billing.ErrPaused)
}

func TestCancelAndKeep(t *testing.T) {
	cancel, keep := billing.Cancel{Player: "anna", Subscription: sub}, billing.Keep{Player: "anna", Subscription: sub}
	When(Given(begun, started).At(half), cancel).Then(t, cancelled)
	When(Given(begun, started, cancelled).At(half), cancel).Then(t)
	When(Given(begun), cancel).Refused(t, billing.ErrNoSubscription)
	When(Given(begun, started, cancelled).At(half), keep).Then(t, events.SubscriptionKept{Player: "anna", Subscription: sub, At: half})
	When(Given(begun, started).At(half), keep).Then(t)
	When(Given(begun, started, cancelled).At(february), keep).Refused(t, billing.ErrNoSubscription)
	When(Given(begun, started, cancelled).At(february), billing.Renew{Player: "anna"}).
		Then(t, events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1, Reason: events.SubscriptionRanOut, Lapsed: 10 * time.Hour, At: february})
}

func TestPauseAndResume(t *testing.T) {
	pause, resume := billing.Pause{Player: "anna", Subscription: sub}, billing.Resume{Player: "anna", Subscription: sub}
	When(Given(begun, started).At(half), pause).Then(t, pausedSub)
	When(Given(begun, started, pausedSub).At(half), pause).Then(t)
	When(Given(begun, started, cancelled).At(half), pause).Refused(t, billing.ErrCancelled)
	When(Given(begun), pause).Refused(t, billing.ErrNoSubscription)
	When(Given(begun, started).At(half), resume).Then(t)
	When(Given(begun), resume).Refused(t, billing.ErrNoSubscription)
	When(Given(begun, started, pausedSub, cancelled).At(half), resume).Refused(t, billing.ErrCancelled)
	When(Given(begun, started, pausedSub).At(half), resume).
		Then(t, events.SubscriptionResumed{Player: "anna", Subscription: sub, Offer: small, Charge: cents(0), At: half})

	idle := renewed(small, february)
	idle.Charge, idle.Period.Paused = cents(0), true
	When(Given(begun, started, pausedSub).At(february), billing.Renew{Player: "anna"}).Then(t, idle)
	back := february.Add(48 * time.Hour)
	When(Given(begun, started, pausedSub, idle).At(back), resume).
		Then(t, events.SubscriptionResumed{Player: "anna", Subscription: sub, Offer: small, Charge: cents(1000), Rollover: 3 * time.Hour, At: back,
			Period: &events.Period{Number: 3, From: back, To: time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC)}})
}

func TestEnd(t *testing.T) {
	end := billing.End{Player: "anna", Subscription: sub, Reason: events.SubscriptionUnpaid}
	ended := events.SubscriptionEnded{Player: "anna", Subscription: sub, Period: 1, Reason: events.SubscriptionUnpaid, Lapsed: 10 * time.Hour, At: half}
	When(Given(begun, started).At(half), end).Then(t, ended)
	When(Given(begun, started, ended).At(half), end).Then(t)
	When(Given(begun).At(half), end).Refused(t, billing.ErrNoSubscription)
	When(Given(begun, started).At(half), billing.End{Player: "anna", Subscription: sub, Reason: events.SubscriptionRanOut}).Refused(t, billing.ErrReason)
}

func TestRenewalAsksForWhatIsDue(t *testing.T) {
	granted := events.CreditGranted{Player: "bert", Credit: gift, Play: time.Hour, Expires: half, At: noon}
	renew := func(player events.PlayerID) billing.Renew { return billing.Renew{Player: player} }
	told := func(past ...events.Event) *billing.Renewal { return Told(billing.NewRenewal(), past...) }
	Due(t, told(started, granted), noon)
	Due(t, told(started, granted), half, renew("bert"))
	Due(t, told(started, granted), february, renew("bert"), renew("anna"))
	Due(t, told(started, renewed(small, february)), february)
	Due(t, told(started, renewed(small, february)), march, renew("anna"))
	Due(t, told(started, events.SubscriptionEnded{Player: "anna", Subscription: sub}), march)
	Due(t, told(started, events.SubscriptionResumed{Player: "anna", Subscription: sub, Period: &events.Period{To: march}}), february)
	Due(t, told(granted, events.CreditExpired{Player: "bert", Credit: gift}), march)
	Due(t, told(granted, events.CreditRevoked{Player: "bert", Credit: gift}), march)
	Due(t, told(granted, events.PlaytimeCharged{Player: "bert", Credits: []events.CreditBurnt{{Credit: gift, Play: time.Hour}}}), march)
}
