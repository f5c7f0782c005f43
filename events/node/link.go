package node

import (
	"errors"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// follow reads what the link names; nil where that is gone, never
// was, or is not for the caller.
func (s *sender) follow(link *eventlog.Record) (*eventlog.Record, error) {
	if link.Target != nil {
		return s.followRead(link.Target)
	}
	stream, revision, ok := eventlog.ParseLink(link.Data)
	if !ok {
		return nil, nil
	}
	if ok, err := allowed(s.call.Context(), demand{rightRead, stream}, s.log); err != nil || !ok {
		return nil, err
	}
	r, err := s.log.Event(&s.linked, stream, revision)
	var deleted *eventlog.DeletedError
	if errors.Is(err, eventlog.ErrNotFound) || errors.As(err, &deleted) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// followRead is follow where the event was read with its link.
func (s *sender) followRead(target *eventlog.Record) (*eventlog.Record, error) {
	if ok, err := allowed(s.call.Context(), demand{rightRead, string(target.Stream)}, s.log); err != nil || !ok {
		return nil, err
	}
	if ok, err := s.log.Visible(target); err != nil || !ok {
		return nil, err
	}
	return target, nil
}
