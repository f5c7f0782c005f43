package feed

import (
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// Publisher is a Watermill publisher: a message becomes an event of the stream
// that the topic names, after whatever is there.
type Publisher struct {
	store events.Store
}

var _ message.Publisher = (*Publisher)(nil)

// untyped is the type of the events of messages that name none.
const untyped = "Message"

// NewPublisher returns a publisher to a store, which it doesn't own.
func NewPublisher(store events.Store) *Publisher { return &Publisher{store: store} }

// Publish appends the messages in one append. A message's UUID is the event's
// id, so that publishing again adds nothing. Its metadata has the event's type
// (untyped where it says none) and metadata under "type" and "metadata"; its
// other keys are kept in the event's metadata.
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
			kind = untyped
		}
		metadata, err := withForeign(msg.Metadata.Get(keyMetadata), msg.Metadata)
		if err != nil {
			return fmt.Errorf("message %s: %w", msg.UUID, err)
		}
		batch[i] = events.Proposed{ID: events.EventID(id), Type: kind, Data: msg.Payload, Metadata: metadata}
	}
	if _, err := p.store.Append(messages[0].Context(), events.Stream(topic), events.AnyRevision(), batch); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

// Close does nothing: the store is its owner's.
func (p *Publisher) Close() error { return nil }
