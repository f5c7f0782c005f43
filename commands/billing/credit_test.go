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
	gift   = events.CreditID(uuid.MustParse("01970000-0000-7000-8000-00000000000d"))
	bought = events.CreditID(uuid.MustParse("01970000-0000-7000-8000-00000000000e"))
)

func TestGrantAndRevoke(t *testing.T) {
	grant := billing.Grant{Player: "anna", Credit: gift, Play: time.Hour, Price: cents(300), Priority: 1, Expires: february}
	granted := events.CreditGranted{Player: "anna", Credit: gift, Play: time.Hour, Charge: cents(300), Priority: 1, Expires: february, At: noon}
	revoke := billing.Revoke{Player: "anna", Credit: gift}
	revoked := events.CreditRevoked{Player: "anna", Credit: gift, Lapsed: time.Hour, At: noon}
	expired := events.CreditExpired{Player: "anna", Credit: gift, Lapsed: time.Hour, Value: cents(300), At: february}
	When(Given().At(noon), grant).Then(t, begun, granted)
	When(Given(begun, granted).At(noon), grant).Then(t)
	When(Given(begun, granted, revoked).At(noon), grant).Then(t)
	When(Given(begun, granted).At(noon), revoke).Then(t, revoked)
	When(Given(begun, granted, revoked).At(noon), revoke).Then(t)
	When(Given(begun).At(noon), revoke).Refused(t, billing.ErrNoCredit)
	When(Given(begun, granted).At(february), billing.Renew{Player: "anna"}).Then(t, expired)
	When(Given(begun, granted).At(february), revoke).Then(t, expired)

	for name, spoil := range map[string]func(*billing.Grant){
		"no play":       func(g *billing.Grant) { g.Play = 0 },
		"taking":        func(g *billing.Grant) { g.Play = -time.Hour },
		"endless":       func(g *billing.Grant) { g.Play = 1<<63 - 1 },
		"paying for it": func(g *billing.Grant) { g.Price.Amount = -1 },
		"for ever":      func(g *billing.Grant) { g.Expires = noon.AddDate(101, 0, 0) },
		"over already":  func(g *billing.Grant) { g.Expires = noon },
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := grant
			spoil(&spoilt)
			When(Given().At(noon), spoilt).Refused(t, billing.ErrCredit)
		})
	}
	grant.Credit = events.CreditID{}
	When(Given().At(noon), grant).Refused(t, billing.ErrNoID)
	dollars := billing.Grant{Player: "anna", Credit: bought, Play: time.Hour, Price: events.Money{Amount: 1, Currency: "USD"}}
	When(Given(begun, granted).At(noon), dollars).Refused(t, events.ErrCurrency)
	dollars.Price.Amount = 1<<63 - 1
	When(Given(begun).At(noon), dollars).Refused(t, events.ErrAmount)
	full := []events.Event{begun}
	for i := range 100 {
		full = append(full, events.CreditGranted{Player: "anna", Credit: events.CreditID{byte(i), 1}, Play: time.Hour, At: noon})
	}
	When(Given(full...).At(noon), billing.Grant{Player: "anna", Credit: gift, Play: time.Hour}).Refused(t, billing.ErrCredits)
}

func TestLimit(t *testing.T) {
	limit := billing.Limit{Player: "anna", Most: cents(500)}
	set := events.SpendingLimitSet{Player: "anna", Limit: cents(500), At: noon}
	lifted := events.SpendingLimitLifted{Player: "anna", At: noon}
	When(Given().At(noon), limit).Then(t, begun, set)
	When(Given(begun, set).At(noon), limit).Then(t)
	When(Given(begun, set).At(noon), billing.Unlimit{Player: "anna"}).Then(t, lifted)
	When(Given(begun, set, lifted).At(noon), billing.Unlimit{Player: "anna"}).Then(t)
	When(Given(), billing.Limit{Player: "anna", Most: cents(-1)}).Refused(t, billing.ErrLimit)
	When(Given(), billing.Limit{Player: "anna", Most: events.Money{Amount: 1, Currency: "eur"}}).Refused(t, events.ErrCurrency)
	dollar := events.Money{Amount: 1, Currency: "USD"}
	When(Given(begun, started).At(half), billing.Limit{Player: "anna", Most: dollar}).Refused(t, events.ErrCurrency)
	When(Given(begun, set).At(noon), billing.Limit{Player: "anna", Most: dollar}).
		Then(t, events.SpendingLimitSet{Player: "anna", Limit: dollar, At: noon})
	When(Given(begun, set).At(noon), billing.Grant{Player: "anna", Credit: gift, Play: 1, Price: dollar}).Refused(t, events.ErrCurrency)
}

