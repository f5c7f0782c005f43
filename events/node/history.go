package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events/history"
	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Export writes the store's events as a history and returns their number.
// Events of the store itself are left out, unless system is set.
func (d *Directory) Export(ctx context.Context, to *history.Writer, system bool) (uint64, error) {
	count := uint64(0)
	err := d.log.Export(ctx, func(r *eventlog.Record) error {
		e := history.Event{
			Stream: string(r.Stream), Revision: r.Revision, Position: r.Position, ID: uuid.UUID(r.ID), Type: string(r.Type), JSON: r.JSON,
			Created: time.Unix(0, 0).Add(time.Duration(r.Created) * 100).UTC(), Metadata: r.Metadata, Data: r.Data,
		}
		if e.System() && !system {
			return nil
		}
		count++
		return to.Write(e)
	})
	if err == nil {
		err = to.Flush()
	}
	if err != nil {
		return count, fmt.Errorf("export: %w", err)
	}
	return count, nil
}

// Bounds of what is imported with one sync.
const (
	importEvents = 2000
	importBytes  = 2 << 20
)

// Import writes the events of a history into the store, with their revisions
// and creation times; positions are given anew. Events that are there are
// passed over, so that an import that was interrupted can be repeated. It stops
// at a stream that holds another event.
func (d *Directory) Import(ctx context.Context, from *history.Reader) (history.Counts, error) {
	var counts history.Counts
	var batch []eventlog.Imported
	size := 0
	send := func() error {
		n, err := d.log.Import(ctx, batch)
		var conflict *eventlog.ConflictError
		switch {
		case errors.As(err, &conflict):
			return fmt.Errorf("import: stream %q holds another event here than the history at revision %d: import into a store that does not have this stream",
				conflict.Stream, int64(conflict.Expected)+1)
		case err != nil:
			return fmt.Errorf("import: %w", err)
		}
		counts.Written += uint64(n)
		counts.Present += uint64(len(batch) - n)
		batch, size = batch[:0], 0
		return nil
	}
	for {
		e, err := from.Next()
		if errors.Is(err, io.EOF) {
			return counts, send()
		}
		if err != nil {
			return counts, errors.Join(fmt.Errorf("import: %w", err), send())
		}
		batch = append(batch, eventlog.Imported{Stream: e.Stream, Revision: e.Revision, Event: eventlog.Event{
			ID: eventlog.ID(e.ID), Type: e.Type, JSON: e.JSON, Metadata: e.Metadata, Data: e.Data, Created: e.Created.UnixNano() / 100}})
		if size += len(e.Data) + len(e.Metadata); len(batch) >= importEvents || size >= importBytes {
			if err := send(); err != nil {
				return counts, err
			}
		}
	}
}

// Scavenge is a node's.
func (d *Directory) Scavenge(ctx context.Context) (Scavenged, error) { return d.log.Scavenge(ctx) }
