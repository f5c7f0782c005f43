package node

import (
	"errors"
	"strconv"
	"strings"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// typeLink is the type of an event that stands for another one: its data is
// revision@stream.
const typeLink = "$>"

// follow reads what the link names; nil where that is gone, never
// was, or is not for the caller.
func (s *sender) follow(link *eventlog.Record) (*eventlog.Record, error) {
	number, stream, ok := strings.Cut(string(link.Data), "@")
	if !ok {
		return nil, nil
	}
	at, err := strconv.ParseInt(number, 10, 64)
	if err != nil || at < 0 || stream == "" || len(stream) > eventlog.MaxName {
		return nil, nil
	}
	if ok, err := allowed(s.call.Context(), demand{rightRead, stream}, s.log); err != nil || !ok {
		return nil, err
	}
	r, err := s.log.Event(&s.linked, stream, at)
	var deleted *eventlog.DeletedError
	if errors.Is(err, eventlog.ErrNotFound) || errors.As(err, &deleted) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}
