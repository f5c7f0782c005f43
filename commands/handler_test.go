package commands_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

var now = time.Date(2026, 1, 2, 15, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func request(id events.SessionID, origin commands.Origin) commands.Order {
	return commands.Issue(session.Request{Session: id, Player: "anna", Game: "doom", Title: "Doom"}, origin)
}

func stored(t *testing.T, store events.Store, stream events.Stream) []events.Recorded {
	t.Helper()
	var all []events.Recorded
	for r, err := range store.Read(t.Context(), stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func TestDoRecordsWhoAndWhy(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	id := events.NewSessionID()
	origin := commands.By(events.ByPlayer("anna"))
	origin.Correlation = id.String()
	done, err := handler.Do(t.Context(), request(id, origin))
	if err != nil {
		t.Fatal(err)
	}
	all := stored(t, store, events.SessionStream(id))
	if len(all) != 1 || all[0].Position != done.Position {
		t.Fatalf("stored %+v, done %+v", all, done)
	}
	event, meta, err := events.Decode(all[0])
	if err != nil {
		t.Fatal(err)
	}
	want := events.SessionRequested{Session: id, Player: "anna", Game: "doom", Title: "Doom", At: now}
	if diff := cmp.Diff(events.Event(want), event); diff != "" {
		t.Error(diff)
	}
	if meta.Actor != "player:anna" || meta.Command != origin.ID || meta.Correlation != id.String() || meta.Causation != origin.ID.String() {
		t.Errorf("metadata %+v", meta)
	}
	if all[0].ID != events.DeriveEventID(origin.ID, 0) {
		t.Error("the event's id does not derive from the command's")
	}
}

func TestARepeatedCommandReturnsWhatTheFirstDid(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	id := events.NewSessionID()
	order := request(id, commands.By("player:anna"))
	first, err := handler.Do(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := handler.Do(t.Context(), commands.Issue(session.Queue{Session: id}, commands.By("policy:x"))); err != nil {
		t.Fatal(err)
	}
	again, err := handler.Do(t.Context(), order)
	if err != nil || again.Position != first.Position || len(again.Events) != 0 {
		t.Errorf("again: %+v, %v; first %+v", again, err, first)
	}
	if n := len(stored(t, store, events.SessionStream(id))); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}

func TestARefusalAppendsNothing(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	id := events.NewSessionID()
	_, err := handler.Do(t.Context(), commands.Issue(session.End{Session: id, By: "anna"}, commands.By("player:anna")))
	if !errors.Is(err, session.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if head, _ := store.Head(t.Context()); head != events.Start {
		t.Errorf("the log is at %d", head)
	}
}

func TestRacingCommandsAllDecideOnWhatIsThere(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	const slots, wanted = 3, 12
	if _, err := handler.Do(t.Context(), commands.Issue(worker.Register{Worker: "w", Incarnation: "a", Slots: slots}, commands.By("worker:w"))); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	results := make(chan error, wanted)
	for range wanted {
		group.Go(func() {
			_, err := handler.Do(t.Context(), commands.Issue(worker.Reserve{Worker: "w", Session: events.NewSessionID()}, commands.By("policy:x")))
			results <- err
		})
	}
	group.Wait()
	close(results)
	served := 0
	for err := range results {
		if err == nil {
			served++
		} else if !errors.Is(err, worker.ErrFull) {
			t.Errorf("got %v", err)
		}
	}
	if served != slots {
		t.Errorf("%d sessions got one of %d slots", served, slots)
	}
}

// contested is a store on which somebody else always appends first.
type contested struct{ events.Store }

func (s contested) Append(_ context.Context, stream events.Stream, expected events.Expected, _ []events.Proposed) (events.Position, error) {
	return 0, &events.ConflictError{Stream: stream, Expected: expected}
}

func TestEndlessConflictsEnd(t *testing.T) {
	handler := commands.NewHandler(contested{memstore.New(clock)}, clock)
	if _, err := handler.Do(t.Context(), request(events.NewSessionID(), commands.By("player:anna"))); !errors.Is(err, commands.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

// down is a store that can't be reached.
type down struct{ events.Store }

func (down) Read(context.Context, events.Stream, events.Revision) iter.Seq2[events.Recorded, error] {
	return func(yield func(events.Recorded, error) bool) { yield(events.Recorded{}, events.ErrUnavailable) }
}

func TestAStoreThatIsDownCanBeTriedAgain(t *testing.T) {
	handler := commands.NewHandler(down{memstore.New(clock)}, clock)
	if _, err := handler.Do(t.Context(), request(events.NewSessionID(), commands.By("player:anna"))); !errors.Is(err, events.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// react delivers the whole log to a reactor until nothing new comes of it.
func react(t *testing.T, store events.Store, reactors ...*commands.Reactor) {
	t.Helper()
	for {
		before, err := store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, reactor := range reactors {
			deliver(t, store, reactor)
		}
		if after, err := store.Head(t.Context()); err != nil || after == before {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

// deliver hands over the log from its start, twice each, up to its end.
func deliver(t *testing.T, store events.Store, reactor *commands.Reactor) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	subscriber := feed.NewSubscriber(store, feed.FromStart, slog.New(slog.DiscardHandler))
	messages, err := subscriber.Subscribe(ctx, feed.Everything)
	if err != nil {
		t.Fatal(err)
	}
	for msg := range messages {
		for range 2 {
			if err := reactor.Handle(msg); err != nil {
				t.Fatal(err)
			}
		}
		d, err := feed.Unpack(msg)
		if err != nil {
			t.Fatal(err)
		}
		msg.Ack()
		if d.CaughtUp() {
			break
		}
	}
	cancel()
	if err := subscriber.Close(); err != nil {
		t.Fatal(err)
	}
}

func reactors(handler *commands.Handler) []*commands.Reactor {
	var all []*commands.Reactor
	for _, policy := range []commands.Policy{session.NewAllocation(), session.NewDeadlines(session.DefaultLimits()), billing.NewMetering()} {
		all = append(all, commands.NewReactor(policy, handler, clock, slog.New(slog.DiscardHandler)))
	}
	return all
}

func types(t *testing.T, store events.Store, stream events.Stream) []string {
	t.Helper()
	var names []string
	for _, r := range stored(t, store, stream) {
		names = append(names, r.Type)
	}
	return names
}

// TestReactorsCarrySessionsThrough plays sessions on one slot, with every
// message delivered twice, and the reactors replaced by new ones half-way.
func TestReactorsCarrySessionsThrough(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	do := func(order commands.Order) {
		t.Helper()
		if _, err := handler.Do(t.Context(), order); err != nil {
			t.Fatalf("%s: %v", order.Name, err)
		}
	}
	w := commands.By("worker:w")
	by := func() commands.Origin { w.ID = events.NewCommandID(); return w }
	do(commands.Issue(worker.Register{Worker: "w", Incarnation: "a", Slots: 1}, by()))
	first, second := events.NewSessionID(), events.NewSessionID()
	do(request(first, by()))
	do(request(second, by()))

	react(t, store, reactors(handler)...)
	if diff := cmp.Diff([]string{"SessionRequested", "SessionAllocated"}, types(t, store, events.SessionStream(first))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"SessionRequested", "SessionQueued"}, types(t, store, events.SessionStream(second))); diff != "" {
		t.Error(diff)
	}

	do(commands.Issue(session.Launch{Session: first}, by()))
	do(commands.Issue(session.Ready{Session: first}, by()))
	do(commands.Issue(session.Activate{Session: first}, by()))
	do(commands.Issue(session.Finish{Session: first, Reason: events.EndedByGame}, by()))

	react(t, store, reactors(handler)...)
	for stream, want := range map[events.Stream][]string{
		events.SessionStream(second): {"SessionRequested", "SessionQueued", "SessionAllocated"},
		events.WorkerStream("w"):     {"WorkerRegistered", "SlotReserved", "SlotReleased", "SlotReserved"},
		events.AccountStream("anna"): {"AccountOpened", "PlaytimeMetered"},
	} {
		if diff := cmp.Diff(want, types(t, store, stream)); diff != "" {
			t.Errorf("%s: %s", stream, diff)
		}
	}
}

func TestAReactorTellsOfAStoreThatIsDown(t *testing.T) {
	store := memstore.New(clock)
	if _, err := commands.NewHandler(store, clock).Do(t.Context(), request(events.NewSessionID(), commands.By("player:anna"))); err != nil {
		t.Fatal(err)
	}
	reactor := commands.NewReactor(session.NewAllocation(), commands.NewHandler(down{store}, clock), clock, slog.New(slog.DiscardHandler))
	subscriber := feed.NewSubscriber(store, feed.FromStart, slog.New(slog.DiscardHandler))
	messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
	if err != nil {
		t.Fatal(err)
	}
	var last error
	handle := func(msg *message.Message) { last = reactor.Handle(msg); msg.Ack() }
	handle(<-messages) // the event: nothing is issued before all is seen
	if last != nil {
		t.Fatal(last)
	}
	handle(<-messages) // caught up: the order is due
	if !errors.Is(last, events.ErrUnavailable) {
		t.Errorf("got %v", last)
	}
	if err := subscriber.Close(); err != nil {
		t.Fatal(err)
	}
}

func ExampleIssue() {
	handler := commands.NewHandler(memstore.New(clock), clock)
	id := events.NewSessionID()
	_, err := handler.Do(context.Background(), commands.Issue(
		session.Pause{Session: id, By: "anna"},
		commands.By(events.ByPlayer("anna")),
	))
	fmt.Println(err)
	// Output: There is no such session.
}
