package commands_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

// foreign are events that this playcast can't read, and what they are.
var foreign = map[string]struct {
	proposed events.Proposed
	want     error
}{
	"an unknown type":  {events.Proposed{Type: "SessionTeleported", Data: []byte("{}"), Metadata: []byte(`{"schemaVersion":1}`)}, events.ErrUnknownType},
	"a newer version":  {events.Proposed{Type: "SessionQueued", Data: []byte("{}"), Metadata: []byte(`{"schemaVersion":7}`)}, events.ErrNewerVersion},
	"malformed data":   {events.Proposed{Type: "SessionQueued", Data: []byte("["), Metadata: []byte(`{"schemaVersion":1}`)}, events.ErrMalformed},
	"malformed beside": {events.Proposed{Type: "SessionQueued", Data: []byte("{}"), Metadata: []byte(`now`)}, events.ErrMalformed},
}

// met wants an error to say which event it is about.
func met(t *testing.T, err, want error, stream events.Stream, revision events.Revision) {
	t.Helper()
	var unreadable *events.UnreadableError
	if !errors.Is(err, want) || !errors.As(err, &unreadable) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if unreadable.Stream != stream || unreadable.Revision != revision || unreadable.Position != 2 {
		t.Errorf("it is about %+v", unreadable)
	}
	if !strings.Contains(err.Error(), "playcast") {
		t.Errorf("%q does not say what to do", err)
	}
}

func TestAnUnreadableEventStopsTheDecision(t *testing.T) {
	for name, c := range foreign {
		t.Run(name, func(t *testing.T) {
			store := memstore.New(clock)
			id := events.NewSessionID()
			knows, reads := commands.NewHandler(store, clock), commands.NewHandler(store, clock)
			if _, err := knows.Do(t.Context(), request(id, commands.By("player:anna"))); err != nil {
				t.Fatal(err)
			}
			c.proposed.ID = events.EventID(uuid.New())
			if _, err := store.Append(t.Context(), events.SessionStream(id), events.After(0), []events.Proposed{c.proposed}); err != nil {
				t.Fatal(err)
			}
			for range 2 { // and again: the stream is not taken for known up to there
				for _, handler := range []*commands.Handler{knows, reads} {
					_, err := handler.Do(t.Context(), commands.Issue(session.Queue{Session: id}, commands.By("policy:x")))
					met(t, err, c.want, events.SessionStream(id), 1)
				}
			}
			if head, _ := store.Head(t.Context()); head != 2 {
				t.Errorf("something was appended after it: the log is at %d", head)
			}
		})
	}
}

