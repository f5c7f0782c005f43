package node

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// A batch append is many appends over one call. Each has a correlation id, may
// come in several messages, and is answered once. They are decided in the
// order in which their last messages come, and answered in that order:
//
//	Recv ─▶ requests ─▶ gather, by correlation ─▶ begun ─▶ wait, answer
//	 (receiver)           (the call itself)              (answerer)

const (
	// begunAppends may wait for their answers. When there are more, no more
	// is taken from the client.
	begunAppends = 256
	// openAppends is how many a call may have whose last message is not there
	// yet, each of maxAppend bytes at most. One more is refused.
	openAppends = 64
	// longestDeadline is used where a client names none, or one beyond it.
	longestDeadline = time.Hour
)

// batchCall is one call of BatchAppend.
type batchCall struct {
	service *streamsService
	call    streams.Streams_BatchAppendServer
	open    map[uuid.UUID]*batchAppend
	begun   chan *batchAppend
}

// batchAppend is one append of the call.
type batchAppend struct {
	correlation *shared.UUID // as the client wrote it
	options     *streams.BatchAppendReq_Options
	stream      string
	expected    eventlog.Expected
	deadline    time.Time
	events      []eventlog.Event
	size        int
	pending     *eventlog.Pending
	err         error // the answer, where the append has not begun
}

// BatchAppend serves appends until the client ends its side. A message without
// a correlation id ends the call, because nobody could be told.
func (s *streamsService) BatchAppend(call streams.Streams_BatchAppendServer) error {
	b := &batchCall{service: s, call: call, open: map[uuid.UUID]*batchAppend{}, begun: make(chan *batchAppend, begunAppends)}
	var answerer sync.WaitGroup
	answerer.Go(b.answerAll)
	err := b.gatherAll()
	close(b.begun)
	answerer.Wait()
	return err
}

// received is what the receiver got; an error is the last.
type received struct {
	request *streams.BatchAppendReq
	err     error
}

// receive hands over what the client sends. It ends with the call, which the
// return of BatchAppend ends at the latest; Node.Close waits for it.
func (b *batchCall) receive(to chan<- received) {
	for {
		request, err := b.call.Recv()
		select {
		case to <- received{request, err}:
		case <-b.call.Context().Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (b *batchCall) gatherAll() error {
	requests := make(chan received)
	b.service.receivers.Go(func() { b.receive(requests) })
	expiry := time.NewTimer(longestDeadline)
	defer expiry.Stop()
	for {
		expiry.Reset(b.untilExpiry())
		select {
		case r := <-requests:
			if errors.Is(r.err, io.EOF) {
				return nil
			}
			if r.err != nil {
				return r.err
			}
			if err := b.gather(r.request); err != nil {
				return err
			}
		case <-expiry.C:
			b.expire()
		case <-b.service.closing:
			return errClosing
		case <-b.call.Context().Done():
			return b.call.Context().Err()
		}
	}
}

// untilExpiry is the time until the first open append must be given up.
func (b *batchCall) untilExpiry() time.Duration {
	wait := longestDeadline
	for _, a := range b.open {
		wait = min(wait, time.Until(a.deadline))
	}
	return max(wait, 0)
}

// expire answers the open appends whose time is over.
func (b *batchCall) expire() {
	now := time.Now()
	for id, a := range b.open {
		if !a.deadline.After(now) {
			delete(b.open, id)
			b.refuse(a, context.DeadlineExceeded)
		}
	}
}

// gather takes in one message. What is wrong with it is the answer to its
// append; further messages of that append are ignored.
func (b *batchCall) gather(request *streams.BatchAppendReq) error {
	id, err := parseUUID(request.CorrelationId)
	if err != nil {
		return invalid("a batch append without a correlation id: %s", err)
	}
	a := b.open[id]
	if request.Options != nil && a == nil {
		a = &batchAppend{correlation: request.CorrelationId, options: request.Options}
		if err := b.start(a); err != nil {
			b.refuse(a, err)
			return nil
		}
		b.open[id] = a
	}
	if a == nil {
		return nil // the rest of one that has been answered
	}
	if err := a.add(request.ProposedMessages); err != nil {
		delete(b.open, id)
		b.refuse(a, err)
		return nil
	}
	if !request.IsFinal {
		return nil
	}
	delete(b.open, id)
	a.pending, a.err = b.service.log.Begin(b.call.Context(), a.stream, a.expected, a.events)
	a.events = nil
	b.begun <- a
	return nil
}

func (b *batchCall) refuse(a *batchAppend, err error) {
	a.err, a.events = err, nil
	b.begun <- a
}

// start reads the options of an append.
func (b *batchCall) start(a *batchAppend) error {
	if len(b.open) >= openAppends {
		return invalid("%d appends are unfinished: finish one before the next begins", openAppends)
	}
	var err error
	if a.stream, err = writableName(a.options.StreamIdentifier); err != nil {
		return err
	}
	if a.expected, err = expectedOfBatch(a.options); err != nil {
		return err
	}
	ok, err := allowed(b.call.Context(), demand{rightAppend, a.stream}, b.service.log)
	if err != nil {
		return err
	}
	if !ok {
		return status.Errorf(codes.PermissionDenied, "this user may not append to %s", a.stream)
	}
	wait := longestDeadline
	switch d := a.options.DeadlineOption.(type) {
	case *streams.BatchAppendReq_Options_Deadline:
		wait = d.Deadline.AsDuration()
	case *streams.BatchAppendReq_Options_Deadline_21_10_0:
		wait = time.Until(d.Deadline_21_10_0.AsTime())
	}
	if wait <= 0 {
		return context.DeadlineExceeded
	}
	a.deadline = time.Now().Add(min(wait, longestDeadline))
	return nil
}

func (a *batchAppend) add(messages []*streams.BatchAppendReq_ProposedMessage) error {
	for _, m := range messages {
		e, err := proposedEvent(m)
		if err != nil {
			return err
		}
		if a.size += appendSize(&e); a.size > maxAppend {
			return errTooLarge
		}
		a.events = append(a.events, e)
	}
	return nil
}

func expectedOfBatch(o *streams.BatchAppendReq_Options) (eventlog.Expected, error) {
	switch v := o.ExpectedStreamPosition.(type) {
	case *streams.BatchAppendReq_Options_Any:
		return eventlog.Any, nil
	case *streams.BatchAppendReq_Options_NoStream:
		return eventlog.NoStream, nil
	case *streams.BatchAppendReq_Options_StreamExists:
		return eventlog.StreamExists, nil
	case *streams.BatchAppendReq_Options_StreamPosition:
		r, err := revision(v.StreamPosition)
		return eventlog.Expected(r), err
	}
	return 0, invalid("the append has no expected revision")
}

// answerAll answers what was begun, in that order. A client that is gone is
// told nothing; what it began is waited for all the same.
func (b *batchCall) answerAll() {
	gone := false
	for a := range b.begun {
		var appended eventlog.Appended
		if a.err == nil {
			appended, a.err = b.wait(a)
		}
		if !gone {
			gone = b.call.Send(batchAnswer(a, appended)) != nil
		}
	}
}

func (b *batchCall) wait(a *batchAppend) (eventlog.Appended, error) {
	ctx, cancel := context.WithDeadline(b.call.Context(), a.deadline)
	defer cancel()
	return a.pending.Wait(ctx)
}
