package node

import (
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/playcast/playcast/events/node/internal/competing"
	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Read joins a client to a group: events go out, answers come in.
//
//	group ── Out ──▶ this goroutine ── send ──▶ client
//	  ▲                                           │
//	  └── ack, nack ── receive's goroutine ◀──────┘
//
// It ends when either side does. What the client holds then goes back.
func (s *persistentService) Read(call persistent.PersistentSubscriptions_ReadServer) error {
	ctx := call.Context()
	first, err := call.Recv()
	if err != nil {
		return endOfRequest(err)
	}
	o := first.GetOptions()
	if o == nil {
		return invalid("a persistent subscription begins with its options")
	}
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return err
	}
	consumer, err := s.groups.Join(ctx, key, member(ctx, int(o.GetBufferSize())))
	if err != nil {
		return groupStatus(ctx, key, err)
	}
	defer consumer.Leave()
	_, stringIDs := o.GetUuidOption().GetContent().(*persistent.ReadReq_Options_UUIDOption_String_)
	out := &consumerSender{call: call, key: key, log: s.log, stringIDs: stringIDs}
	if err := call.Send(&persistent.ReadResp{Content: &persistent.ReadResp_SubscriptionConfirmation_{
		SubscriptionConfirmation: &persistent.ReadResp_SubscriptionConfirmation{SubscriptionId: memberName(key)}}}); err != nil {
		return err
	}
	received := make(chan error, 1)
	s.receiving.Add(1)
	go func() {
		defer s.receiving.Done()
		received <- receive(call, consumer)
	}()
	for {
		select {
		case d := <-consumer.Out:
			if err := out.send(d); err != nil {
				return toStatus(ctx, err)
			}
		case <-consumer.Gone:
			return groupStatus(ctx, key, consumer.Err())
		case err := <-received:
			return toStatus(ctx, err)
		case <-ctx.Done():
			return toStatus(ctx, ctx.Err())
		}
	}
}

// receive passes the client's answers on until its side of the call ends.
func receive(call persistent.PersistentSubscriptions_ReadServer, consumer *competing.Consumer) error {
	for {
		request, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch content := request.Content.(type) {
		case *persistent.ReadReq_Ack_:
			var ids []eventlog.ID
			if ids, err = eventIDs(content.Ack.GetIds()); err == nil {
				err = consumer.Ack(call.Context(), ids)
			}
		case *persistent.ReadReq_Nack_:
			err = nack(call.Context(), consumer, content.Nack)
		default:
			err = invalid("after the options of a persistent subscription come ack and nack")
		}
		if err != nil {
			return err
		}
	}
}

func nack(ctx context.Context, consumer *competing.Consumer, n *persistent.ReadReq_Nack) error {
	ids, err := eventIDs(n.GetIds())
	if err != nil {
		return err
	}
	var action competing.Action
	switch n.GetAction() {
	case persistent.ReadReq_Nack_Unknown, persistent.ReadReq_Nack_Retry:
		action = competing.RetryIt
	case persistent.ReadReq_Nack_Park:
		action = competing.ParkIt
	case persistent.ReadReq_Nack_Skip:
		action = competing.SkipIt
	case persistent.ReadReq_Nack_Stop:
		action = competing.StopIt
	default:
		return invalid("nack with the unknown action %d", n.GetAction())
	}
	return consumer.Nack(ctx, ids, action, n.GetReason())
}

func eventIDs(wire []*shared.UUID) ([]eventlog.ID, error) {
	ids := make([]eventlog.ID, len(wire))
	for i, w := range wire {
		id, err := parseUUID(w)
		if err != nil {
			return nil, err
		}
		ids[i] = eventlog.ID(id)
	}
	return ids, nil
}

// member describes the client of a call.
func member(ctx context.Context, buffer int) competing.Member {
	m := competing.Member{Buffer: buffer, User: "anonymous", ConnectionName: "<unknown>"}
	if u, ok := ctx.Value(callerKey{}).(User); ok {
		m.User = u.Name
	}
	if p, ok := peer.FromContext(ctx); ok {
		m.From = p.Addr.String()
	}
	if name := metadata.ValueFromIncomingContext(ctx, "connection-name"); len(name) > 0 {
		m.ConnectionName = name[0]
	}
	return m
}

// consumerSender turns what a group gives a consumer into messages.
type consumerSender struct {
	call      persistent.PersistentSubscriptions_ReadServer
	key       competing.Key
	log       *eventlog.Log
	stringIDs bool
}

func (s *consumerSender) send(d competing.Delivery) error {
	e := &persistent.ReadResp_ReadEvent{Count: &persistent.ReadResp_ReadEvent_RetryCount{RetryCount: int32(d.Retries)}}
	original := d.Event
	if d.Link != nil {
		original, e.Link = d.Link, consumedEvent(d.Link, s.stringIDs)
	}
	if ok, err := s.mayRead(d); err != nil {
		return err
	} else if ok && d.Event != nil {
		e.Event = consumedEvent(d.Event, s.stringIDs)
	}
	e.Position = &persistent.ReadResp_ReadEvent_CommitPosition{CommitPosition: original.Position}
	return s.call.Send(&persistent.ReadResp{Content: &persistent.ReadResp_Event{Event: e}})
}

// mayRead says whether the event is for the caller: a link is no way around
// the rights of a stream. Who reads the group's own source may read that.
func (s *consumerSender) mayRead(d competing.Delivery) (bool, error) {
	if d.Link == nil || d.Event == nil || s.key.Source == competing.All || string(d.Event.Stream) == s.key.Source {
		return true, nil
	}
	return allowed(s.call.Context(), demand{rightRead, string(d.Event.Stream)}, s.log)
}

// consumedEvent is recordedEvent in the other service's terms.
func consumedEvent(r *eventlog.Record, stringIDs bool) *persistent.ReadResp_ReadEvent_RecordedEvent {
	content := contentBytes
	if r.JSON {
		content = contentJSON
	}
	id := structuredUUID(uuid.UUID(r.ID))
	if stringIDs {
		id = &shared.UUID{Value: &shared.UUID_String_{String_: uuid.UUID(r.ID).String()}}
	}
	return &persistent.ReadResp_ReadEvent_RecordedEvent{
		Id:               id,
		StreamIdentifier: &shared.StreamIdentifier{StreamName: r.Stream},
		StreamRevision:   uint64(r.Revision),
		PreparePosition:  r.Position,
		CommitPosition:   r.Position,
		Metadata: map[string]string{
			metaType:        string(r.Type),
			metaContentType: content,
			metaCreated:     strconv.FormatInt(r.Created, 10),
		},
		CustomMetadata: r.Metadata,
		Data:           r.Data,
	}
}