// TestAnImpossibleHistoryStopsTheDecision: a slot is given that is not there.
func TestAnImpossibleHistoryStopsTheDecision(t *testing.T) {
	store := memstore.New(clock)
	reserved, err := events.Encode(events.EventID(uuid.New()), events.SlotReserved{Worker: "w", Slot: 7, At: now}, events.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	for revision := range 2 { // the first elsewhere: positions are not revisions
		if _, err := store.Append(t.Context(), events.Stream([]string{"other", "worker-w"}[revision]), events.NoStream(), []events.Proposed{reserved}); err != nil {
			t.Fatal(err)
		}
	}
	handler := commands.NewHandler(store, clock)
	for range 2 {
		_, err := handler.Do(t.Context(), commands.Issue(worker.Reserve{Worker: "w", Session: events.NewSessionID()}, commands.By("policy:x")))
		met(t, err, events.ErrMalformed, "worker-w", 0)
		_, err = commands.Load[worker.State](t.Context(), store, "worker-w")
		met(t, err, events.ErrMalformed, "worker-w", 0)
	}
}

func TestLoad(t *testing.T) {
	store, _ := busy(t, 3)
	if w, err := commands.Load[worker.State](t.Context(), store, "worker-w"); err != nil || !w.Running || len(w.Slots) != 1 || !w.Slots[0].IsZero() {
		t.Errorf("loaded is %+v, %v", w, err)
	}
	if none, err := commands.Load[worker.State](t.Context(), store, "worker-x"); err != nil || none.Running {
		t.Errorf("of nothing is loaded %+v, %v", none, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := commands.Load[worker.State](ctx, store, "worker-w"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that there is no time for it", err)
	}
	for name, c := range foreign {
		c.proposed.ID = events.EventID(uuid.New())
		stream := events.SessionStream(events.NewSessionID())
		if _, err := store.Append(t.Context(), stream, events.NoStream(), []events.Proposed{c.proposed}); err != nil {
			t.Fatal(err)
		}
		var unreadable *events.UnreadableError
		if _, err := commands.Load[session.State](t.Context(), store, stream); !errors.Is(err, c.want) || !errors.As(err, &unreadable) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestAnUnreadableEventStopsThePolicies: what follows it is neither folded nor
// acted on, however often the message comes.
func TestAnUnreadableEventStopsThePolicies(t *testing.T) {
	for name, c := range foreign {
		t.Run(name, func(t *testing.T) {
			store := memstore.New(clock)
			handler := commands.NewHandler(store, clock)
			if _, err := handler.Do(t.Context(), request(events.NewSessionID(), commands.By("player:anna"))); err != nil {
				t.Fatal(err)
			}
			c.proposed.ID = events.EventID(uuid.New())
			if _, err := store.Append(t.Context(), "session-x", events.NoStream(), []events.Proposed{c.proposed}); err != nil {
				t.Fatal(err)
			}
			quiet := slog.New(slog.DiscardHandler)
			reactor := commands.NewReactor(session.NewAllocation(), handler, clock, quiet)
			subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
			messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
			if err != nil {
				t.Fatal(err)
			}
			first := <-messages
			if err := reactor.Handle(first); err != nil {
				t.Fatal(err)
			}
			first.Ack()
			for range 3 {
				again := <-messages
				met(t, reactor.Handle(again), c.want, "session-x", 0)
				again.Nack()
			}
			if err := subscriber.Close(); err != nil {
				t.Fatal(err)
			}
			if head, _ := store.Head(t.Context()); head != 2 {
				t.Errorf("a policy has acted: the log is at %d", head)
			}
		})
	}
}

// clumsy is a policy that can't fold what ends.
type clumsy struct{ nosy }

func (*clumsy) Evolve(n commands.Noted) {
	if _, ends := n.Event.(events.SessionEnding); ends {
		panic("nothing ends here")
	}
}

// TestAnEventThatAPolicyCantFoldStopsIt: half of what it did may be done.
func TestAnEventThatAPolicyCantFoldStopsIt(t *testing.T) {
	policy := &clumsy{}
	reactor := commands.NewReactor(policy, commands.NewHandler(memstore.New(clock), clock), clock, slog.New(slog.DiscardHandler))
	if err := reactor.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	take := func(e events.Event, position events.Position) error {
		return reactor.Take(t.Context(), commands.Noted{Event: e, Position: position})
	}
	if err := take(events.SessionQueued{}, 1); err != nil {
		t.Fatal(err)
	}
	asked := policy.asked.Load()
	for range 2 {
		for _, err := range []error{take(events.SessionEnding{}, 2), take(events.SessionEnded{}, 3), reactor.CaughtUp(t.Context()), reactor.Look(t.Context())} {
			var unreadable *events.UnreadableError
			if err != nil && (!errors.Is(err, events.ErrMalformed) || !errors.As(err, &unreadable) || unreadable.Type != "SessionEnding" || unreadable.Position != 2) {
				t.Errorf("it is said that %v", err)
			}
		}
		if err := take(events.SessionEnded{}, 3); err == nil {
			t.Error("what follows is folded")
		}
	}
	if policy.asked.Load() != asked {
		t.Error("it is asked what is due")
	}
}

// nosy is a policy that counts how often it was asked what is due.
type nosy struct{ asked atomic.Int64 }

func (*nosy) Name() string          { return "nosy" }
func (*nosy) Evolve(commands.Noted) {}
func (n *nosy) Due(time.Time) []commands.Order {
	n.asked.Add(1)
	return nil
}

// TestAPolicyThatIsStoppedHasNoDeadlines either: what it knows is out of date.
func TestAPolicyThatIsStoppedHasNoDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memstore.New(clock)
		quiet := slog.New(slog.DiscardHandler)
		policy := &nosy{}
		reactor := commands.NewReactor(policy, commands.NewHandler(store, clock), clock, quiet)
		subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
		messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
		if err != nil {
			t.Fatal(err)
		}
		atEnd := <-messages
		if err := reactor.Handle(atEnd); err != nil {
			t.Fatal(err)
		}
		atEnd.Ack()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go reactor.Watch(ctx)
		time.Sleep(time.Minute + time.Millisecond) // between two looks
		before := policy.asked.Load()
		unknown := foreign["an unknown type"].proposed
		if _, err := store.Append(t.Context(), "session-x", events.NoStream(), []events.Proposed{unknown}); err != nil {
			t.Fatal(err)
		}
		if err := reactor.Handle(<-messages); !errors.Is(err, events.ErrUnknownType) {
			t.Fatalf("got %v", err)
		}
		time.Sleep(time.Minute)
		if after := policy.asked.Load(); before < 60 || after != before {
			t.Errorf("asked %d times before and %d after", before, after-before)
		}
		if err := subscriber.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
