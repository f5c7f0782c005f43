package commands_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/numbering"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

func reserve(id events.SessionID) commands.Order {
	return commands.Issue(worker.Reserve{Worker: "w", Session: id}, commands.By("policy:x"))
}

func release(id events.SessionID) commands.Order {
	return commands.Issue(worker.Release{Worker: "w", Session: id}, commands.By("policy:x"))
}

// busy is a store on which a worker has given its one slot n times.
func busy(t *testing.T, n int) (*memstore.Store, commands.Order) {
	t.Helper()
	store := memstore.New(clock)
	handler := commands.NewForgetfulHandler(store, clock, 0, 10)
	do := func(order commands.Order) {
		if _, err := handler.Do(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	do(commands.Issue(worker.Register{Worker: "w", Incarnation: "a", Slots: 1}, commands.By("worker:w")))
	var last commands.Order
	for range n {
		id := events.NewSessionID()
		do(reserve(id))
		last = release(id)
		do(last)
	}
	return store, last
}

func TestASnapshotSparesTheHistory(t *testing.T) {
	store, last := busy(t, 50)
	if kept := stored(t, store, "snapshot-worker-w"); len(kept) != 1 {
		t.Fatalf("%d snapshots are kept, want the last", len(kept))
	}
	counting := &counted{Store: store}
	handler := commands.NewHandler(counting, clock)
	if _, err := handler.Do(t.Context(), reserve(events.NewSessionID())); err != nil {
		t.Fatal(err)
	}
	if counting.events > 12 {
		t.Errorf("%d of 101 events were read", counting.events)
	}
	done, err := commands.NewHandler(store, clock).Do(t.Context(), last)
	if want := stored(t, store, "worker-w")[100].Position; err != nil || len(done.Events) > 0 || done.Position != want {
		t.Errorf("a command from before the snapshot, again: %+v, %v; want what it did at %d", done, err, want)
	}
}

// TestNoReaderOfTheLogIsToldOfSnapshots: they are no events.
func TestNoReaderOfTheLogIsToldOfSnapshots(t *testing.T) {
	store, _ := busy(t, 50)
	sub, err := store.Subscribe(t.Context(), events.Start)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	for n := 0; ; n++ {
		d, err := sub.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d.CaughtUp() {
			if n != 101 {
				t.Errorf("%d events, want 101", n)
			}
			return
		}
		if strings.HasPrefix(string(d.Event.Stream), "snapshot-") {
			t.Fatalf("it comes to %s", d.Event.Stream)
		}
	}
}

func TestASnapshotThatIsNoGoodIsAsNone(t *testing.T) {
	good := func(t *testing.T, store events.Store) map[string]any {
		var fields map[string]any
		kept := stored(t, store, "snapshot-worker-w")
		if err := json.Unmarshal(kept[len(kept)-1].Data, &fields); err != nil {
			t.Fatal(err)
		}
		return fields
	}
	for name, spoil := range map[string]func(map[string]any){
		"of another schema":              func(s map[string]any) { s["schema"] = 99 },
		"of no schema":                   func(s map[string]any) { delete(s, "schema") },
		"with a field that nobody knows": func(s map[string]any) { s["state"] = map[string]any{"Colour": 1} },
		"with a state of another kind":   func(s map[string]any) { s["state"] = "full" },
		"of a longer history":            func(s map[string]any) { s["revision"] = 1000 },
		"of another history":             func(s map[string]any) { s["event"] = uuid.NewString() },
		"of another place":               func(s map[string]any) { s["position"] = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			store, last := busy(t, 50)
			fields := good(t, store)
			// What it says beside is wrong: nobody may take it for the truth.
			fields["state"] = map[string]any{"Running": false}
			spoil(fields)
			data, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			for _, data := range [][]byte{data, []byte("no JSON")} {
				if _, err := store.Append(t.Context(), "snapshot-worker-w", events.AnyRevision(), []events.Proposed{
					{ID: events.EventID(uuid.New()), Type: "$snapshot", Data: data, Metadata: []byte("{}")},
				}); err != nil {
					t.Fatal(err)
				}
				id := events.NewSessionID()
				if _, err := commands.NewHandler(store, clock).Do(t.Context(), reserve(id)); err != nil {
					t.Errorf("with %s: %v", data, err)
				}
				if _, err := commands.NewHandler(store, clock).Do(t.Context(), release(id)); err != nil {
					t.Error(err)
				}
			}
			if done, err := commands.NewHandler(store, clock).Do(t.Context(), last); err != nil || len(done.Events) > 0 {
				t.Errorf("a repeated command: %+v, %v", done, err)
			}
		})
	}
}

// TestSnapshotsHoldAllOfTheirState compares states after random histories with
// what becomes of them as JSON, and both after the rest of the history.
func TestSnapshotsHoldAllOfTheirState(t *testing.T) {
	t.Run("worker", func(t *testing.T) { holdsAll[worker.State](t, anyOfWorker) })
	t.Run("account", func(t *testing.T) { holdsAll[billing.Account](t, anyOfAccount) })
	t.Run("presence", func(t *testing.T) { holdsAll[presence.State](t, anyOfPresence) })
	t.Run("friends", func(t *testing.T) { holdsAll[friends.State](t, anyOfFriends) })
	t.Run("lobby", func(t *testing.T) { holdsAll[lobby.State](t, anyOfLobby) })
	t.Run("series", func(t *testing.T) { holdsAll[numbering.Series](t, anyOfSeries) })
}

func holdsAll[S interface {
	commands.State[S]
	commands.Lasting
}](t *testing.T, anyCommand func(*rapid.T) commands.Command[S]) {
	rapid.Check(t, func(t *rapid.T) {
		var whole, fromSnapshot S
		at := now
		live := func(n int) (history []events.Event) {
			for range n {
				at = at.Add(time.Second)
				happened, err := anyCommand(t).Decide(whole, at)
				if err != nil {
					continue
				}
				for _, e := range happened {
					whole = whole.Evolve(e)
				}
				history = append(history, happened...)
			}
			return history
		}
		live(rapid.IntRange(0, 40).Draw(t, "before"))
		data, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &fromSnapshot); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(whole, fromSnapshot) {
			t.Fatalf("the state is %+v, and comes back as %+v", whole, fromSnapshot)
		}
		for _, e := range live(rapid.IntRange(0, 20).Draw(t, "after")) {
			fromSnapshot = fromSnapshot.Evolve(e)
		}
		if !reflect.DeepEqual(whole, fromSnapshot) {
			t.Fatalf("all of it gives %+v, the snapshot and the rest %+v", whole, fromSnapshot)
		}
	})
}

