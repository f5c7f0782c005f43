package node

import (
	"errors"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// A subscription is a loop over the log: read up to the head, say so, wait
// until the writer wakes it. It holds no events between turns, so that there
// is no queue to overflow: one that is slow reads later what it did not read.
//
//	  ┌── read pages up to the head, send ◀─┐
//	  ▼                                     │
//	caught up ──── wait ──── woken ─────────┘   (fell behind, when far behind)

// liveWindow is how far behind the head, in events, a subscription may be
// found and still be called live.
const liveWindow = 1024

// tail is a subscription's place between the log and its client.
type tail struct {
	service *streamsService
	out     *sender
	watch   *eventlog.Watch
	live    bool
	place   *follower // for those who watch
}

// wait returns nil when there may be something new.
func (t *tail) wait() error {
	select {
	case <-t.watch.C:
		return nil
	case <-t.service.closing:
		return errClosing
	case <-t.out.call.Context().Done():
		return t.out.call.Context().Err()
	}
}

// report tells the client when it goes live and when it no longer is.
func (t *tail) report(behind uint64) error {
	switch {
	case !t.live && behind <= liveWindow:
		t.live = true
		return t.out.sendCaughtUp()
	case t.live && behind > liveWindow:
		t.live = false
		return t.out.sendFellBehind()
	}
	return nil
}

func (s *streamsService) subscribeAll(o *streams.ReadReq_Options, out *sender) error {
	f, err := parseFilter(o.GetFilter())
	if err != nil {
		return err
	}
	// Watching begins before the head is looked at: an append between the two
	// leaves a token in the watch.
	t := &allTail{tail: tail{service: s, out: out, watch: s.log.Watch(""), place: &follower{}}, filter: f}
	defer t.watch.Close()
	if t.last, err = lastSeen(o.GetAll(), s.log.Head()); err != nil {
		return err
	}
	t.place.next.Store(t.last + 1)
	defer s.traffic.follow(t.place)()
	if err := out.sendConfirmation(); err != nil {
		return err
	}
	for {
		if err := t.catchUp(s.log.Head()); err != nil {
			return err
		}
		behind := s.log.Head() - t.last
		if f.match != nil && !t.live && behind <= liveWindow {
			if err := t.checkpoint(); err != nil { // whoever goes live gets one
				return err
			}
		}
		if err := t.report(behind); err != nil {
			return err
		}
		if err := t.wait(); err != nil {
			return err
		}
		if err := t.report(s.log.Head() - t.last); err != nil {
			return err
		}
	}
}

// lastSeen is the position that a subscription goes on after.
func lastSeen(o *streams.ReadReq_Options_AllOptions, head uint64) (uint64, error) {
	at, err := allPosition(o, head)
	return min(at, head), err
}

// allTail follows the whole log.
type allTail struct {
	tail
	filter     filter
	last       uint64 // the position considered last
	considered int    // events since the last checkpoint
}

// catchUp sends what is between the last position and the head. Checkpoints
// name a position that has been searched and is durable, never one ahead.
func (t *allTail) catchUp(head uint64) error {
	for t.last < head {
		if err := t.service.interrupted(t.out.call.Context()); err != nil {
			return err
		}
		scan := eventlog.Scan{From: t.last + 1, Head: head, Limit: eventlog.PageEvents, Match: t.filter.match}
		if t.filter.match != nil {
			scan.Limit = min(scan.Limit, t.filter.checkpointEvery-t.considered)
		}
		if err := t.service.log.ReadAll(&t.out.page, scan); err != nil {
			return err
		}
		if err := t.out.sendPage(math.MaxUint64); err != nil {
			return err
		}
		if t.last = head; t.out.page.More {
			t.last = t.out.page.Last
		}
		t.place.next.Store(t.last + 1)
		if t.considered += t.out.page.Considered; t.filter.match != nil && t.considered >= t.filter.checkpointEvery {
			if err := t.checkpoint(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *allTail) checkpoint() error {
	t.considered = 0
	return t.out.sendCheckpoint(t.last)
}

func (s *streamsService) subscribeStream(o *streams.ReadReq_Options, out *sender) error {
	name, err := streamName(o.GetStream().StreamIdentifier)
	if err != nil {
		return err
	}
	if o.GetFilter() != nil {
		return invalid("a stream is subscribed to without a filter")
	}
	t := &streamTail{tail: tail{service: s, out: out, watch: s.log.Watch(name), place: &follower{stream: name}}, name: name}
	defer t.watch.Close()
	if err := t.start(o.GetStream()); err != nil {
		return err
	}
	t.place.next.Store(uint64(t.next))
	defer s.traffic.follow(t.place)()
	if err := out.sendConfirmation(); err != nil {
		return err
	}
	for {
		if err := t.catchUp(); err != nil {
			return err
		}
		behind, err := t.behind()
		if err != nil {
			return err
		}
		if err := t.report(behind); err != nil {
			return err
		}
		if err := t.wait(); err != nil {
			return err
		}
		if behind, err = t.behind(); err != nil {
			return err
		}
		if err := t.report(behind); err != nil {
			return err
		}
	}
}

// streamTail follows one stream.
type streamTail struct {
	tail
	name string
	next int64 // the revision to be sent next
}

// start finds the first revision: the one after the client's, or the next one
// that will be appended. A stream that is gone is told before the confirmation.
func (t *streamTail) start(o *streams.ReadReq_Options_StreamOptions) error {
	view, err := t.view()
	if err != nil {
		return err
	}
	switch v := o.RevisionOption.(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		if !isEnd(v.Revision) {
			after, err := revision(v.Revision)
			t.next = after + 1
			return err
		}
		t.next = view.Last + 1
	case *streams.ReadReq_Options_StreamOptions_End:
		t.next = view.Last + 1
	}
	return nil
}

// view is what there is of the stream. One that does not exist is one that
// has nothing yet.
func (t *streamTail) view() (eventlog.Stream, error) {
	view, err := t.service.log.Stream(t.name)
	if errors.Is(err, eventlog.ErrNotFound) {
		return eventlog.Stream{Name: t.name, First: view.Last + 1, Last: view.Last}, nil
	}
	return view, err
}

func (t *streamTail) behind() (uint64, error) {
	view, err := t.view()
	return uint64(max(0, view.Last-t.next+1)), err
}

func (t *streamTail) catchUp() error {
	view, err := t.view()
	if err != nil {
		return err
	}
	for t.next <= view.Last {
		if err := t.service.interrupted(t.out.call.Context()); err != nil {
			return err
		}
		scan := eventlog.StreamScan{From: t.next, Limit: eventlog.PageEvents, Targets: t.out.resolve}
		if err := t.service.log.ReadStream(&t.out.page, view, scan); err != nil {
			return err
		}
		if err := t.out.sendPage(math.MaxUint64); err != nil {
			return err
		}
		if t.next = view.Last + 1; t.out.page.More {
			t.next = int64(t.out.page.Last) + 1
		}
		t.place.next.Store(uint64(t.next))
	}
	return nil
}
