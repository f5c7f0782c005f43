package competing

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// All is the source of a group that takes the whole log.
const All = "$all"

// A Key names a group: the stream it takes events from, or All, and its name.
type Key struct{ Source, Group string }

func (k Key) String() string { return fmt.Sprintf("subscription group %q on %q", k.Group, k.Source) }

// id is unique among the groups of a store; the group's own streams have it in
// their names.
func (k Key) id() string { return k.Source + "::" + k.Group }

const ownPrefix = "$persistentsubscription-"

func (k Key) checkpointStream() string { return ownPrefix + k.id() + "-checkpoint" }
func (k Key) parkedStream() string     { return ownPrefix + k.id() + "-parked" }

func (k Key) validate() error {
	switch {
	case k.Source == "":
		return invalid("the group has no stream")
	case k.Group == "":
		return invalid("the group has no name")
	case !utf8.ValidString(k.Group):
		return invalid("the group's name is not UTF-8")
	case len("$$")+len(k.checkpointStream()) > eventlog.MaxName:
		return invalid("the names of stream and group are %d bytes long together: %d are allowed",
			len(k.Source)+len(k.Group), eventlog.MaxName-len("$$")-len(Key{}.checkpointStream()))
	}
	return nil
}

// A Strategy says which consumer gets an event.
type Strategy string

// The strategies.
const (
	RoundRobin          Strategy = "RoundRobin"          // each in turn
	DispatchToSingle    Strategy = "DispatchToSingle"    // one, and the next when its buffer is full
	Pinned              Strategy = "Pinned"              // a stream's events go to the same one
	PinnedByCorrelation Strategy = "PinnedByCorrelation" // those of one $correlationId do
)

// End as Settings.Start means whatever is appended after the group is made.
const End = -1

// Settings say how a group works. What validate does not refuse is taken as is.
type Settings struct {
	Start        int64 // the first revision, or position of All; 0 is the first of all
	Filter       *Filter
	ResolveLinks bool
	Latencies    bool // keep how long each consumer takes ("extra statistics")
	Strategy     Strategy
	Subscribers  int // at most; 0 is any number
	Retry        Retry
	Checkpoint   Checkpoint
	Buffer       Buffer
}

// Retry says when an event is given out again.
type Retry struct {
	Max     int           // an event that failed more often is parked
	Timeout time.Duration // without an answer after it, an event has failed; 0 waits for ever
}

// Checkpoint says how often the place is stored from which a group goes on.
type Checkpoint struct {
	After time.Duration // how often at least Min is looked at; 0 is at once
	Min   int           // events done, before one is stored
	Max   int           // events done, after which one is stored at once
}

// Buffer bounds what is read ahead, in events.
type Buffer struct {
	Live    int // when the group is at the end of its source
	History int // when it is behind
	Batch   int // read at a time
}

// A Filter picks events of the whole log, by prefixes or by a pattern (RE2).
type Filter struct {
	ByType   bool     `json:"byType,omitempty"` // by the events' types, or by their streams
	Pattern  string   `json:"pattern,omitempty"`
	Prefixes []string `json:"prefixes,omitempty"`
}

// compile returns nil for no filter.
func (f *Filter) compile() (eventlog.Match, error) {
	if f == nil {
		return nil, nil
	}
	subject := func(r *eventlog.Record) []byte { return r.Stream }
	if f.ByType {
		subject = func(r *eventlog.Record) []byte { return r.Type }
	}
	switch {
	case f.Pattern != "" && len(f.Prefixes) > 0:
		return nil, invalid("the filter has both a pattern and prefixes: give one")
	case f.Pattern != "":
		pattern, err := regexp.Compile(f.Pattern)
		if err != nil {
			return nil, invalid("the filter's pattern: %s", err)
		}
		return func(r *eventlog.Record) bool { return pattern.Match(subject(r)) }, nil
	case len(f.Prefixes) == 0:
		return nil, invalid("the filter has neither a pattern nor prefixes")
	}
	prefixes := make([][]byte, len(f.Prefixes))
	for i, p := range f.Prefixes {
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

// maxBuffer bounds what a group or a consumer may hold: far more than helps.
const maxBuffer = 10_000

func (s Settings) validate() error {
	if _, err := s.Filter.compile(); err != nil {
		return err
	}
	switch s.Strategy {
	case RoundRobin, DispatchToSingle, Pinned, PinnedByCorrelation:
	default:
		return invalid("consumer strategy %.64q: %s, %s, %s and %s are known", string(s.Strategy),
			RoundRobin, DispatchToSingle, Pinned, PinnedByCorrelation)
	}
	if s.Start < End {
		return invalid("start from %d: it is 0 or more, or the end", s.Start)
	}
	for _, n := range []struct {
		name     string
		is       int64
		min, max int64
	}{
		{"the maximal number of subscribers", int64(s.Subscribers), 0, math.MaxInt32},
		{"the maximal number of retries", int64(s.Retry.Max), 0, math.MaxInt32},
		{"the message timeout in ms", s.Retry.Timeout.Milliseconds(), 0, math.MaxInt32},
		{"the time between checkpoints in ms", s.Checkpoint.After.Milliseconds(), 0, math.MaxInt32},
		{"the minimal checkpoint count", int64(s.Checkpoint.Min), 0, math.MaxInt32},
		{"the maximal checkpoint count", int64(s.Checkpoint.Max), 1, math.MaxInt32},
		{"the live buffer's size", int64(s.Buffer.Live), 1, maxBuffer},
		{"the history buffer's size", int64(s.Buffer.History), 1, maxBuffer},
		{"the read batch's size", int64(s.Buffer.Batch), 1, maxBuffer},
	} {
		if n.is < n.min || n.is > n.max {
			return invalid("%s is %d: %d to %d are possible", n.name, n.is, n.min, n.max)
		}
	}
	switch {
	case s.Checkpoint.Min > s.Checkpoint.Max:
		return invalid("the minimal checkpoint count, %d, is above the maximal one, %d", s.Checkpoint.Min, s.Checkpoint.Max)
	case s.Buffer.Batch > s.Buffer.History:
		return invalid("the read batch's size, %d, is above the history buffer's, %d", s.Buffer.Batch, s.Buffer.History)
	}
	return nil
}