var someSessions = []events.SessionID{events.NewSessionID(), events.NewSessionID(), events.NewSessionID(), events.NewSessionID()}

func anyOfWorker(t *rapid.T) commands.Command[worker.State] {
	id := rapid.SampledFrom(someSessions).Draw(t, "session")
	incarnation := fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "incarnation"))
	switch rapid.IntRange(0, 8).Draw(t, "command") {
	case 0:
		return worker.Drain{Worker: "w"}
	case 1:
		return worker.Resume{Worker: "w"}
	case 2:
		return worker.Stop{Worker: "w", Incarnation: incarnation}
	case 3:
		return worker.Release{Worker: "w", Session: id}
	case 4, 5:
		return worker.Register{Worker: "w", Incarnation: incarnation, Slots: rapid.IntRange(1, 3).Draw(t, "slots")}
	default:
		return worker.Reserve{Worker: "w", Session: id}
	}
}

func anyOfSeries(t *rapid.T) commands.Command[numbering.Series] {
	id := rapid.SampledFrom(someSessions).Draw(t, "document")
	return numbering.Assign{Series: "2026-01", Document: events.Document{
		Invoice: events.InvoiceID(id), CreditNote: events.CreditNoteID(uuid.UUID{rapid.Byte().Draw(t, "note") % 2}),
	}}
}

