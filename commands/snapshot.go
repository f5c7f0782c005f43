package commands

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// Lasting is a State whose stream grows for as long as there is a platform, and
// of which snapshots are kept. The state as JSON holds all of it. Such a stream
// recalls the ids of its last 256 commands, no more.
type Lasting interface {
	// Schema is another number after every change of what the state holds, or
	// of what Evolve makes of the same events: earlier snapshots are thrown
	// away then.
	Schema() int
}

// snapshotEvery is after how many events of a lasting stream a snapshot is kept.
const snapshotEvery = 500

// snapshotType is of the store's own kind, so that no reader of the log is told.
const snapshotType = "$snapshot"

func snapshotStream(of events.Stream) events.Stream { return "snapshot-" + of }

// snapshot is a fold as it is stored, the last one alone, beside its stream. It
// is a shortcut and never the truth: one that can't be read, of another schema,
// or of a history that the stream does not have, is as none.
type snapshot struct {
	Schema   int             `json:"schema"`
	Revision events.Revision `json:"revision"`
	Position events.Position `json:"position"`
	Event    events.EventID  `json:"event"` // the last one that is in it
	Commands []remembered    `json:"commands"`
	State    json.RawMessage `json:"state"`
}

type remembered struct {
	Command events.CommandID `json:"command"`
	Effect  events.Position  `json:"effect"`
}

// recallSnapshot goes on from the last snapshot of the stream, if that is good
// for something. What keeps it from reading will keep the rest from it, too.
func (d *deciding) recallSnapshot(ctx context.Context) {
	schema := d.decision.schema()
	if schema == 0 {
		return
	}
	d.fold.snapshots = true
	var last snapshot
	for recorded, err := range d.handler.store.Read(ctx, snapshotStream(d.order.Target), 0) {
		if err != nil || recorded.Type != snapshotType || json.Unmarshal(recorded.Data, &last) != nil {
			return
		}
	}
	if last.Schema != schema || !d.decision.restore(last.State) {
		return
	}
	f := &d.fold
	f.expected, f.last, f.id = events.After(last.Revision), last.Position, last.Event
	for _, c := range last.Commands {
		f.recent.add(c.Command, c.Effect)
	}
	f.snapshot = uint64(last.Revision) + 1
}

// keepSnapshot keeps one where the stream has grown enough since the last. What
// becomes of it is nothing to the order, which is carried out.
func (d *deciding) keepSnapshot(ctx context.Context) {
	f := &d.fold
	last, some := f.expected.Last()
	if !f.snapshots || !some || uint64(last)+1 < f.snapshot+d.handler.snapshotEvery {
		return
	}
	f.snapshot = uint64(last) + 1
	state, err := json.Marshal(f.state)
	if err != nil {
		return
	}
	s := snapshot{Schema: d.decision.schema(), Revision: last, Position: f.last, Event: f.id, State: state}
	for c := range f.recent.all() {
		s.Commands = append(s.Commands, remembered{c.command, c.effect})
	}
	data, err := json.Marshal(s)
	if err != nil {
		return
	}
	stream := snapshotStream(d.order.Target)
	if d.handler.store.Retain(ctx, stream, events.Retention{MaxCount: 1}) != nil {
		return
	}
	_, _ = d.handler.store.Append(ctx, stream, events.AnyRevision(), []events.Proposed{
		{ID: events.EventID(uuid.New()), Type: snapshotType, Data: data, Metadata: []byte(`{}`)},
	}) // without it, more is read
}

// all yields the commands in their order.
func (r *recent) all() iter.Seq[carriedOut] {
	return slices.Values(slices.Concat(r.done[r.next:], r.done[:r.next]))
}
