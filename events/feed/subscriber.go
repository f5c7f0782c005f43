package feed

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/playcast/playcast/events"
)

// Everything is the topic of the whole log.
const Everything = "$all"

// Subscriber is a Watermill subscriber. A topic is a stream, or Everything.
type Subscriber struct {
	open func(ctx context.Context, topic string) (source, error)
	log  *slog.Logger

	mu     sync.Mutex
	closed bool
	cancel []context.CancelFunc
	group  sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// source is where the messages of one subscription come from.
type source interface {
	// deliver hands messages over, one after the other, until it fails or the
	// context ends.
	deliver(ctx context.Context, to chan<- *message.Message) error
	Close() error
}

// NewSubscriber returns a subscriber that reads the log in its order. Each
// subscription starts after the position that after returns, sees every event,
// and delivers a message until it is acknowledged, before the next one. One to
// a stream reads the whole log, too, and leaves out the rest.
func NewSubscriber(store events.Store, after func(context.Context) (events.Position, error), log *slog.Logger) *Subscriber {
	return &Subscriber{log: log, open: func(ctx context.Context, topic string) (source, error) {
		position, err := after(ctx)
		if err != nil {
			return nil, fmt.Errorf("find the position to start from: %w", err)
		}
		sub, err := store.Subscribe(ctx, position)
		if err != nil {
			return nil, fmt.Errorf("subscribe after %d: %w", position, err)
		}
		return &ordered{Subscription: sub, topic: topic}, nil
	}}
}

// NewGroupSubscriber returns a subscriber whose subscriptions share a stream
// out with all others of the group, on any machine. The store keeps how far
// the group has come. A message comes again, to any of them, when it is not
// acknowledged, when its subscription ends, or when its time is up; so one may
// come twice, and not in order. Everything is no topic here.
func NewGroupSubscriber(store events.Groups, group string, log *slog.Logger) *Subscriber {
	return &Subscriber{log: log, open: func(ctx context.Context, topic string) (source, error) {
		if topic == Everything {
			return nil, fmt.Errorf("group %s: %s can't be shared out: name a stream", group, topic)
		}
		consumer, err := store.Join(ctx, events.Stream(topic), group)
		if err != nil {
			return nil, fmt.Errorf("join group %s of %s: %w", group, topic, err)
		}
		return &shared{consumer}, nil
	}}
}

// FromStart is the position of readers that fold the whole log.
func FromStart(context.Context) (events.Position, error) { return events.Start, nil }

// Subscribe follows the topic until the context or the subscriber ends, and
// then closes the channel. The channel is unbuffered: the log waits for the
// reader.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, events.ErrStoreClosed
	}
	from, err := s.open(ctx, topic)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s.cancel = append(s.cancel, cancel)
	messages := make(chan *message.Message)
	s.group.Go(func() {
		defer close(messages)
		defer cancel()
		if err := from.deliver(ctx, messages); err != nil && ctx.Err() == nil {
			s.log.Error("the feed has ended", "error", err)
		}
		if err := from.Close(); err != nil {
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

// ordered delivers the log, or one stream of it.
type ordered struct {
	events.Subscription
	topic string
}

func (o *ordered) deliver(ctx context.Context, to chan<- *message.Message) error {
	for {
		d, err := o.Next(ctx)
		if err != nil {
			return err
		}
		if o.topic != Everything && (d.CaughtUp() || string(d.Event.Stream) != o.topic) {
			continue
		}
		for acked := false; !acked; {
			if acked, err = offer(ctx, pack(d), to); err != nil {
				return err
			}
		}
	}
}

// shared delivers what a group leaves to this consumer.
type shared struct{ events.Consumer }

func (s *shared) deliver(ctx context.Context, to chan<- *message.Message) error {
	for {
		a, err := s.Next(ctx)
		if err != nil {
			return err
		}
		acked, err := offer(ctx, pack(events.Delivery{Event: &a.Event, Position: a.Event.Position}), to)
		if err != nil {
			return err
		}
		settle := a.Retry
		if acked {
			settle = a.Ack
		}
		if err := settle(); err != nil {
			return err
		}
	}
}

// offer hands a message over and says whether it was acknowledged. The
// message's context ends with that.
func offer(ctx context.Context, msg *message.Message, to chan<- *message.Message) (acked bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	msg.SetContext(ctx)
	select {
	case to <- msg:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case <-msg.Acked():
		return true, nil
	case <-msg.Nacked():
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
