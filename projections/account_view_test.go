package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func eur(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

// anOffer is a version of a plan of an hour a month.
func anOffer(version int) events.Offer {
	return events.Offer{Plan: "plus", Version: version, Terms: events.Terms{
		Price: eur(1000), Interval: events.Monthly, Included: time.Hour, Overage: eur(200),
		Access: events.Access{Sessions: 1, Longest: time.Hour, Resolution: 720},
	}}
}

var subscribed = events.SubscriptionID{5}

// aSubscription is anna's account with one from noon on.
func aSubscription() []events.Event {
	return []events.Event{
		events.AccountOpened{Player: "anna", At: noon},
		events.SubscriptionStarted{Player: "anna", Subscription: subscribed, Offer: anOffer(1), Period: aPeriod(1, noon), Charge: eur(1000), At: noon},
	}
}

func aPeriod(number int, from time.Time) events.Period {
	return events.Period{Number: number, From: from, To: from.AddDate(0, 1, 0)}
}

// played is a segment on anna's account, and what it is paid with.
func played(session events.SessionID, number int, end time.Time, charged events.PlaytimeCharged) []events.Event {
	charged.Player, charged.Session, charged.At = "anna", session, end
	charged.Segment = events.Segment{Number: number, To: end, From: end.Add(-charged.Included - charged.Overage.Play)}
	for _, c := range charged.Credits {
		charged.Segment.From = charged.Segment.From.Add(-c.Play)
	}
	return []events.Event{events.PlaytimeMetered{Player: "anna", Session: session, Game: "doom", Segment: charged.Segment, At: end}, charged}
}

func TestPlayIsPaidFromItsPeriod(t *testing.T) {
	session := events.NewSessionID()
	v, f := folded[*accountView](t, newAccountView, aSubscription()...)
	f.take("system:test", played(session, 1, noon.Add(2*time.Hour), events.PlaytimeCharged{Subscription: subscribed, Period: 1, Included: 40 * time.Minute})...)
	f.take("system:test", played(session, 2, noon.Add(5*time.Hour), events.PlaytimeCharged{Subscription: subscribed, Period: 1, Included: 20 * time.Minute,
		Overage: events.Overage{Play: time.Hour, Hour: eur(200), Charge: eur(150), Waived: eur(50)}})...)
	period, _ := v.periods.Get(periodKey{"anna", subscribed, 1})
	if period.LeftMs != 0 || period.BurntMs != ms(time.Hour) || period.OverageMs != ms(time.Hour) || period.Spent != 150 || period.Waived != 50 {
		t.Errorf("the period: %+v", period)
	}
	bill, _ := v.bills.Get(session)
	if want := (sessionBillRow{Session: session, Player: "anna", Game: "doom", Segments: 2, BilledMs: ms(2 * time.Hour),
		IncludedMs: ms(time.Hour), OverageMs: ms(time.Hour), Charge: 150, Waived: 50, Currency: "EUR"}); bill != want {
		t.Errorf("the bill: %+v", bill)
	}
	usage, _ := v.usage.Get(usageKey{"anna", monthOf(noon), "doom"})
	if usage.Sessions != 1 || usage.PlayedMs != ms(2*time.Hour) || usage.Charge != 150 {
		t.Errorf("the month: %+v", usage)
	}
	if diff := cmp.Diff([]events.Stream{events.SessionStream(session)}, f.told); diff != "" {
		t.Errorf("who is told (-want +got):\n%s", diff)
	}
}

// TestPartsOfAMillisecond: no sum of what was cut off is below nothing.
func TestPartsOfAMillisecond(t *testing.T) {
	start := aSubscription()
	started := start[1].(events.SubscriptionStarted)
	started.Offer.Terms.Included = 1500 * time.Microsecond
	changed := events.SubscriptionChanged{Player: "anna", Subscription: subscribed, Before: started.Offer, Offer: anOffer(1), Period: 1,
		Seconds: 1, Added: 1500 * time.Microsecond, Charge: eur(0), At: noon}
	v, f := folded[*accountView](t, newAccountView, start[0], started, changed)
	f.take("system:test", played(events.NewSessionID(), 1, noon.Add(time.Hour),
		events.PlaytimeCharged{Subscription: subscribed, Period: 1, Included: 3 * time.Millisecond})...)
	if period, _ := v.periods.Get(periodKey{"anna", subscribed, 1}); period.LeftMs != 0 {
		t.Errorf("%d ms are left", period.LeftMs)
	}
}

func TestPlayOfAFormerSubscription(t *testing.T) {
	next := events.SubscriptionID{6}
	v, f := folded[*accountView](t, newAccountView, aSubscription()...)
	f.take("system:test",
		events.SubscriptionCancelled{Player: "anna", Subscription: subscribed, At: noon},
		events.SubscriptionEnded{Player: "anna", Subscription: subscribed, Period: 1, Reason: events.SubscriptionRanOut, Lapsed: time.Hour, At: noon.AddDate(0, 1, 3)},
		events.SubscriptionStarted{Player: "anna", Subscription: next, Offer: anOffer(2), Period: aPeriod(1, noon.AddDate(0, 1, 3)), Charge: eur(1000), At: noon.AddDate(0, 1, 3)},
		events.SpendingLimitSet{Player: "anna", Limit: eur(100), At: noon.AddDate(0, 1, 3)})
	f.take("system:test", played(events.NewSessionID(), 1, noon.Add(time.Hour), events.PlaytimeCharged{Subscription: subscribed, Period: 1,
		Included: time.Hour, Late: time.Hour, Overage: events.Overage{Play: time.Hour, Hour: eur(200), Charge: eur(100), Waived: eur(100)}})...)
	f.take("system:test", events.SpendingLimitReached{Player: "anna", Subscription: subscribed, Period: 1, Limit: eur(100), At: noon})
	was, _ := v.subscriptions.Get(subscriptionKey{"anna", subscribed})
	if was.State != "ended" || !was.EndedAt.Equal(noon.AddDate(0, 1, 0)) {
		t.Errorf("the former one: %+v", was)
	}
	period, _ := v.periods.Get(periodKey{"anna", subscribed, 1})
	if period.LateMs != 0 || period.LapsedMs != ms(time.Hour) || period.Spent != 100 || !period.LimitReached {
		t.Errorf("its period: %+v", period)
	}
	present, _ := v.periods.Get(periodKey{"anna", next, 1})
	account, _ := v.accounts.Get("anna")
	if present.LeftMs != ms(time.Hour) || present.Spent != 0 || account.LimitReached || account.Subscription != next {
		t.Errorf("the present one has paid for it: %+v, %+v", present, account)
	}
	want := map[versionKey]subscribersRow{{"plus", 1}: {"plus", 1, 0}, {"plus", 2}: {"plus", 2, 1}}
	if diff := cmp.Diff(want, rows(v.subscribers)); diff != "" {
		t.Errorf("subscribers (-want +got):\n%s", diff)
	}
}

func TestAPauseAndItsEnd(t *testing.T) {
	v, f := folded[*accountView](t, newAccountView, aSubscription()...)
	state := func() string {
		row, _ := v.subscriptions.Get(subscriptionKey{"anna", subscribed})
		return row.State
	}
	paused, second := aPeriod(2, noon.AddDate(0, 1, 0)), noon.AddDate(0, 1, 9)
	paused.Paused = true
	resumed := aPeriod(3, second)
	for _, c := range []struct {
		event events.Event
		want  string
	}{
		{events.SubscriptionPaused{Player: "anna", Subscription: subscribed, At: noon}, "pausing"},
		{events.SubscriptionResumed{Player: "anna", Subscription: subscribed, Offer: anOffer(1), At: noon}, "running"},
		{events.SubscriptionPaused{Player: "anna", Subscription: subscribed, At: noon}, "pausing"},
		{events.SubscriptionRenewed{Player: "anna", Subscription: subscribed, Offer: anOffer(1), Period: paused, Charge: eur(0), Rollover: time.Minute, At: paused.From}, "paused"},
		{events.SubscriptionCancelled{Player: "anna", Subscription: subscribed, At: second}, "ending"},
		{events.SubscriptionKept{Player: "anna", Subscription: subscribed, At: second}, "paused"},
		{events.SubscriptionResumed{Player: "anna", Subscription: subscribed, Offer: anOffer(2), Period: &resumed, Charge: eur(1000), Rollover: time.Minute, At: second}, "running"},
	} {
		if f.take("system:test", c.event); state() != c.want {
			t.Errorf("after %T it is %s, want %s", c.event, state(), c.want)
		}
	}
	rest, _ := v.periods.Get(periodKey{"anna", subscribed, 2})
	if rest.IncludedMs != 0 || rest.Price != 0 || !rest.To.Equal(second) {
		t.Errorf("the pause: %+v", rest)
	}
	present, _ := v.periods.Get(periodKey{"anna", subscribed, 3})
	if present.LeftMs != ms(time.Hour+time.Minute) || present.Price != 1000 {
		t.Errorf("what follows: %+v", present)
	}
}

func TestAnErasedPlayersAccount(t *testing.T) {
	erased := events.PlayerErased{Player: "anna", At: noon}
	v, f := folded[*accountView](t, newAccountView, events.PlayerErased{Player: "bert", At: noon})
	if len(rows(v.accounts)) != 0 {
		t.Error("who never had an account has one now")
	}
	f.take("system:test", append(aSubscription(), erased)...)
	if row, _ := v.accounts.Get("anna"); !row.ErasedAt.Equal(noon) || row.Position != 4 {
		t.Errorf("the account: %+v", row)
	}
	if len(f.told) != 1 || f.told[0] != events.AccountStream("anna") {
		t.Errorf("told: %v", f.told)
	}
}
