package commands_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

func phase(s session.State, _ time.Time) events.SessionState { return s.Phase }

func TestAsk(t *testing.T) {
	store := &counted{Store: memstore.New(clock)}
	one, two := commands.NewHandler(store, clock), commands.NewHandler(store, clock)
	id := events.NewSessionID()
	do := func(handler *commands.Handler, command commands.Command[session.State]) {
		t.Helper()
		if _, err := handler.Do(t.Context(), commands.Issue(command, commands.By("player:anna"))); err != nil {
			t.Fatal(err)
		}
	}
	asked := func(handler *commands.Handler, want events.SessionState) {
		t.Helper()
		got, err := commands.Ask(t.Context(), handler, events.SessionStream(id), phase)
		if err != nil || got != want {
			t.Errorf("asked: %q, %v, want %q", got, err, want)
		}
	}
	asked(one, events.SessionNone)
	do(one, session.Request{Session: id, Player: "anna", Game: "doom"})
	do(two, session.Allocate{Session: id, Worker: "w"})
	asked(one, events.SessionIsAllocated) // which another process did
	store.reads, store.events = 0, 0
	do(one, session.Launch{Session: id}) // on what the question has found
	if store.reads != 0 {
		t.Errorf("%d reads for the command after the question", store.reads)
	}
	asked(one, events.SessionIsLaunching)
	if store.events != 1 {
		t.Errorf("%d events were read for what is known, want a look at the last one", store.events)
	}
}

func TestAskGoesOnFromASnapshot(t *testing.T) {
	store, _ := busy(t, 50)
	counting := &counted{Store: store}
	slots, err := commands.Ask(t.Context(), commands.NewHandler(counting, clock), events.WorkerStream("w"),
		func(s worker.State, _ time.Time) int { return len(s.Slots) })
	if err != nil || slots != 1 {
		t.Errorf("%d slots, %v", slots, err)
	}
	if counting.events > 20 {
		t.Errorf("%d events were read of a stream that has a snapshot", counting.events)
	}
}

// TestAskAmongCommands has an account asked while it is metered: its state adds in
// place, so that nobody may look at it meanwhile. The race detector would tell.
func TestAskAmongCommands(t *testing.T) {
	handler := commands.NewHandler(memstore.New(clock), clock)
	const segments = 50
	var group sync.WaitGroup
	group.Go(func() {
		for n := range segments {
			meter := billing.Meter{Player: "anna", Game: "doom", Segment: events.Segment{Number: n + 1, From: clock().Add(-time.Second), To: clock()}}
			if _, err := handler.Do(t.Context(), commands.Issue(meter, commands.By("policy:metering"))); err != nil {
				t.Error(err)
			}
		}
	})
	played := func(a billing.Account, _ time.Time) time.Duration { return a.Played }
	var before time.Duration
	for before < segments*time.Second && !t.Failed() {
		now, err := commands.Ask(t.Context(), handler, events.AccountStream("anna"), played)
		if err != nil || now < before {
			t.Fatalf("%s after %s, %v", now, before, err)
		}
		before = now
	}
	group.Wait()
}

func TestAskWhatCantBeRead(t *testing.T) {
	store := memstore.New(clock)
	handler := commands.NewHandler(store, clock)
	odd := []events.Proposed{{ID: events.DeriveEventID(events.NewCommandID(), 0), Type: "Unheard", Data: []byte(`{}`), Metadata: []byte(`{}`)}}
	if _, err := store.Append(t.Context(), "session-odd", events.AnyRevision(), odd); err != nil {
		t.Fatal(err)
	}
	_, err := commands.Ask(t.Context(), handler, "session-odd", phase)
	var unreadable *events.UnreadableError
	if !errors.As(err, &unreadable) {
		t.Errorf("of an event that is not known: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := commands.Ask(ended, handler, "session-none", phase); !errors.Is(err, context.Canceled) {
		t.Errorf("of who has gone: %v", err)
	}
}
