package feed_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// filled returns a store with n events in one stream.
func filled(t *testing.T, n int) *memstore.Store {
	t.Helper()
	store := memstore.New(time.Now)
	for i := range n {
		add(t, store, i)
	}
	return store
}

func add(t *testing.T, store events.Store, i int) {
	t.Helper()
	_, err := store.Append(t.Context(), "test-1", events.AnyRevision(), []events.Proposed{{
		ID: events.EventID(uuid.New()), Type: "Tested", Data: fmt.Appendf(nil, `{"n":%d}`, i), Metadata: []byte(`{}`),
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestANackedMessageComesAgainBeforeTheNext(t *testing.T) {
	store := filled(t, 2)
	subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
	defer subscriber.Close()
	messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
	if err != nil {
		t.Fatal(err)
	}
	first := <-messages
	first.Nack()
	again := <-messages
	if again.UUID != first.UUID {
		t.Fatal("another message came")
	}
	again.Ack()
	second := <-messages
	second.Ack()
	atEnd := <-messages
	d, err := feed.Unpack(atEnd)
	if err != nil || !d.CaughtUp() || d.Position != 2 {
		t.Errorf("after the last: %+v, %v", d, err)
	}
	atEnd.Ack()
	add(t, store, 2)
	live, err := feed.Unpack(<-messages)
	if err != nil || live.CaughtUp() || live.Event.Revision != 2 || string(live.Event.Data) != `{"n":2}` {
		t.Errorf("live: %+v, %v", live, err)
	}
}

func TestUnpackGivesBackTheEvent(t *testing.T) {
	store := filled(t, 1)
	subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
	defer subscriber.Close()
	messages, err := subscriber.Subscribe(t.Context(), feed.Everything)
	if err != nil {
		t.Fatal(err)
	}
	d, err := feed.Unpack(<-messages)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range store.Read(t.Context(), "test-1", 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got := *d.Event; got.ID != r.ID || got.Position != r.Position || !got.Time.Equal(r.Time) || got.Stream != r.Stream || string(got.Metadata) != string(r.Metadata) {
			t.Errorf("got %+v, want %+v", got, r)
		}
	}
	if _, err := feed.Unpack(message.NewMessage("x", nil)); err == nil {
		t.Error("a foreign message was taken")
	}
}

func TestAStreamIsATopic(t *testing.T) {
	store := filled(t, 1)
	publisher := feed.NewPublisher(store)
	subscriber := feed.NewSubscriber(store, feed.FromStart, quiet)
	messages, err := subscriber.Subscribe(t.Context(), "test-2")
	if err != nil {
		t.Fatal(err)
	}
	msg := message.NewMessage(uuid.NewString(), []byte(`{}`))
	msg.Metadata.Set("trace", "kept")
	if err := publisher.Publish("test-2", msg); err != nil {
		t.Fatal(err)
	}
	got := <-messages
	if got.UUID != msg.UUID || got.Metadata.Get("trace") != "kept" || got.Metadata.Get("type") != "Message" {
		t.Errorf("got %s, %v", got.UUID, got.Metadata)
	}
	if err := subscriber.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := subscriber.Subscribe(t.Context(), feed.Everything); !errors.Is(err, events.ErrStoreClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestPublishingAgainAddsNothing(t *testing.T) {
	store := memstore.New(time.Now)
	publisher := feed.NewPublisher(store)
	msg := message.NewMessage(uuid.NewString(), []byte(`{"a":1}`))
	msg.Metadata.Set("type", "Tested")
	for range 2 {
		if err := publisher.Publish("test-1", msg); err != nil {
			t.Fatal(err)
		}
	}
	if head, _ := store.Head(t.Context()); head != 1 {
		t.Errorf("%d events", head)
	}
	if err := publisher.Publish("test-1", message.NewMessage("no uuid", nil)); err == nil {
		t.Error("a message without a UUID was published")
	}
	foreign := message.NewMessage(uuid.NewString(), nil)
	foreign.Metadata = message.Metadata{"metadata": "no JSON", "trace": "lost"}
	if err := publisher.Publish("test-1", foreign); err == nil {
		t.Error("a message whose metadata can't be kept was published")
	}
}
