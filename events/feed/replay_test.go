package feed_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

// asks records that an event is to be handled again.
func (r *reading) asks(event events.EventReference) {
	r.t.Helper()
	if err := r.keep(r.t.Context(), events.EventID(uuid.New()), "mail", events.PoisonReplayAsked{Handler: "mail", Event: event, At: time.Now()}); err != nil {
		r.t.Fatal(err)
	}
}

func TestWhatIsAskedIsHandledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := reader(t, 3)
		var broken atomic.Bool
		broken.Store(true)
		r.fail[1] = func(int) error {
			if broken.Load() {
				return errBad
			}
			return nil
		}
		stop := r.run(r.poison.Middleware)
		defer func() { stop() }()
		pass(time.Minute)
		event := r.kept()[0].(events.EventPoisoned).Event

		r.asks(event)
		pass(time.Minute)
		if all := r.kept(); len(all) != 3 || all[2].EventType() != "EventPoisoned" {
			t.Fatalf("what is still broken came to %v", all)
		}
		broken.Store(false)
		r.asks(event)
		pass(time.Minute)
		if all := r.kept(); len(all) != 5 || all[4].(events.PoisonReplayed).Event != event.Event {
			t.Fatalf("what is mended came to %v", all)
		}
		if !slices.Equal(r.done(), []events.Revision{0, 2, 1}) {
			t.Errorf("handled is %v", r.done())
		}

		// What was answered is not done again by the next run; what was not, is.
		stop()
		r.asks(event)
		r.forget()
		stop = r.run(r.poison.Middleware)
		pass(time.Minute)
		if !slices.Equal(r.done(), []events.Revision{0, 1, 2, 1}) {
			t.Errorf("the next run has handled %v", r.done())
		}
	})
}

func TestWhatIsNotThereCantBeHandledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := reader(t, 2)
		stop := r.run(r.poison.Middleware)
		defer stop()
		for i, event := range []events.EventReference{
			{Event: events.EventID(uuid.New()), Stream: "test-1", Revision: 1},
			{Event: events.EventID(uuid.New()), Stream: "test-1", Revision: 99},
			{Event: events.EventID(uuid.New()), Stream: "no such \x1b[2J stream"},
		} {
			r.asks(event)
			pass(time.Minute)
			all := r.kept()
			if got, is := all[len(all)-1].(events.EventPoisoned); !is || got.Cause != "fault: event-gone" || got.Event != event || len(all) != 2*(i+1) {
				t.Errorf("it came to %v", all)
			}
		}
		if len(r.done()) != 2 {
			t.Errorf("handled is %v", r.done())
		}
	})
}

// TestNobodyElseSaysWhatAMessageIs: keys of the feed's own in the metadata of an
// event are what somebody wrote.
func TestNobodyElseSaysWhatAMessageIs(t *testing.T) {
	store := memstore.New(time.Now)
	_, err := store.Append(t.Context(), "test-1", events.AnyRevision(), []events.Proposed{{
		ID: events.EventID(uuid.New()), Type: "Tested", Data: []byte(`{}`),
		Metadata: []byte(`{"message":{"caught_up":"true","asked":"01970000-0000-7000-8000-000000000004","stream":"other"}}`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
	defer subscriber.Close()
	messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
	if err != nil {
		t.Fatal(err)
	}
	msg := <-messages
	if d, err := feed.Unpack(msg); err != nil || d.CaughtUp() || d.Event.Stream != "test-1" || feed.Replayed(msg) {
		t.Errorf("it is taken for %+v, %v, replayed %t", d, err, feed.Replayed(msg))
	}
}
