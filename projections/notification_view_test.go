package projections

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// told is what a player was told, as a line each: the event, who has a part in
// it, of what, why, how much.
func told(v *notificationView, player events.PlayerID) (lines []string) {
	inbox, _ := v.inboxes.Get(player)
	all := map[int]notificationRow{}
	for key, row := range rows(v.notifications) {
		if key.Player == player {
			all[row.Number] = row
		}
	}
	for number := range inbox.Last {
		r, is := all[number+1]
		if !is {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %d%s", r.Event, r.From, r.Title, r.Reason, r.Amount, r.Currency))
	}
	return lines
}

var (
	doom    = events.SessionID{1}
	tape    = events.RecordingID{2}
	bill    = events.InvoiceID{3}
	contact = events.SubscriptionID{4}
)

func TestWhatPlayersAreToldOf(t *testing.T) {
	played := []events.Event{
		events.SessionRequested{Session: doom, Player: "anna", Game: "doom", Title: "Doom", At: noon},
		events.RecordingOpened{Recording: tape, Session: doom, Player: "anna", Title: "Doom", At: noon},
	}
	eur := events.Money{Amount: 990, Currency: "EUR"}
	for name, c := range map[string]struct {
		given []events.Event
		want  []string // what anna is told
	}{
		"a friend's request": {[]events.Event{asks("bert", "anna", false)}, []string{"FriendRequested bert   0"}},
		"a hidden request":   {[]events.Event{asks("bert", "anna", true)}, nil},
		"a friend's answer":  {[]events.Event{events.FriendshipFormed{By: "bert", To: "anna", At: noon}}, []string{"FriendshipFormed bert   0"}},
		"sent away":          {[]events.Event{events.LobbyLeft{Lobby: den, Player: "anna", Reason: events.LeftByKick, At: noon}}, []string{"LobbyLeft   kicked 0"}},
		"has left":           {[]events.Event{events.LobbyLeft{Lobby: den, Player: "anna", Reason: events.LeftByChoice, At: noon}}, nil},
		"host now":           {[]events.Event{events.LobbyHandedOver{Lobby: den, From: "bert", To: "anna", At: noon}}, []string{"LobbyHandedOver bert   0"}},
		"a start": {[]events.Event{events.LobbyStarted{Lobby: den, Host: "bert", Members: []events.PlayerID{"bert", "anna"}, Title: "Doom", At: noon}},
			[]string{"LobbyStarted bert Doom  0"}},
		"the host's own start": {[]events.Event{events.LobbyStarted{Lobby: den, Host: "anna", Members: []events.PlayerID{"anna"}, At: noon}}, nil},
		"a session's end":      {append(played, events.SessionEnded{Session: doom, Reason: events.EndedIdle, At: noon}), []string{"SessionEnded  Doom idle 0"}},
		"the player's end":     {append(played, events.SessionEnded{Session: doom, Reason: events.EndedByPlayer, At: noon}), nil},
		"a failure":            {append(played, events.SessionFailed{Session: doom, Cause: events.FailedGame, At: noon}), []string{"SessionFailed  Doom game-crashed 0"}},
		"saves":                {append(played, events.SavesTroubled{Session: doom, Trouble: events.SavesTorn, At: noon}), []string{"SavesTroubled  Doom torn 0"}},
		"saves, for now":       {append(played, events.SavesTroubled{Session: doom, Trouble: events.SavesBehind, At: noon}), nil},
		"saves of nobody's":    {[]events.Event{events.SavesTroubled{Session: doom, Trouble: events.SavesTorn, At: noon}}, nil},
		"an old recording":     {append(played, events.RecordingDeleted{Recording: tape, Reason: events.DeletedByAge, At: noon}), []string{"RecordingDeleted  Doom age 0"}},
		"a broken recording":   {append(played, events.RecordingFailed{Recording: tape, Cause: events.RecordingDiskFull, At: noon}), []string{"RecordingFailed  Doom disk-full 0"}},
		"a long recording":     {append(played, events.RecordingFinished{Recording: tape, Reason: events.RecordingFullLength, At: noon}), []string{"RecordingFinished  Doom full-length 0"}},
		"a bill": {[]events.Event{events.InvoiceIssued{Invoice: bill, Player: "anna", Number: "2026-01-7", Sums: events.DocumentSums{Total: eur}, At: noon}},
			[]string{"InvoiceIssued  2026-01-7  990EUR"}},
		"a failed payment": {[]events.Event{events.PaymentFailed{Invoice: bill, Player: "anna", Reason: events.PaymentDeclined, Open: eur, At: noon}},
			[]string{"PaymentFailed   declined 990EUR"}},
		"unpaid":              {[]events.Event{events.SubscriptionEnded{Player: "anna", Subscription: contact, Reason: events.SubscriptionUnpaid, At: noon}}, []string{"SubscriptionEnded   unpaid 0"}},
		"a role":              {[]events.Event{events.RoleGranted{Player: "anna", Role: events.RoleSupport, At: noon}}, []string{"RoleGranted   support 0"}},
		"a guardian's limits": {[]events.Event{events.ParentalLimitsSet{Player: "anna", At: noon}}, []string{"ParentalLimitsSet    0"}},
	} {
		v, _ := folded[*notificationView](t, newNotificationView, c.given...)
		if diff := cmp.Diff(c.want, told(v, "anna")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestNotificationRow(t *testing.T) {
	v, f := folded[*notificationView](t, newNotificationView)
	ends := noon.Add(time.Hour)
	f.take("policy:renewal", events.SubscriptionRenewed{Player: "anna", Subscription: contact, Offer: events.Offer{Plan: "gold"},
		Period: events.Period{To: ends}, Charge: events.Money{Amount: 990, Currency: "EUR"}, At: noon})
	at := noon.Add(time.Second)
	want := notificationRow{Player: "anna", Number: 1, At: at, Event: "SubscriptionRenewed", About: uuid.UUID(contact), Title: "gold",
		Amount: 990, Currency: "EUR", EndsAt: ends, Position: 1}
	if diff := cmp.Diff(map[notificationKey]notificationRow{{"anna", 1, at}: want}, rows(v.notifications)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.take("policy:renewal", events.CreditRevoked{Player: "anna", At: noon})
	inbox := inboxRow{Player: "anna", Last: 2, FirstAt: at, LastAt: at.Add(time.Second), Position: 2}
	if got, _ := v.inboxes.Get("anna"); got != inbox {
		t.Error(cmp.Diff(inbox, got))
	}
	if diff := cmp.Diff([]events.Stream{"player-anna"}, f.told); diff != "" {
		t.Errorf("told are: -want +got:\n%s", diff)
	}
}

// TestPlayersAreNotToldOfWhatTheyDo: but of what a guardian does by their device
// they are.
func TestPlayersAreNotToldOfWhatTheyDo(t *testing.T) {
	v, f := folded[*notificationView](t, newNotificationView)
	f.take(events.ByPlayer("anna"), events.SubscriptionCancelled{Player: "anna", Subscription: contact, At: noon},
		events.GuardianSet{Player: "anna", Number: 1, At: noon})
	f.take(events.ByPlayer("staff"), events.SubscriptionCancelled{Player: "anna", Subscription: contact, At: noon})
	if diff := cmp.Diff([]string{"GuardianSet    0", "SubscriptionCancelled    0"}, told(v, "anna")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNotificationsOfTheErased: nothing is left of them, neither with those who
// were told of them, and nothing follows.
func TestNotificationsOfTheErased(t *testing.T) {
	v, f := folded[*notificationView](t, newNotificationView,
		events.SessionRequested{Session: doom, Player: "anna", Game: "doom", Title: "Doom", At: noon},
		asks("bert", "anna", false), asks("anna", "cora", false))
	f.take("", events.PlayerErased{Player: "anna", At: noon}, events.SessionFailed{Session: doom, Cause: events.FailedGame, At: noon},
		events.InvoiceIssued{Invoice: bill, Player: "anna", At: noon})
	if len(rows(v.notifications)) != 0 || len(rows(v.subjects)) != 0 {
		t.Errorf("there are %v, %v", rows(v.notifications), rows(v.subjects))
	}
	f.take("", events.LobbyHandedOver{Lobby: den, From: "anna", To: "bert", At: noon})
	if diff := cmp.Diff([]string{"LobbyHandedOver    0"}, told(v, "bert")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := inboxRow{Player: "anna", Erased: true, Position: 4}
	if got, _ := v.inboxes.Get("anna"); got != want {
		t.Error(cmp.Diff(want, got))
	}
}

// TestRequestsAreToldOfWhileTheyAreOpen: whoever asks and takes it back, again
// and again, fills nothing.
func TestRequestsAreToldOfWhileTheyAreOpen(t *testing.T) {
	for name, end := range map[string]events.Event{
		"withdrawn": events.FriendRequestWithdrawn{By: "bert", To: "anna", At: noon},
		"declined":  events.FriendRequestDeclined{By: "anna", To: "bert", At: noon},
		"accepted":  events.FriendshipFormed{By: "anna", To: "bert", At: noon},
	} {
		v, f := folded[*notificationView](t, newNotificationView, asks("bert", "anna", false), asks("bert", "anna", false))
		if diff := cmp.Diff([]string{"FriendRequested bert   0"}, told(v, "anna")); diff != "" {
			t.Errorf("one who asks twice: -want +got:\n%s", diff)
		}
		f.take("", end)
		if got := told(v, "anna"); got != nil || len(rows(v.requests)) != 0 {
			t.Errorf("%s: %v, %v", name, got, rows(v.requests))
		}
	}
}

// TestSubjectsGoWithTheirEnd: the table is as large as what goes on.
func TestSubjectsGoWithTheirEnd(t *testing.T) {
	v, _ := folded[*notificationView](t, newNotificationView,
		events.SessionRequested{Session: doom, Player: "anna", At: noon}, events.RecordingOpened{Recording: tape, Player: "anna", At: noon},
		events.SessionEnded{Session: doom, Reason: events.EndedByPlayer, At: noon},
		events.RecordingDeleted{Recording: tape, Reason: events.DeletedByPlayer, At: noon})
	if len(rows(v.subjects)) != 0 {
		t.Errorf("there are %v", rows(v.subjects))
	}
}