// played is a segment that ends at a time, and what becomes of it.
func played(end time.Time, length time.Duration) (billing.Meter, events.PlaytimeMetered, events.PlaytimeCharged) {
	s := events.Segment{Number: 1, From: end.Add(-length), To: end}
	return billing.Meter{Player: "anna", Session: id, Game: "doom", Segment: s},
		events.PlaytimeMetered{Player: "anna", Session: id, Game: "doom", Segment: s, At: end},
		events.PlaytimeCharged{Player: "anna", Session: id, Segment: s, Subscription: sub, Period: 1, At: end}
}

func TestPlayIsBurntInOrder(t *testing.T) {
	grant := func(n byte, priority int, expires time.Time) events.CreditGranted {
		return events.CreditGranted{Player: "anna", Credit: events.CreditID{n}, Play: time.Hour, Priority: priority, Expires: expires, At: noon}
	}
	last, never, later, sooner, second := grant(1, 2, march), grant(2, 1, time.Time{}), grant(3, 1, march), grant(4, 1, half.Add(time.Hour)), grant(5, 1, march)
	meter, metered, charged := played(half, 15*time.Hour+30*time.Minute)
	charged.Included = 10 * time.Hour
	for _, n := range []byte{4, 3, 5, 2, 1} {
		charged.Credits = append(charged.Credits, events.CreditBurnt{Credit: events.CreditID{n}, Play: time.Hour})
	}
	charged.Overage = events.Overage{Play: 30 * time.Minute, Hour: cents(200), Charge: cents(100)}
	past := []events.Event{begun, started, last, never, later, sooner, second}
	When(Given(past...).At(half), meter).Then(t, metered, charged)
	When(Given(append(past, metered, charged)...).At(half), meter).Then(t)

	meter, metered, charged = played(half, 90*time.Minute)
	charged.Subscription, charged.Period = events.SubscriptionID{}, 0
	charged.Credits = []events.CreditBurnt{{Credit: events.CreditID{2}, Play: time.Hour}}
	charged.Overage = events.Overage{Play: 30 * time.Minute}
	When(Given(begun, never).At(half), meter).Then(t, metered, charged)
}

func TestNothingIsChargedPastTheLimit(t *testing.T) {
	set := events.SpendingLimitSet{Player: "anna", Limit: cents(150), At: noon}
	meter, metered, charged := played(half, 11*time.Hour)
	charged.Included = 10 * time.Hour
	charged.Overage = events.Overage{Play: time.Hour, Hour: cents(200), Charge: cents(150), Waived: cents(50)}
	reached := events.SpendingLimitReached{Player: "anna", Subscription: sub, Period: 1, Limit: cents(150), Session: id, Segment: 1, At: half}
	When(Given(begun, started, set).At(half), meter).Then(t, metered, charged, reached)
	meter.Segment.Number, metered.Segment.Number = 2, 2
	meter.Segment.From, metered.Segment.From = half.Add(-time.Hour), half.Add(-time.Hour)
	again := events.PlaytimeCharged{Player: "anna", Session: id, Segment: meter.Segment, Subscription: sub, Period: 1, At: half,
		Overage: events.Overage{Play: time.Hour, Hour: cents(200), Charge: cents(0), Waived: cents(200)}}
	When(Given(begun, started, set, events.PlaytimeMetered{Session: id, Segment: events.Segment{Number: 1}, At: half}, charged, reached).At(half), meter).
		Then(t, metered, again)
}

func TestLatePlayBurnsWhatItsPeriodHadLeft(t *testing.T) {
	at := february.Add(time.Hour)
	s := events.Segment{Number: 1, From: february.Add(-2 * time.Hour), To: at}
	meter := billing.Meter{Player: "anna", Session: id, Game: "doom", Segment: s}
	metered := events.PlaytimeMetered{Player: "anna", Session: id, Game: "doom", Segment: s, At: at}
	When(Given(begun, started).At(at), meter).Then(t, renewed(small, at), metered, events.PlaytimeCharged{
		Player: "anna", Session: id, Segment: s, Subscription: sub, Period: 2, Included: 3 * time.Hour, Late: 2 * time.Hour, At: at})
	at = february.Add(24 * time.Hour)
	metered.At = at
	When(Given(begun, started, renewed(small, february)).At(at), meter).Then(t, metered, events.PlaytimeCharged{
		Player: "anna", Session: id, Segment: s, Subscription: sub, Period: 2, Included: 3 * time.Hour, At: at})
}

func TestSegmentsAreForgottenWhenTheyAreNotTakenAnyMore(t *testing.T) {
	meter, metered, _ := played(half, time.Hour)
	When(Given(begun, metered).At(half.AddDate(0, 0, 59)), meter).Then(t)
	When(Given(begun, metered).At(half.AddDate(0, 0, 61)), meter).Then(t)
	When(Given(begun).At(half.AddDate(0, 0, 60)), meter).Refused(t, billing.ErrSettled)
	_, later, _ := played(half.AddDate(0, 0, 70), time.Hour)
	later.Segment.Number = 2
	When(Given(begun, metered, later).At(half), meter).Refused(t, billing.ErrSettled)
	When(Given(begun).At(half.AddDate(0, 0, -2)), meter).Refused(t, billing.ErrSegment)
}

