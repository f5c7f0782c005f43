package node

import (
	"bytes"
	"regexp"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/protobuf/proto"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// filter is what a client asked to see of the whole log.
type filter struct {
	match eventlog.Match // nil: everything
	// checkpointEvery is the number of events considered after which the
	// client is told how far the log has been searched.
	checkpointEvery int
}

// defaultWindow is the number of events searched at a time for a client that
// does not say.
const defaultWindow = 32

// maxCheckpoint bounds the product of two numbers of the client.
const maxCheckpoint = 1 << 30

func parseFilter(o *streams.ReadReq_Options_FilterOptions) (filter, error) {
	if o == nil {
		return filter{}, nil
	}
	var expression *streams.ReadReq_Options_FilterOptions_Expression
	var subject func(*eventlog.Record) []byte
	switch v := o.Filter.(type) {
	case *streams.ReadReq_Options_FilterOptions_StreamIdentifier:
		expression, subject = v.StreamIdentifier, func(r *eventlog.Record) []byte { return r.Stream }
	case *streams.ReadReq_Options_FilterOptions_EventType:
		expression, subject = v.EventType, func(r *eventlog.Record) []byte { return r.Type }
	default:
		return filter{}, invalid("the filter names neither streams nor event types")
	}
	match, err := parseExpression(expression, subject)
	if err != nil {
		return filter{}, err
	}
	window := uint64(defaultWindow)
	if m, ok := o.Window.(*streams.ReadReq_Options_FilterOptions_Max); ok {
		if window = uint64(m.Max); window == 0 {
			return filter{}, invalid("the filter's window is 0 events")
		}
	}
	multiplier := uint64(o.CheckpointIntervalMultiplier)
	if multiplier == 0 {
		return filter{}, invalid("the filter's checkpoint interval is 0 windows")
	}
	return filter{match: match, checkpointEvery: int(min(window*multiplier, maxCheckpoint))}, nil
}

// maxFilter bounds what a filter is made of, in bytes: each event is held
// against all of it.
const maxFilter = 4 << 10

// notSystem is the pattern by which all clients leave out the store's own events.
const notSystem = `^[^\$].*`

func parseExpression(e *streams.ReadReq_Options_FilterOptions_Expression, subject func(*eventlog.Record) []byte) (eventlog.Match, error) {
	if size := proto.Size(e); size > maxFilter {
		return nil, invalid("the filter is %d bytes long: %d are allowed", size, maxFilter)
	}
	if e.GetRegex() != "" {
		if len(e.Prefix) > 0 {
			return nil, invalid("the filter has both a pattern and prefixes: give one")
		}
		if e.Regex == notSystem {
			return func(r *eventlog.Record) bool { name := subject(r); return len(name) > 0 && name[0] != '$' }, nil
		}
		pattern, err := regexp.Compile(e.Regex)
		if err != nil {
			return nil, invalid("the filter's pattern: %s", err)
		}
		return func(r *eventlog.Record) bool { return pattern.Match(subject(r)) }, nil
	}
	if len(e.GetPrefix()) == 0 {
		return nil, invalid("the filter has neither a pattern nor prefixes")
	}
	prefixes := make([][]byte, len(e.Prefix))
	for i, p := range e.Prefix {
		prefixes[i] = []byte(p)
	}
	return func(r *eventlog.Record) bool {
		for _, p := range prefixes {
			if bytes.HasPrefix(subject(r), p) {
				return true
			}
		}
		return false
	}, nil
}
