package feed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

// keeper is a Recorder that appends what it is told, once, after it was away for
// so many calls.
type keeper struct {
	store events.Store

	mu       sync.Mutex
	away     int
	failures []feed.Failure
}

var _ feed.Recorder = (*keeper)(nil)

func (k *keeper) keep(ctx context.Context, because events.EventID, handler events.HandlerID, e events.Event) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.away > 0 {
		k.away--
		return fmt.Errorf("append: %w", events.ErrUnavailable)
	}
	id := events.EventID(uuid.NewSHA1(uuid.UUID(because), []byte(handler)))
	proposed, err := events.Encode(id, e, events.Metadata{})
	if err != nil {
		return err
	}
	_, err = k.store.Append(ctx, events.PoisonStream(handler), events.AnyRevision(), []events.Proposed{proposed})
	return err
}

func (k *keeper) Poisoned(ctx context.Context, f feed.Failure) error {
	because := f.Event.Event
	if f.Asked != (events.EventID{}) {
		because = f.Asked
	}
	err := k.keep(ctx, because, f.Handler, events.EventPoisoned{Handler: f.Handler, Event: f.Event, Cause: f.Cause, Attempts: f.Attempts, At: time.Now()})
	if err == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.failures = append(k.failures, f)
	}
	return err
}

func (k *keeper) Replayed(ctx context.Context, handler events.HandlerID, event, asked events.EventID) error {
	return k.keep(ctx, asked, handler, events.PoisonReplayed{Handler: handler, Event: event, At: time.Now()})
}

// reading is a handler named mail that runs on a store with a Poison.
type reading struct {
	*keeper
	t      *testing.T
	store  *memstore.Store
	poison feed.Poison
	log    *bytes.Buffer

	mu   sync.Mutex
	fail map[events.Revision]func(attempt int) error // of the stream test-1
	tries,
	handled []events.Revision
}

func reader(t *testing.T, n int) *reading {
	store := filled(t, n)
	r := &reading{t: t, store: store, keeper: &keeper{store: store}, log: &bytes.Buffer{}, fail: map[events.Revision]func(int) error{}}
	r.poison = feed.Poison{Handler: "mail", Store: store, Recorder: r.keeper, Log: slog.New(slog.NewTextHandler(r.log, nil))}
	return r
}

func (r *reading) handle(msg *message.Message) ([]*message.Message, error) {
	d, err := feed.Unpack(msg)
	if err != nil || d.CaughtUp() {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d.Event.Stream != "test-1" {
		r.t.Errorf("the handler was given an event of %s", d.Event.Stream)
	}
	r.tries = append(r.tries, d.Event.Revision)
	if fail := r.fail[d.Event.Revision]; fail != nil {
		n := 0
		for _, tried := range r.tries {
			if tried == d.Event.Revision {
				n++
			}
		}
		if err := fail(n); err != nil {
			return nil, err
		}
	}
	r.handled = append(r.handled, d.Event.Revision)
	return nil, nil
}

// run carries the log to the handler, and returns how to end that.
func (r *reading) run(middleware message.HandlerMiddleware) (stop func()) {
	r.t.Helper()
	subscriber := feed.NewSubscriber(r.store, feed.FromStart, quiet)
	messages, err := subscriber.Subscribe(r.t.Context(), feed.Everything)
	if err != nil {
		r.t.Fatal(err)
	}
	handle := middleware(r.handle)
	var group sync.WaitGroup
	group.Go(func() {
		for msg := range messages {
			if _, err := handle(msg); err != nil {
				msg.Nack()
			} else {
				msg.Ack()
			}
		}
	})
	return func() {
		if err := subscriber.Close(); err != nil {
			r.t.Error(err)
		}
		group.Wait()
	}
}

// done are the events that the handler has handled.
func (r *reading) done() []events.Revision {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.handled)
}

func (r *reading) tried() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tries)
}

func (r *reading) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handled = nil
}