func TestEntitled(t *testing.T) {
	_, _, charged := played(half, 9*time.Hour)
	charged.Included = 9 * time.Hour
	spent := charged
	spent.Included, spent.Overage = 10*time.Hour, events.Overage{Hour: cents(200), Play: time.Hour, Charge: cents(200)}
	further := spent
	further.Included = 0
	dry := small
	dry.Terms.Overage = events.Money{}
	onDry := started
	onDry.Offer = dry
	limit := events.SpendingLimitSet{Player: "anna", Limit: cents(300), At: noon}
	access := func(longest time.Duration) billing.Entitlement {
		a := small.Terms.Access
		a.Longest = longest
		return billing.Entitlement{Access: a, Subscribed: true}
	}
	refused := func(why *events.Fault) billing.Entitlement {
		return billing.Entitlement{Refusal: why, Subscribed: true}
	}
	granted := events.CreditGranted{Player: "anna", Credit: gift, Play: 30 * time.Minute, Expires: february, At: noon}
	credits := billing.Entitlement{Access: events.Access{Sessions: 1, Longest: 30 * time.Minute, Resolution: 720}}
	for _, c := range []struct {
		name  string
		given []events.Event
		at    time.Time
		want  billing.Entitlement
	}{
		{"nobody", nil, half, billing.Entitlement{Refusal: billing.ErrNoPlan}},
		{"a plan", []events.Event{started}, half, access(6 * time.Hour)},
		{"an hour is left", []events.Event{onDry, charged}, half, access(time.Hour)},
		{"nothing is left, and none is sold", []events.Event{onDry, spent}, half, refused(billing.ErrSpent)},
		{"nothing is left, and more is sold", []events.Event{started, spent}, half, access(6 * time.Hour)},
		{"half an hour to the limit", []events.Event{limit, started, spent}, half, access(30 * time.Minute)},
		{"at the limit", []events.Event{limit, started, spent, further}, half, refused(billing.ErrSpendingLimit)},
		{"the next period, which nobody has begun", []events.Event{limit, started, spent}, february, access(6 * time.Hour)},
		{"after the last one", []events.Event{started, cancelled}, february, billing.Entitlement{Refusal: billing.ErrNoPlan}},
		{"a pause", []events.Event{started, pausedSub}, february, refused(billing.ErrPaused)},
		{"credits alone", []events.Event{granted}, half, credits},
		{"expired credits", []events.Event{granted}, february, billing.Entitlement{Refusal: billing.ErrNoPlan}},
		{"years behind", []events.Event{started}, half.AddDate(30, 0, 0), refused(billing.ErrBehind)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a billing.Account
			for _, e := range c.given {
				a = a.Evolve(e)
			}
			if got := a.Entitled(c.at, 0); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// TestEntitledBesideWhatRuns takes off what is played and not metered yet.
func TestEntitledBesideWhatRuns(t *testing.T) {
	dry := small
	dry.Terms.Overage = events.Money{}
	onDry := started
	onDry.Offer = dry // of ten hours, sessions of six
	granted := events.CreditGranted{Player: "anna", Credit: gift, Play: 30 * time.Minute, Expires: february, At: noon}
	limit := events.SpendingLimitSet{Player: "anna", Limit: cents(200), At: noon} // an hour more
	for _, c := range []struct {
		name      string
		given     []events.Event
		unmetered time.Duration
		longest   time.Duration
		refusal   *events.Fault
	}{
		{"enough is left for the longest session", []events.Event{onDry}, 3 * time.Hour, 6 * time.Hour, nil},
		{"less than that", []events.Event{onDry}, 9 * time.Hour, time.Hour, nil},
		{"nothing", []events.Event{onDry}, 10 * time.Hour, 0, billing.ErrSpent},
		{"credits help out", []events.Event{onDry, granted}, 10 * time.Hour, 30 * time.Minute, nil},
		{"what can be paid for does, too", []events.Event{started}, 1000 * time.Hour, 6 * time.Hour, nil},
		{"up to the limit", []events.Event{started, limit}, 10*time.Hour + 30*time.Minute, 30 * time.Minute, nil},
		{"at the limit", []events.Event{started, limit}, 11 * time.Hour, 0, billing.ErrSpendingLimit},
		{"credits alone", []events.Event{granted}, 20 * time.Minute, 10 * time.Minute, nil},
		{"credits that are played", []events.Event{granted}, time.Hour, 0, billing.ErrCreditsSpent},
		{"a clock that went back", []events.Event{onDry}, -time.Hour, 6 * time.Hour, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a billing.Account
			for _, e := range c.given {
				a = a.Evolve(e)
			}
			got := a.Entitled(half, c.unmetered)
			if got.Refusal != c.refusal || got.Access.Longest != c.longest {
				t.Errorf("%+v, want %s, %v", got, c.longest, c.refusal)
			}
		})
	}
}
