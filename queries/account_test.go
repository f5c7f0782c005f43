package queries_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

const hour = time.Hour

func eur(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

// offer is a version of a plan of 10 hours a month, at 10.00, and 2.00 for each
// hour beyond.
func offer(version int) events.Offer {
	return events.Offer{Plan: "plus", Version: version, Terms: events.Terms{
		Price: eur(1000), Interval: events.Monthly, Included: 10 * hour, Rollover: 2 * hour, Overage: eur(200),
		Access: events.Access{Sessions: 2, Longest: 8 * hour, Resolution: 1080, Priority: 3},
	}}
}

var january = events.Period{Number: 1, From: noon, To: noon.AddDate(0, 1, 0)}

// stretch is a segment of play that ends at a time.
func stretch(number int, long time.Duration, end time.Time) events.Segment {
	return events.Segment{Number: number, From: end.Add(-long), To: end}
}

// subscribed has anna subscribed since noon, with a credit and a limit.
func (p *projected) subscribed() (events.SubscriptionID, events.CreditID) {
	p.t.Helper()
	id, credit := events.SubscriptionOf(events.NewCommandID()), events.CreditOf(events.NewCommandID())
	p.happened(queries.ViewAccount, events.AccountStream("anna"),
		events.AccountOpened{Player: "anna", At: noon},
		events.SubscriptionStarted{Player: "anna", Subscription: id, Offer: offer(1), Period: january, Charge: eur(1000), At: noon},
		events.CreditGranted{Player: "anna", Credit: credit, Play: 2 * hour, Charge: eur(300), Priority: 5, At: noon},
		events.SpendingLimitSet{Player: "anna", Limit: eur(500), At: noon})
	return id, credit
}

func TestAccount(t *testing.T) {
	p := newProjected(t)
	if got, err := p.db.Account(t.Context(), "anna"); err != nil || got != (queries.Account{Player: "anna"}) {
		t.Errorf("before any play: %+v, %v", got, err)
	}
	id, credit := p.subscribed()
	first, second := events.NewSessionID(), events.NewSessionID()
	long, short := stretch(1, 13*hour, noon.Add(20*hour)), stretch(1, hour, noon.Add(30*hour))
	p.happened(queries.ViewAccount, events.AccountStream("anna"),
		events.PlaytimeMetered{Player: "anna", Session: first, Game: "doom", Segment: long, At: noon.Add(20 * hour)},
		events.PlaytimeCharged{Player: "anna", Session: first, Segment: long, Subscription: id, Period: 1, Included: 10 * hour,
			Credits: []events.CreditBurnt{{Credit: credit, Play: 2 * hour, Value: eur(300)}},
			Overage: events.Overage{Play: hour, Hour: eur(200), Charge: eur(200)}, At: noon.Add(20 * hour)},
		events.PlaytimeMetered{Player: "anna", Session: second, Game: "quake", Segment: short, At: noon.Add(30 * hour)},
		events.PlaytimeCharged{Player: "anna", Session: second, Segment: short, Subscription: id, Period: 1,
			Overage: events.Overage{Play: hour, Hour: eur(200), Charge: eur(150), Waived: eur(50)}, At: noon.Add(30 * hour)},
		events.SubscriptionChangeScheduled{Player: "anna", Subscription: id, Offer: offer(2), From: january.To, At: noon.Add(31 * hour)})
	got, err := p.db.Account(t.Context(), "anna")
	want := queries.Account{
		Player: "anna", OpenedAt: noon, Currency: "EUR", Played: 14 * hour, Sessions: 2,
		Subscription: &queries.Subscription{
			ID: id, State: queries.SubscriptionRuns, Offer: offer(1), Period: january, StartedAt: noon, Position: 9,
			Next: &queries.OfferChange{Plan: "plus", Version: 2, Price: eur(1000), Interval: events.Monthly},
			Usage: queries.Usage{Price: eur(1000), Included: 10 * hour, Played: 10 * hour, Credit: 2 * hour, Overage: 2 * hour,
				Spent: eur(350), Waived: eur(50)},
		},
		Limit:    &queries.SpendingLimit{Most: eur(500), Spent: eur(350), Left: eur(150)},
		Position: 9,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if at, renews := got.Subscription.RenewsAt(); !renews || !at.Equal(january.To) {
		t.Errorf("renewed at %s: %t", at, renews)
	}
	bill, err := p.db.Bill(t.Context(), first)
	wanted := queries.Bill{Session: first, Player: "anna", Segments: 1, Billed: 13 * hour,
		Paid: queries.Paid{Included: 10 * hour, Credit: 2 * hour, Overage: hour, Charge: eur(200), Waived: eur(0)}}
	if err != nil || bill != wanted {
		t.Errorf("the bill is %+v, %v, want %+v", bill, err, wanted)
	}
	if _, err := p.db.Bill(t.Context(), events.NewSessionID()); !errors.Is(err, queries.ErrNotBilled) {
		t.Errorf("of no session: %v", err)
	}
}

func TestSubscriptionsAndTheirPeriods(t *testing.T) {
	p := newProjected(t)
	id, _ := p.subscribed()
	february := events.Period{Number: 2, From: january.To, To: january.To.AddDate(0, 1, 0)}
	other := events.SubscriptionOf(events.NewCommandID())
	p.happened(queries.ViewAccount, events.AccountStream("anna"),
		events.SubscriptionRenewed{Player: "anna", Subscription: id, Offer: offer(2), Period: february, Charge: eur(1000), Rollover: 2 * hour, Lapsed: 8 * hour, At: february.From},
		events.SubscriptionCancelled{Player: "anna", Subscription: id, Until: february.To, At: february.From},
		events.SubscriptionEnded{Player: "anna", Subscription: id, Period: 2, Reason: events.SubscriptionRanOut, Lapsed: 12 * hour, At: february.To.Add(hour)},
		events.SubscriptionStarted{Player: "anna", Subscription: other, Offer: offer(2), Charge: eur(1000),
			Period: events.Period{Number: 1, From: february.To, To: february.To.AddDate(0, 1, 0)}, At: february.To.Add(2 * hour)},
		events.SubscriptionPaused{Player: "anna", Subscription: other, From: february.To, At: february.To.Add(2 * hour)})
	page, err := p.db.Subscriptions(t.Context(), "anna", "", 1)
	if err != nil || len(page.Subscriptions) != 1 || page.Subscriptions[0].ID != other || page.Subscriptions[0].State != queries.SubscriptionPauses {
		t.Fatalf("%+v, %v, want the one that is to pause", page, err)
	}
	page, err = p.db.Subscriptions(t.Context(), "anna", page.Next, 1)
	if err != nil || len(page.Subscriptions) != 1 || page.Next != "" {
		t.Fatalf("%+v, %v, want the last page", page, err)
	}
	if was := page.Subscriptions[0]; was.ID != id || was.State != queries.SubscriptionIsOver || was.EndReason != events.SubscriptionRanOut || !was.EndedAt.Equal(february.To) {
		t.Errorf("the first one: %+v", was)
	}
	var periods []queries.PeriodUsed
	for cursor := ""; ; {
		page, err := p.db.Periods(t.Context(), "anna", id, cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		periods = append(periods, page.Periods...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	want := []queries.PeriodUsed{
		{Period: february, Usage: queries.Usage{Price: eur(1000), Included: 10 * hour, RolledOver: 2 * hour, Lapsed: 12 * hour, Spent: eur(0), Waived: eur(0)}},
		{Period: january, Usage: queries.Usage{Price: eur(1000), Included: 10 * hour, Lapsed: 8 * hour, Spent: eur(0), Waived: eur(0)}},
	}
	if diff := cmp.Diff(want, periods); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := p.db.Subscription(t.Context(), "bert", id); !errors.Is(err, queries.ErrSubscriptionUnknown) {
		t.Errorf("another player's: %v", err)
	}
	subscribers, err := p.db.Subscribers(t.Context(), "plus", 2, "", 10)
	if err != nil || len(subscribers.Subscribers) != 1 || subscribers.Subscribers[0].Subscription != other {
		t.Errorf("subscribers %+v, %v", subscribers, err)
	}
	if none, err := p.db.Subscribers(t.Context(), "plus", 2+1<<32, "", 10); err != nil || len(none.Subscribers) != 0 {
		t.Errorf("of a version past all: %+v, %v", none, err)
	}
}

func TestCredits(t *testing.T) {
	p := newProjected(t)
	_, bought := p.subscribed()
	gift, gone := events.CreditOf(events.NewCommandID()), events.CreditOf(events.NewCommandID())
	p.happened(queries.ViewAccount, events.AccountStream("anna"),
		events.CreditGranted{Player: "anna", Credit: gift, Play: hour, Priority: 5, Expires: noon.AddDate(0, 2, 0), At: noon.Add(hour)},
		events.CreditGranted{Player: "anna", Credit: gone, Play: hour, Charge: eur(100), Priority: 1, Expires: noon.Add(3 * hour), At: noon.Add(2 * hour)},
		events.CreditExpired{Player: "anna", Credit: gone, Lapsed: hour, Value: eur(100), At: noon.Add(3 * hour)})
	open, err := p.db.OpenCredits(t.Context(), "anna")
	if err != nil || len(open) != 2 || open[0].ID != gift || open[1].ID != bought {
		t.Errorf("%+v, %v, want what expires before what does not", open, err)
	}
	var all []events.CreditID
	for cursor := ""; ; {
		page, err := p.db.Credits(t.Context(), "anna", cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Credits {
			all = append(all, c.ID)
			if c.ID == gone && (c.State != queries.CreditIsExpired || c.Lapsed != hour || c.Earned != eur(100) || c.Left != 0) {
				t.Errorf("what has expired: %+v", c)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]events.CreditID{gone, gift, bought}, all); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUsageAndPlaytime(t *testing.T) {
	p := newProjected(t)
	id, _ := p.subscribed()
	session := events.NewSessionID()
	march := time.Date(2026, 3, 1, 0, 30, 0, 0, time.UTC)
	ends := []time.Time{noon.Add(hour), noon.Add(9 * hour), march}
	for i, end := range ends {
		segment := stretch(i+1, hour, end)
		p.happened(queries.ViewAccount, events.AccountStream("anna"),
			events.PlaytimeMetered{Player: "anna", Session: session, Game: "doom", Segment: segment, At: end},
			events.PlaytimeCharged{Player: "anna", Session: session, Segment: segment, Subscription: id, Period: 1, Included: hour, At: end})
	}
	p.happened(queries.ViewAccount, events.AccountStream("anna"),
		events.PlaytimeMetered{Player: "anna", Session: events.NewSessionID(), Game: "quake", Segment: stretch(1, hour, noon.Add(4*hour)), At: march})
	var usage []queries.MonthOfGame
	for cursor := ""; ; {
		page, err := p.db.Usage(t.Context(), "anna", cursor, 1)
		if err != nil {
			t.Fatal(err)
		}
		usage = append(usage, page.Usage...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []queries.MonthOfGame{
		{Month: first.AddDate(0, 2, 0), Game: "doom", Played: hour, Paid: queries.Paid{Included: hour}},
		{Month: first, Game: "doom", Sessions: 1, Played: 2 * hour, Paid: queries.Paid{Included: 2 * hour}},
		{Month: first, Game: "quake", Sessions: 1, Played: hour},
	}
	if diff := cmp.Diff(want, usage); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	var played []time.Time
	for cursor := ""; ; {
		page, err := p.db.Playtime(t.Context(), "anna", cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Segments {
			played = append(played, s.To)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]time.Time{march, ends[1], noon.Add(4 * hour), ends[0]}, played); diff != "" {
		t.Errorf("playtime (-want +got):\n%s", diff)
	}
	since, err := p.db.PlayedSince(t.Context(), "anna", noon.Add(5*hour), march)
	if diff := cmp.Diff([]queries.Played{{From: noon.Add(8 * hour), To: noon.Add(9 * hour)}, {From: march.Add(-hour), To: march}}, since); err != nil || diff != "" {
		t.Errorf("%v, played since (-want +got):\n%s", err, diff)
	}
}