// kept are the events of the handler's poison.
func (r *reading) kept() (all []events.Event) {
	r.t.Helper()
	for recorded, err := range r.store.Read(r.t.Context(), events.PoisonStream("mail"), 0) {
		if err != nil {
			r.t.Fatal(err)
		}
		e, _, err := events.Decode(recorded)
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// pass lets time pass in a bubble.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

var errBad = errors.New("anna@example.org has no mailbox")

func always(err error) func(int) error { return func(int) error { return err } }

func TestAPoisonedEventIsRecordedAndTheNextIsHandled(t *testing.T) {
	unreadable := &events.UnreadableError{Err: fmt.Errorf("%w: anna@example.org", events.ErrMalformed)}
	for name, c := range map[string]struct {
		fail     func(int) error
		cause    string
		attempts int
	}{
		"an error":               {always(fmt.Errorf("send: %w", errBad)), "error: *fmt.wrapError", 5},
		"a kind of error":        {always(fmt.Errorf("send: %w", &time.ParseError{Value: "anna@example.org"})), "error: *time.ParseError", 5},
		"a fault":                {always(feed.ErrOvertaken), "fault: event-overtaken", 1},
		"a panic":                {func(int) error { panic("anna@example.org") }, "panic: string", 5},
		"a time that is up":      {always(context.DeadlineExceeded), "its time was up", 5},
		"what can't be read":     {always(unreadable), "unreadable: malformed event", 1},
		"with the store between": {func(n int) error { return []error{errBad, events.ErrUnavailable}[n%2] }, "error: *errors.errorString", 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := reader(t, 3)
				r.fail[1] = c.fail
				stop := r.run(r.poison.Middleware)
				pass(time.Minute)
				stop()
				if !slices.Equal(r.done(), []events.Revision{0, 2}) {
					t.Errorf("handled is %v, want all but 1", r.done())
				}
				all := r.kept()
				if len(all) != 1 {
					t.Fatalf("kept is %v", all)
				}
				got := all[0].(events.EventPoisoned)
				if got.Cause != c.cause || got.Attempts != c.attempts || got.Event.Stream != "test-1" || got.Event.Revision != 1 || got.Event.Position != 2 || got.Event.Type != "Tested" {
					t.Errorf("kept is %+v", got)
				}
				if n := strings.Count(r.log.String(), "level=ERROR"); n != 1 {
					t.Errorf("it was logged %d times: %s", n, r.log)
				}
			})
		})
	}
}

func TestWhatPassesIsWaitedForAndNothingIsLost(t *testing.T) {
	for _, passing := range []error{events.ErrUnavailable, events.ErrStoreClosed, context.Canceled} {
		t.Run(passing.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := reader(t, 3)
				back := time.Now().Add(time.Hour)
				r.fail[0] = func(int) error {
					if time.Now().Before(back) {
						return fmt.Errorf("read: %w", passing)
					}
					return nil
				}
				r.fail[1], r.away = always(errBad), 1000
				stop := r.run(r.poison.Middleware)
				pass(30 * time.Minute)
				if len(r.done()) > 0 || len(r.kept()) > 0 {
					t.Errorf("before the store is back, handled is %v and kept %v", r.done(), r.kept())
				}
				pass(3 * time.Hour)
				stop()
				if !slices.Equal(r.done(), []events.Revision{0, 2}) || len(r.kept()) != 1 {
					t.Errorf("handled is %v, kept %v", r.done(), r.kept())
				}
			})
		})
	}
}

func TestTheEndLeavesAPoisonedEventToTheNextRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := reader(t, 2)
		r.fail[0], r.away = always(errBad), 1<<30
		stop := r.run(r.poison.Middleware)
		pass(time.Minute)
		stop()
		if len(r.done()) > 0 {
			t.Errorf("handled is %v, before what was skipped could be kept", r.done())
		}
		r.away = 0
		for range 2 { // and delivered once more to a third run
			stop = r.run(r.poison.Middleware)
			pass(time.Minute)
			stop()
		}
		if len(r.kept()) != 1 || !slices.Equal(r.done(), []events.Revision{1, 1}) {
			t.Errorf("kept is %v, handled %v", r.kept(), r.done())
		}
	})
}
