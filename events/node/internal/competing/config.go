package competing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// The groups are kept as events of the log, so that whatever copies the log
// copies them. Each event holds all groups; the last one counts.
const (
	configStream  = "$persistentSubscriptionConfig"
	configType    = "$PersistentConfig"
	configVersion = 1
)

// stored is the data of a configuration event.
type stored struct {
	Version int     `json:"version"`
	Groups  []entry `json:"groups"`
}

// entry is one group in it. Times are in milliseconds.
type entry struct {
	Source   string          `json:"source"`
	Group    string          `json:"group"`
	Start    int64           `json:"start"`
	Begin    int64           `json:"begin"`
	Filter   *Filter         `json:"filter,omitempty"`
	Links    bool            `json:"resolveLinks,omitempty"`
	Times    bool            `json:"extraStatistics,omitempty"`
	Strategy Strategy        `json:"strategy"`
	Members  int             `json:"maxSubscribers,omitempty"`
	Retry    entryRetry      `json:"retry"`
	Save     entryCheckpoint `json:"checkpoint"`
	Buffer   entryBuffer     `json:"buffer"`
}

type entryRetry struct {
	Max     int   `json:"max"`
	Timeout int64 `json:"timeout"`
}

type entryCheckpoint struct {
	After int64 `json:"after"`
	Min   int   `json:"min"`
	Max   int   `json:"max"`
}

type entryBuffer struct {
	Live    int `json:"live"`
	History int `json:"history"`
	Batch   int `json:"batch"`
}

// definition is a group as it is stored: begin is the place that End stood for
// when the group was made, so that a restart before the first checkpoint
// misses nothing.
type definition struct {
	key      Key
	settings Settings
	begin    int64
}

func (d definition) entry() entry {
	s := d.settings
	return entry{
		Source: d.key.Source, Group: d.key.Group, Start: s.Start, Begin: d.begin, Filter: s.Filter,
		Links: s.ResolveLinks, Times: s.Latencies, Strategy: s.Strategy, Members: s.Subscribers,
		Retry:  entryRetry{s.Retry.Max, s.Retry.Timeout.Milliseconds()},
		Save:   entryCheckpoint{s.Checkpoint.After.Milliseconds(), s.Checkpoint.Min, s.Checkpoint.Max},
		Buffer: entryBuffer(s.Buffer),
	}
}

func (e entry) definition() definition {
	return definition{Key{e.Source, e.Group}, Settings{
		Start: e.Start, Filter: e.Filter, ResolveLinks: e.Links, Latencies: e.Times,
		Strategy: e.Strategy, Subscribers: e.Members,
		Retry:      Retry{e.Retry.Max, time.Duration(e.Retry.Timeout) * time.Millisecond},
		Checkpoint: Checkpoint{time.Duration(e.Save.After) * time.Millisecond, e.Save.Min, e.Save.Max},
		Buffer:     Buffer(e.Buffer),
	}, e.Begin}
}

// decodeConfig reads the data of a configuration event. What a group could not
// be made with is refused, wherever it came from.
func decodeConfig(data []byte) ([]definition, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", configStream, err)
	}
	if s.Version != configVersion {
		return nil, fmt.Errorf("%s: its version is %d, this node reads %d", configStream, s.Version, configVersion)
	}
	definitions := make([]definition, 0, len(s.Groups))
	known := map[string]bool{}
	for _, e := range s.Groups {
		d := e.definition()
		if err := cmp.Or(d.key.validate(), d.settings.validate()); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", configStream, d.key, err)
		}
		if d.begin < 0 || known[d.key.id()] {
			return nil, fmt.Errorf("%s: %s is there twice, or begins at %d", configStream, d.key, d.begin)
		}
		known[d.key.id()] = true
		definitions = append(definitions, d)
	}
	return definitions, nil
}

func encodeConfig(definitions []definition) ([]byte, error) {
	s := stored{Version: configVersion, Groups: []entry{}}
	for _, d := range definitions {
		s.Groups = append(s.Groups, d.entry())
	}
	return json.Marshal(s)
}

func loadConfig(log *eventlog.Log) ([]definition, error) {
	r, err := lastEvent(log, configStream)
	if err != nil || r == nil {
		return nil, err
	}
	return decodeConfig(r.Data)
}

func saveConfig(ctx context.Context, log *eventlog.Log, definitions []definition) error {
	data, err := encodeConfig(definitions)
	if err != nil {
		return fmt.Errorf("store the subscription groups: %w", err)
	}
	// Only the newest counts; a scavenge may take the others.
	if err := setMetadata(ctx, log, configStream, "$maxCount", 1); err != nil {
		return fmt.Errorf("store the subscription groups: %w", err)
	}
	if _, err := log.Append(ctx, configStream, eventlog.Any, []eventlog.Event{newEvent(configType, data)}); err != nil {
		return fmt.Errorf("store the subscription groups: %w", err)
	}
	return nil
}

func newEvent(kind string, data []byte) eventlog.Event {
	return eventlog.Event{ID: eventlog.ID(uuid.New()), Type: kind, JSON: kind != eventlog.TypeLink, Data: data}
}

// lastEvent is the newest event of the stream that can be seen, nil without one.
func lastEvent(log *eventlog.Log, stream string) (*eventlog.Record, error) {
	view, err := log.Stream(stream)
	if gone(err) || err == nil && view.First > view.Last {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var page eventlog.Page
	err = log.ReadStream(&page, view, eventlog.StreamScan{From: view.Last, Backwards: true, Limit: 1})
	if err != nil || len(page.Records) == 0 {
		return nil, err
	}
	return &page.Records[0], nil
}

// gone says that a stream has no events, rather than that they can't be read.
func gone(err error) bool {
	var deleted *eventlog.DeletedError
	return errors.Is(err, eventlog.ErrNotFound) || errors.As(err, &deleted)
}
