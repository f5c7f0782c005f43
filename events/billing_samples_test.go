package events_test

import (
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

var (
	subscriptionID = events.SubscriptionID(uuid.MustParse("01970000-0000-7000-8000-000000000009"))
	creditID       = events.CreditID(uuid.MustParse("01970000-0000-7000-8000-00000000000a"))
	period         = events.Period{Number: 2, From: at, To: at.AddDate(0, 1, 0), Paused: true}
	offer          = events.Offer{Plan: "plus", Version: 3, Terms: events.Terms{
		Price: euros(999), Interval: events.Monthly, Included: 100 * time.Hour, Rollover: 15 * time.Hour, Overage: euros(150),
		Access: events.Access{Sessions: 2, Longest: 6 * time.Hour, Resolution: 1080, Priority: 10},
	}}
)

// billingSamples has one of every event of plans and accounts.
var billingSamples = []events.Event{
	events.PlanPublished{Offer: offer, At: at},
	events.PlanWithdrawn{Plan: "plus", Version: 3, At: at},
	events.SubscriptionStarted{Player: "player1", Subscription: subscriptionID, Offer: offer, Period: period, Charge: euros(999), At: at},
	events.SubscriptionRenewed{Player: "player1", Subscription: subscriptionID, Offer: offer, Period: period, Charge: euros(999),
		Rollover: 15 * time.Hour, Lapsed: time.Hour, At: at},
	events.SubscriptionChanged{Player: "player1", Subscription: subscriptionID, Before: offer, Offer: offer, Period: 2,
		Remaining: 1_000, Seconds: 2_678_400, Charge: euros(1), Added: time.Hour, At: at},
	events.SubscriptionChangeScheduled{Player: "player1", Subscription: subscriptionID, Offer: offer, From: at, At: at},
	events.SubscriptionChangeDropped{Player: "player1", Subscription: subscriptionID, At: at},
	events.SubscriptionCancelled{Player: "player1", Subscription: subscriptionID, Until: at, At: at},
	events.SubscriptionKept{Player: "player1", Subscription: subscriptionID, At: at},
	events.SubscriptionPaused{Player: "player1", Subscription: subscriptionID, From: at, At: at},
	events.SubscriptionResumed{Player: "player1", Subscription: subscriptionID, Offer: offer, Period: &period, Charge: euros(999),
		Rollover: 15 * time.Hour, Lapsed: time.Hour, At: at},
	events.SubscriptionEnded{Player: "player1", Subscription: subscriptionID, Period: 2, Reason: events.SubscriptionRanOut, Lapsed: time.Hour, At: at},
	events.CreditGranted{Player: "player1", Credit: creditID, Play: 10 * time.Hour, Charge: euros(500), Priority: 1, Expires: at, At: at},
	events.CreditExpired{Player: "player1", Credit: creditID, Lapsed: time.Hour, Value: euros(50), At: at},
	events.CreditRevoked{Player: "player1", Credit: creditID, Lapsed: time.Hour, At: at},
	events.PlaytimeCharged{Player: "player1", Session: sessionID, Segment: segment, Subscription: subscriptionID, Period: 2,
		Included: 20 * time.Second, Late: 5 * time.Second,
		Credits: []events.CreditBurnt{{Credit: creditID, Play: 10 * time.Second, Left: time.Hour, Value: euros(1)}},
		Overage: events.Overage{Play: 30 * time.Second, Hour: euros(150), Charge: euros(1), Waived: euros(1)}, At: at},
	events.SpendingLimitSet{Player: "player1", Limit: euros(2_000), At: at},
	events.SpendingLimitLifted{Player: "player1", At: at},
	events.SpendingLimitReached{Player: "player1", Subscription: subscriptionID, Period: 2, Limit: euros(2_000), Session: sessionID, Segment: 2, At: at},
}
