package simulation

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// at is so many minutes after the start.
func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

// told is a moment at which something is recorded.
type told struct {
	minute int
	event  events.Event
}

// wrong holds an invariant to a history, and to two hours after it, and returns
// what it says.
func wrong(t *testing.T, i invariant, history []told) string {
	t.Helper()
	err := func() error {
		for n, e := range history {
			noted := commands.Noted{Event: e.event, Time: at(e.minute), Position: events.Position(n + 1)}
			noted.Cause.Event = id(n + 1)
			if err := i.take(noted); err != nil {
				return err
			}
		}
		return i.check(at(history[len(history)-1].minute + 120))
	}()
	var violation *Violation
	if err == nil {
		return ""
	}
	if !errors.As(err, &violation) {
		t.Fatalf("%v is no violation", err)
	}
	return violation.Says
}

// id is the id of the nth event of a history.
func id(n int) events.EventID { return events.EventID(uuid.UUID{15: byte(n)}) }

func eur(cents int64) events.Money { return events.Money{Amount: cents, Currency: "EUR"} }

var (
	first  = events.SessionID{1}
	second = events.SessionID{2}
	bill1  = events.InvoiceID{1}
	room   = events.LobbyID{1}
	link   = events.Connection{ID: "c", Device: "d", Gateway: "g", Incarnation: "g-1"}
	offer  = events.Offer{Plan: "day", Version: 1, Terms: offered[0].terms}
	period = events.Period{Number: 1, From: start, To: start.AddDate(0, 1, 0)}
	sums   = events.DocumentSums{Net: eur(499), Tax: eur(100), Total: eur(599)}
)

func requested(minute int, id events.SessionID, priority int) told {
	return told{minute, events.SessionRequested{Session: id, Player: "anna", Game: "etr", Terms: events.SessionTerms{Priority: priority}, At: at(minute)}}
}

// invoiced is a subscription that is on an invoice by its event.
func invoiced(charge int64, of int, number int) []told {
	return []told{
		{0, events.SubscriptionStarted{Player: "anna", Offer: offer, Period: period, Charge: eur(499)}},
		{0, events.InvoiceDrafted{Invoice: bill1, Player: "anna", Currency: "EUR"}},
		{0, events.InvoiceLineAdded{Invoice: bill1, Number: 1, Line: events.InvoiceLine{Amount: eur(charge), TaxRate: 2000, Sources: []events.LineSource{{Event: id(of)}}}}},
		{0, events.InvoiceApproved{Invoice: bill1, Series: "2026-01", Sums: sums}},
		{0, events.NumberAssigned{Series: "2026-01", Number: number, Printed: "1", Document: events.Document{Invoice: bill1}}},
		{0, events.InvoiceIssued{Invoice: bill1, Number: "1", Sums: sums}},
	}
}

func lobbyOfTwo(then ...events.Event) []told {
	history := []told{{0, events.LobbyOpened{Lobby: room, Host: "anna", Capacity: 2}}, {0, events.LobbyJoined{Lobby: room, Player: "ben"}}}
	for _, e := range then {
		history = append(history, told{1, e})
	}
	return history
}

func played(from, to int) []told {
	return []told{
		{0, events.ParentalLimitsSet{Player: "anna", Limits: events.ParentalLimits{TimeZone: "Europe/Vienna", Day: 60}}},
		requested(from, first, 0),
		{from, events.SessionActivated{Session: first, Segment: 1, At: at(from)}},
		{to, events.SessionEnded{Session: first, Closed: &events.Segment{Number: 1, From: at(from), To: at(to)}, At: at(to)}},
	}
}

func charged(e events.PlaytimeCharged) []told {
	e.Player, e.Subscription = "anna", events.SubscriptionID{1}
	return []told{{0, events.SubscriptionStarted{Player: "anna", Subscription: e.Subscription, Offer: offer, Period: period, Charge: eur(499)}}, {1, e}}
}

