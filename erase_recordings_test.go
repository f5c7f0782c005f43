package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/streamer/storage"
)

// torn is a store of recordings of which some can't be removed.
type torn struct {
	mu      sync.Mutex
	stuck   map[string]bool
	removed []string
}

var _ storage.Store = (*torn)(nil)

func (s *torn) Delete(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stuck[key[:36]] {
		return errors.New("403: the bucket is locked")
	}
	s.removed = append(s.removed, key[:36])
	return nil
}

func (*torn) List(context.Context, string) ([]storage.Object, error) { return nil, nil }
func (*torn) Put(context.Context, string, io.Reader) error           { return errors.ErrUnsupported }
func (*torn) Open(context.Context, string) (io.ReadSeekCloser, storage.Object, error) {
	return nil, storage.Object{}, errors.ErrUnsupported
}

// erasing is an eraser of this process on a log.
func erasing(t *testing.T, tapes storage.Store, store events.Store, handler *commands.Handler) (stop func()) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	skip := feed.Poison{Handler: "recording-eraser", Store: store, Recorder: poisonRecorder{handler}, Patience: stubborn, Log: quiet}
	e := newEraser(tapes, handler, skip)
	subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
	messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
	if err != nil {
		t.Fatal(err)
	}
	handle := skip.Replays(func(msg *message.Message) ([]*message.Message, error) { return nil, e.handle(msg) })
	var group sync.WaitGroup
	group.Go(func() {
		for msg := range messages {
			if _, err := handle(msg); err != nil {
				msg.Nack()
				continue
			}
			msg.Ack()
		}
	})
	return func() {
		e.sides.Close()
		if err := subscriber.Close(); err != nil {
			t.Error(err)
		}
		group.Wait()
	}
}

// TestARecordingThatCantBeErasedHoldsUpNoOther: it is kept for an operator, and
// erased when they ask for it.
func TestARecordingThatCantBeErasedHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memstore.New(time.Now)
		handler := commands.NewHandler(store, time.Now)
		do := func(order commands.Order) {
			t.Helper()
			if _, err := handler.Do(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		tapes := &torn{stuck: map[string]bool{}}
		var all []events.RecordingID
		for i := range 4 {
			id := events.RecordingID(uuid.UUID{15: byte(i + 1)})
			all = append(all, id)
			for n, e := range []events.Event{events.RecordingOpened{Recording: id, At: time.Now()}, events.RecordingFinished{Recording: id, At: time.Now()}} {
				proposed, err := events.Encode(events.EventID(uuid.UUID{14: byte(n), 15: byte(i)}), e, events.Metadata{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := store.Append(t.Context(), events.RecordingStream(id), events.AnyRevision(), []events.Proposed{proposed}); err != nil {
					t.Fatal(err)
				}
			}
			do(commands.Issue(recording.Delete{Recording: id, Reason: events.DeletedByAge}, commands.By("policy:test")))
		}
		stuck := all[1].String()
		tapes.stuck[stuck] = true
		stop := erasing(t, tapes, store, handler)
		time.Sleep(time.Second / 2)
		synctest.Wait()
		if n := erasedIn(t, store, all); n != 3 {
			t.Errorf("%d of the others are erased at once, want 3", n)
		}
		time.Sleep(time.Hour)
		stop()
		stop = erasing(t, tapes, store, handler) // the next start finds it undone, too
		time.Sleep(time.Hour)
		state, err := commands.Load[poison.State](t.Context(), store, events.PoisonStream("recording-eraser"))
		if err != nil || len(state.Held) != 1 || state.Held[0].Event.Stream != events.RecordingStream(all[1]) || state.Held[0].Attempts != stubborn.Attempts {
			t.Fatalf("held is %+v, %v", state.Held, err)
		}
		tapes.mu.Lock()
		tapes.stuck[stuck] = false
		tapes.mu.Unlock()
		do(commands.Issue(poison.Replay{Handler: "recording-eraser", Event: state.Held[0].Event.Event}, byOperator()))
		time.Sleep(time.Minute)
		stop()
		if state, err = commands.Load[poison.State](t.Context(), store, events.PoisonStream("recording-eraser")); err != nil || len(state.Held) != 0 {
			t.Errorf("held is %+v, %v", state.Held, err)
		}
		if n := erasedIn(t, store, all); n != 4 || !slices.Contains(tapes.removed, stuck) {
			t.Errorf("%d are erased in the end", n)
		}
	})
}

func erasedIn(t *testing.T, store events.Store, all []events.RecordingID) (n int) {
	t.Helper()
	for _, id := range all {
		state, err := commands.Load[recording.State](t.Context(), store, events.RecordingStream(id))
		if err != nil {
			t.Fatal(fmt.Errorf("load: %w", err))
		}
		if state.Phase == events.RecordingIsErased {
			n++
		}
	}
	return n
}