func anyOfAccount(t *rapid.T) commands.Command[billing.Account] {
	price := events.Money{Amount: 100, Currency: "EUR"}
	subscription := events.SubscriptionID(someSessions[0])
	switch rapid.IntRange(0, 9).Draw(t, "command") {
	case 0:
		return billing.Start{Player: "anna", Subscription: subscription, Offer: events.Offer{Plan: "plus", Version: 1, Terms: events.Terms{
			Price: price, Interval: events.Monthly, Included: time.Minute, Overage: price,
			Access: events.Access{Sessions: 1, Longest: time.Hour, Resolution: 720},
		}}}
	case 1:
		return billing.Cancel{Player: "anna", Subscription: subscription}
	case 2:
		return billing.Limit{Player: "anna", Most: price}
	case 3, 4:
		return billing.Grant{Player: "anna", Credit: events.CreditID(rapid.SampledFrom(someSessions).Draw(t, "credit")),
			Play: 90 * time.Second, Expires: now.Add(time.Minute)}
	}
	from := now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "from")) * time.Second)
	return billing.Meter{Player: "anna", Session: rapid.SampledFrom(someSessions).Draw(t, "session"), Game: "doom",
		Segment: events.Segment{Number: rapid.IntRange(1, 5).Draw(t, "number"), From: from, To: from.Add(time.Minute)}}
}

func anyOfPresence(t *rapid.T) commands.Command[presence.State] {
	id := events.ConnectionID(rapid.SampledFrom([]string{"c1", "c2", "c3"}).Draw(t, "connection"))
	played := events.SessionID{0: byte(rapid.IntRange(1, 2).Draw(t, "session"))}
	yes := rapid.Bool().Draw(t, "yes")
	return rapid.SampledFrom([]commands.Command[presence.State]{
		presence.Connect{Player: "p", Idle: yes, Connection: events.Connection{ID: id, Device: "d" + events.DeviceID(id), Gateway: "g", Incarnation: "i"}},
		presence.Disconnect{Player: "p", Connection: id, Cause: events.DisconnectClosed},
		presence.Settle{Player: "p", Connection: id},
		presence.Idle{Player: "p", Connection: id, Idle: yes},
		presence.Hide{Player: "p", Invisible: yes},
		presence.Enter{Player: "p", Session: played, Game: "g"},
		presence.LetJoin{Player: "p", Session: played, Joinable: yes},
		presence.Exit{Player: "p", Session: played},
		presence.Clear{Player: "p"},
	}).Draw(t, "command")
}

func anyOfLobby(t *rapid.T) commands.Command[lobby.State] {
	id := events.LobbyID{0: 1}
	player := events.PlayerID(rapid.SampledFrom([]string{"anna", "bert", "cora"}).Draw(t, "player"))
	other := events.PlayerID(rapid.SampledFrom([]string{"anna", "bert", "dora"}).Draw(t, "other"))
	code := rapid.SampledFrom([]events.CodeHash{{}, events.HashOfCode("code")}).Draw(t, "code")
	return rapid.SampledFrom([]commands.Command[lobby.State]{
		lobby.Create{Lobby: id, By: player, Visibility: events.LobbyPublic, Capacity: 3, CodeHash: code},
		lobby.Join{Lobby: id, Player: player}, lobby.Leave{Lobby: id, Player: player}, lobby.ChangeCode{Lobby: id, By: player, CodeHash: code},
		lobby.Ban{Lobby: id, By: player, Player: other}, lobby.Unban{Lobby: id, By: player, Player: other},
		lobby.Choose{Lobby: id, By: player, Game: "doom", Title: "Doom"}, lobby.SetReady{Lobby: id, Player: player, Ready: true},
		lobby.Start{Lobby: id, By: player}, lobby.Reopen{Lobby: id, Session: events.SessionOfStart(id, 1), Outcome: events.LobbyPlayed},
		lobby.Say{Lobby: id, Player: player, Text: events.Sealed{Player: player, Data: make([]byte, 40)}},
	}).Draw(t, "command")
}

func anyOfFriends(t *rapid.T) commands.Command[friends.State] {
	pair := rapid.SampledFrom([]friends.Pair{{By: "anna", To: "bert"}, {By: "bert", To: "anna"}}).Draw(t, "pair")
	return rapid.SampledFrom([]commands.Command[friends.State]{
		friends.Request{Pair: pair}, friends.Accept{Pair: pair}, friends.Decline{Pair: pair}, friends.Withdraw{Pair: pair},
		friends.Remove{Pair: pair}, friends.Block{Pair: pair}, friends.Unblock{Pair: pair}, friends.Forget{Pair: pair},
	}).Draw(t, "command")
}
