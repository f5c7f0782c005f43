package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// Everything is the topic of the whole log.
const Everything = "$all"

// The metadata of a message. The payload is the event's data.
const (
	keyStream   = "stream"
	keyRevision = "revision"
	keyPosition = "position"
	keyTime     = "time"
	keyType     = "type"
	keyMetadata = "metadata"
	keyCaughtUp = "caught_up" // the message carries no event: Delivery.CaughtUp
)

// Subscriber is a Watermill subscriber of the log. Its one topic is
// Everything; each subscription starts after a position of its own choice.
type Subscriber struct {
	store events.Store
	after func(context.Context) (events.Position, error)
	log   *slog.Logger

	mu     sync.Mutex
	closed bool
	cancel []context.CancelFunc
	group  sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber returns a subscriber whose subscriptions start after the
// position that after returns.
func NewSubscriber(store events.Store, after func(context.Context) (events.Position, error), log *slog.Logger) *Subscriber {
	return &Subscriber{store: store, after: after, log: log}
}

// FromStart is the position of readers that fold the whole log.
func FromStart(context.Context) (events.Position, error) { return events.Start, nil }

// Subscribe follows the log until the context or the subscriber ends, and then
// closes the channel. The channel is unbuffered: the log waits for the reader.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if topic != Everything {
		return nil, fmt.Errorf("subscribe to topic %q: the only topic is %s", topic, Everything)
	}
	after, err := s.after(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the position to start from: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, events.ErrStoreClosed
	}
	sub, err := s.store.Subscribe(ctx, after)
	if err != nil {
		return nil, fmt.Errorf("subscribe after %d: %w", after, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	s.cancel = append(s.cancel, cancel)
	messages := make(chan *message.Message)
	s.group.Go(func() {
		defer close(messages)
		defer cancel()
		if err := deliver(ctx, sub, messages); err != nil && ctx.Err() == nil {
			s.log.Error("the feed has ended", "error", err)
		}
		if err := sub.Close(); err != nil {
			s.log.Error("close the feed's subscription", "error", err)
		}
	})
	return messages, nil
}

// Close ends every subscription and waits for them.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, cancel := range s.cancel {
		cancel()
	}
	s.mu.Unlock()
	s.group.Wait()
	return nil
}

func deliver(ctx context.Context, sub events.Subscription, to chan<- *message.Message) error {
	for {
		d, err := sub.Next(ctx)
		if err != nil {
			return err
		}
		for acked := false; !acked; {
			msg := pack(d)
			msg.SetContext(ctx)
			select {
			case to <- msg:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case <-msg.Acked():
				acked = true
			case <-msg.Nacked():
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

func pack(d events.Delivery) *message.Message {
	if d.CaughtUp() {
		msg := message.NewMessage(uuid.NewString(), nil)
		msg.Metadata.Set(keyCaughtUp, "true")
		msg.Metadata.Set(keyPosition, strconv.FormatUint(uint64(d.Position), 10))
		return msg
	}
	r := d.Event
	msg := message.NewMessage(r.ID.String(), r.Data)
	msg.Metadata = message.Metadata{
		keyStream:   string(r.Stream),
		keyRevision: strconv.FormatUint(uint64(r.Revision), 10),
		keyPosition: strconv.FormatUint(uint64(r.Position), 10),
		keyTime:     r.Time.Format(time.RFC3339Nano),
		keyType:     r.Type,
		keyMetadata: string(r.Metadata),
	}
	return msg
}

// Unpack returns the delivery that a message of a Subscriber carries.
func Unpack(msg *message.Message) (events.Delivery, error) {
	position, err := strconv.ParseUint(msg.Metadata.Get(keyPosition), 10, 64)
	if err != nil {
		return events.Delivery{}, fmt.Errorf("position of message %s: %w", msg.UUID, err)
	}
	d := events.Delivery{Position: events.Position(position)}
	if msg.Metadata.Get(keyCaughtUp) != "" {
		return d, nil
	}
	revision, revisionErr := strconv.ParseUint(msg.Metadata.Get(keyRevision), 10, 64)
	at, timeErr := time.Parse(time.RFC3339Nano, msg.Metadata.Get(keyTime))
	id, idErr := uuid.Parse(msg.UUID)
	if err := errors.Join(revisionErr, timeErr, idErr); err != nil {
		return events.Delivery{}, fmt.Errorf("message %s: %w", msg.UUID, err)
	}
	d.Event = &events.Recorded{
		ID: events.EventID(id), Stream: events.Stream(msg.Metadata.Get(keyStream)),
		Revision: events.Revision(revision), Position: d.Position, Time: at,
		Type: msg.Metadata.Get(keyType), Data: msg.Payload, Metadata: []byte(msg.Metadata.Get(keyMetadata)),
	}
	return d, nil
}

// Publisher is a Watermill publisher: a message becomes an event of the stream
// that the topic names, after whatever is there.
type Publisher struct {
	store events.Store
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher returns a publisher to a store, which it doesn't own.
func NewPublisher(store events.Store) *Publisher { return &Publisher{store: store} }

// Publish appends the messages in one append. A message's UUID is the event's
// id, so that publishing again adds nothing; its metadata has the event's type
// and metadata under "type" and "metadata".
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if len(messages) == 0 {
		return nil
	}
	batch := make([]events.Proposed, len(messages))
	for i, msg := range messages {
		id, err := uuid.Parse(msg.UUID)
		if err != nil {
			return fmt.Errorf("id of message %q: %w", msg.UUID, err)
		}
		kind := msg.Metadata.Get(keyType)
		if kind == "" {
			return fmt.Errorf("message %s has no type in its metadata", msg.UUID)
		}
		metadata := msg.Metadata.Get(keyMetadata)
		if metadata == "" {
			metadata = "{}"
		}
		batch[i] = events.Proposed{ID: events.EventID(id), Type: kind, Data: msg.Payload, Metadata: []byte(metadata)}
	}
	if _, err := p.store.Append(messages[0].Context(), events.Stream(topic), events.AnyRevision(), batch); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

// Close does nothing: the store is its owner's.
func (p *Publisher) Close() error { return nil }
