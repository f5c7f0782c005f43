package node

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Read answers every call that reads: pages of a stream or of the whole log,
// and subscriptions to either.
func (s *streamsService) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	o := request.GetOptions()
	_, stringIDs := o.GetUuidOption().GetContent().(*streams.ReadReq_Options_UUIDOption_String_)
	s.traffic.reads.Add(1)
	out := &sender{call: call, log: s.log, sent: &s.traffic.sent, stringIDs: stringIDs, resolve: o.GetResolveLinks()}
	backwards := o.GetReadDirection() == streams.ReadReq_Options_Backwards
	_, live := o.GetCountOption().(*streams.ReadReq_Options_Subscription)
	if _, ok := o.GetCountOption().(*streams.ReadReq_Options_Count); !ok && !live {
		return invalid("the read has neither a count nor is it a subscription")
	}
	if live && backwards {
		return invalid("a subscription reads forwards")
	}
	var err error
	switch {
	case o.GetStream() != nil && live:
		err = s.subscribeStream(o, out)
	case o.GetStream() != nil:
		err = s.readStream(o, out, backwards)
	case o.GetAll() != nil && live:
		err = s.subscribeAll(o, out)
	case o.GetAll() != nil:
		err = s.readAll(o, out, backwards)
	default:
		err = invalid("the read names neither a stream nor $all")
	}
	return toStatus(call.Context(), err)
}

func (s *streamsService) readStream(o *streams.ReadReq_Options, out *sender, backwards bool) error {
	name, err := streamName(o.GetStream().StreamIdentifier)
	if err != nil {
		return err
	}
	if o.GetFilter() != nil {
		return invalid("a stream is read without a filter")
	}
	var from int64
	switch v := o.GetStream().RevisionOption.(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if from = math.MaxInt64; isEnd(v.Revision) {
			break
		}
		if from, err = revision(v.Revision); err != nil {
			return err
		}
	case *streams.ReadReq_Options_StreamOptions_End:
		from = math.MaxInt64
	}
	view, err := s.log.Stream(name)
	if errors.Is(err, eventlog.ErrNotFound) {
		return out.call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(name)}}}})
	}
	if err != nil {
		return err
	}
	for left := o.GetCount(); left > 0; {
		if err := s.interrupted(out.call.Context()); err != nil {
			return err
		}
		scan := eventlog.StreamScan{From: from, Backwards: backwards, Limit: int(min(left, eventlog.PageEvents)), Targets: out.resolve}
		if err := s.log.ReadStream(&out.page, view, scan); err != nil {
			return err
		}
		if err := out.sendPage(math.MaxUint64); err != nil || !out.page.More {
			return err
		}
		left -= uint64(out.page.Considered)
		if from = int64(out.page.Last) + 1; backwards {
			from = int64(out.page.Last) - 1
		}
	}
	return nil
}

func (s *streamsService) readAll(o *streams.ReadReq_Options, out *sender, backwards bool) error {
	f, err := parseFilter(o.GetFilter())
	if err != nil {
		return err
	}
	head := s.log.Head()
	from, err := allPosition(o.GetAll(), head)
	if err != nil {
		return err
	}
	scan := eventlog.Scan{From: from, Backwards: backwards, Head: head, Match: f.match}
	for left := o.GetCount(); left > 0; {
		if err := s.interrupted(out.call.Context()); err != nil {
			return err
		}
		scan.Limit = eventlog.PageEvents
		if f.match == nil {
			scan.Limit = int(min(left, eventlog.PageEvents))
		}
		if err := s.log.ReadAll(&out.page, scan); err != nil {
			return err
		}
		if err := out.sendPage(left); err != nil || !out.page.More {
			return err
		}
		left -= min(left, uint64(len(out.page.Records)))
		if scan.From = out.page.Last + 1; backwards {
			scan.From = out.page.Last
		}
	}
	return nil
}

// allPosition is the position that a read of $all names: inclusive forwards,
// exclusive backwards. The end is one after the head. A position past that
// belongs to another log, and waiting there would be waiting for ever.
func allPosition(o *streams.ReadReq_Options_AllOptions, head uint64) (uint64, error) {
	switch v := o.AllOption.(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		commit, prepare := v.Position.GetCommitPosition(), v.Position.GetPreparePosition()
		switch {
		case isEnd(commit):
			return head + 1, nil
		case commit != prepare:
			return 0, invalid("position C:%d/P:%d: in this store both are the same", commit, prepare)
		case commit > head+1:
			return 0, invalid("position %d is past the end of the log, which is at %d: it belongs to another store", commit, head)
		}
		return commit, nil
	case *streams.ReadReq_Options_AllOptions_End:
		return head + 1, nil
	}
	return 0, nil
}

// interrupted says why a long call ends before its time.
func (s *streamsService) interrupted(ctx context.Context) error {
	select {
	case <-s.closing:
		return errClosing
	case <-ctx.Done():
		return ctx.Err()
	default:
		return nil
	}
}

// sender turns records into messages for one call.
type sender struct {
	call      streams.Streams_ReadServer
	log       *eventlog.Log
	stringIDs bool
	resolve   bool
	page      eventlog.Page
	linked    eventlog.Page
	scratch   []byte         // a message while it is encoded
	sent      *atomic.Uint64 // counts events
}

// sendPage sends at most limit records of the page.
func (s *sender) sendPage(limit uint64) error {
	defer func() { s.sent.Add(min(limit, uint64(len(s.page.Records)))) }()
	for i := range s.page.Records {
		if uint64(i) >= limit {
			return nil
		}
		if err := s.sendRecord(&s.page.Records[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sender) sendRecord(r *eventlog.Record) error {
	if !s.resolve || string(r.Type) != eventlog.TypeLink {
		return s.call.SendMsg(s.encode(r, nil, r.Position))
	}
	target, err := s.follow(r)
	if err != nil {
		return err
	}
	return s.call.SendMsg(s.encode(target, r, r.Position))
}

func (s *sender) sendConfirmation() error {
	return s.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()}}})
}

func (s *sender) sendCheckpoint(position uint64) error {
	return s.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
		Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: position, PreparePosition: position}}})
}

func (s *sender) sendCaughtUp() error {
	return s.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}

func (s *sender) sendFellBehind() error {
	return s.call.Send(&streams.ReadResp{Content: &streams.ReadResp_FellBehind_{FellBehind: &streams.ReadResp_FellBehind{}}})
}