func TestInvariantsSeeWhatIsWrong(t *testing.T) {
	hour := events.Segment{Number: 1, From: at(0), To: at(60)}
	started := events.LobbyStarted{Lobby: room, Session: first, Host: "anna", Members: []events.PlayerID{"anna", "ben"}}
	ready := events.LobbyReadied{Lobby: room, Player: "ben", Ready: true}
	for name, c := range map[string]struct {
		invariant invariant
		history   []told
		says      string // part of it; empty: nothing is wrong
	}{
		"a higher class comes first":                              {newWaits(), []told{requested(0, first, 0), requested(5, second, 4), {6, events.SlotReserved{Session: second}}, {7, events.SlotReserved{Session: first}}, {7, events.SessionAllocated{Session: second}}, {7, events.SessionAllocated{Session: first}}}, ""},
		"and not before who is older by more than its head start": {newWaits(), []told{requested(0, first, 0), requested(14, second, 4), {15, events.SlotReserved{Session: second}}}, "starves"},
		"longer than its terms allow": {newLives(), []told{
			{0, events.SessionRequested{Session: first, Terms: events.SessionTerms{Longest: 3600}}}, {0, events.SessionActivated{Session: first}}}, "past the end"},
		"idle for longer than its terms allow": {newLives(), []told{
			{0, events.SessionRequested{Session: first, Terms: events.SessionTerms{Idle: 1200}}}, {1, events.SessionIdled{Session: first, Since: at(0)}}}, "past the end"},
		"a guest comes after its end": {newLives(), []told{
			{0, events.SessionRequested{Session: first}}, {0, events.SessionEnded{Session: first}}, {1, events.GuestJoined{Session: first}}}, "follows its end"},
		"a fee is billed":            {newBilled(), invoiced(499, 1, 1), ""},
		"a fee is on no invoice":     {newBilled(), invoiced(499, 1, 1)[:1], "on no invoice"},
		"another amount":             {newBilled(), invoiced(500, 1, 1), "499 are charged"},
		"nothing was charged":        {newBilled(), invoiced(499, 2, 1), "charges nothing"},
		"a number is left out":       {newBilled(), invoiced(499, 1, 2), "number 2 follows number 0"},
		"an invoice stays unissued":  {newBilled(), invoiced(499, 1, 1)[:5], "not issued"},
		"nobody asks for payment":    {newPaid(), invoiced(499, 1, 1)[5:], "nobody is asked"},
		"more is asked than is open": {newPaid(), append(invoiced(499, 1, 1)[5:], told{1, events.PaymentAsked{Invoice: bill1, Amount: eur(600)}}), "599 are open"},
		"a payment settles more":     {newPaid(), append(invoiced(499, 1, 1)[5:], told{1, events.PaymentSucceeded{Invoice: bill1, Amount: eur(599), Settles: events.Settlement{Open: eur(600)}}}), "not as the 599"},
		"play is burnt":              {newBurnt(), charged(events.PlaytimeCharged{Segment: hour, Included: time.Hour}), ""},
		"a minute is missing":        {newBurnt(), charged(events.PlaytimeCharged{Segment: hour, Included: 59 * time.Minute}), "59m0s are burnt"},
		"overage beside the plan's":  {newBurnt(), charged(events.PlaytimeCharged{Segment: hour, Overage: events.Overage{Play: time.Hour}}), "are included"},
		"devices come and go": {newAttendance(), []told{
			{0, events.DeviceConnected{Player: "anna", Connection: link}},
			{0, events.PresenceChanged{Player: "anna", State: events.PresenceIsOnline, Shown: events.PresenceIsOnline}},
		}, ""},
		"nobody says it": {newAttendance(), []told{{0, events.DeviceConnected{Player: "anna", Connection: link}}}, "last said to be offline"},
		"a gateway's players stay": {newAttendance(), []told{
			{0, events.DeviceConnected{Player: "anna", Connection: link}},
			{0, events.PresenceChanged{Player: "anna", State: events.PresenceIsOnline, Shown: events.PresenceIsOnline}},
			{1, events.GatewayLost{Gateway: "g", Incarnation: "g-1"}},
		}, "which is gone"},
		"a lobby for two":        {newGatherings(), lobbyOfTwo(), ""},
		"a third joins":          {newGatherings(), lobbyOfTwo(events.LobbyJoined{Lobby: room, Player: "cleo"}), "a lobby for 2"},
		"the host just leaves":   {newGatherings(), lobbyOfTwo(events.LobbyLeft{Lobby: room, Player: "anna"}), "no host"},
		"one is not ready":       {newGatherings(), lobbyOfTwo(started), "not ready"},
		"a start without an end": {newGatherings(), lobbyOfTwo(ready, started), "there is no session"},
		"a member has no gamepad": {newGatherings(), append(lobbyOfTwo(ready, started), requested(2, first, 0),
			told{3, events.SessionAllocated{Session: first}}), "ben has no gamepad"},
		"friends who did not ask": {newFriendships(), []told{{0, events.FriendshipFormed{By: "anna", To: "ben"}}}, "was not asked"},
		"an hour of an hour":      {newAllowances(Config{Calm: true}), played(10, 70), ""},
		"one minute more":         {newAllowances(Config{Calm: true}), played(10, 71), "1m0s past the time"},
	} {
		t.Run(name, func(t *testing.T) {
			if says := wrong(t, c.invariant, c.history); c.says == "" && says != "" || !strings.Contains(says, c.says) {
				t.Errorf("it says %q, want %q", says, c.says)
			}
		})
	}
}
