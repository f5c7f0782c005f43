package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Export writes what the store at the other end of the client holds, up to its
// end when the export began, and returns how many events that were. Events of
// the store itself are left out, unless system is set.
func Export(ctx context.Context, from *client.Client, to *Writer, system bool) (uint64, error) {
	read, err := from.ReadAll(ctx, client.ReadAllOptions{From: client.Start{}}, math.MaxInt64)
	if err != nil {
		return 0, fmt.Errorf("read all: %w", err)
	}
	defer read.Close()
	for n := uint64(0); ; {
		resolved, err := read.Recv()
		if errors.Is(err, io.EOF) {
			return n, to.Flush()
		}
		if err != nil {
			return n, fmt.Errorf("read all: %w", err)
		}
		r := resolved.OriginalEvent()
		e := Event{
			Stream: r.StreamID, Revision: int64(r.EventNumber), Position: r.Position.Commit, ID: r.EventID, Type: r.EventType,
			JSON: r.ContentType == "application/json", Created: r.CreatedDate.UTC(), Metadata: r.UserMetadata, Data: r.Data,
		}
		if e.System() && !system {
			continue
		}
		if err := to.Write(e); err != nil {
			return n, err
		}
		n++
	}
}

// Bounds of one append: below what every server takes.
const (
	batchEvents = 500
	batchBytes  = 512 << 10
)

// Import appends a history to the store at the other end of the client, in
// order. Streams, revisions, ids, types, data and metadata are kept. What a
// server gives by itself can't be: positions and creation times. Nor can
// revisions that a scavenge has left out: a stream that begins late is an
// error, unless renumber is set; it is then numbered from 0, without the $tb of
// its metadata, and a repeated import passes over only what the server
// remembers of it.
func Import(ctx context.Context, from *Reader, to *client.Client, renumber bool) (Counts, error) {
	i := &importer{ctx: ctx, client: to, renumber: renumber, next: map[string]int64{}, late: map[string]bool{}, ended: map[string]bool{}}
	for {
		e, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && Kept(e.Stream) {
			continue
		}
		if err == nil {
			err = i.take(e)
		}
		if err != nil {
			return i.counts, err
		}
	}
	if err := i.send(); err != nil {
		return i.counts, err
	}
	for stream, known := range i.ended {
		if !known {
			return i.counts, fmt.Errorf("stream %q is deleted for ever there, and in the history it is not", stream)
		}
	}
	return i.counts, nil
}

type importer struct {
	ctx      context.Context
	client   *client.Client
	renumber bool
	counts   Counts

	batch []Event // of one stream, revisions without gap
	bytes int
	next  map[string]int64 // by stream: the revision after the last one taken
	late  map[string]bool  // streams that are numbered anew
	ended map[string]bool  // streams found deleted for ever: whether the history says so too
}

// take adds the event to the batch, which it sends before when it does not fit.
func (i *importer) take(e Event) error {
	size := len(e.Data) + len(e.Metadata) + len(e.Type)
	follows := len(i.batch) > 0 && i.batch[0].Stream == e.Stream && i.batch[len(i.batch)-1].Revision+1 == e.Revision
	_, isMeta := e.Described()
	if !follows || isMeta || len(i.batch) >= batchEvents || i.bytes+size > batchBytes {
		if err := i.send(); err != nil {
			return err
		}
	}
	if e.Type == TypeTombstone {
		return i.tombstone(e)
	}
	if next := i.next[e.Stream]; e.Revision > next && !isMeta && !i.late[e.Stream] {
		if !i.renumber {
			return fmt.Errorf("stream %q goes on at revision %d after %d: a scavenge has taken what was between, and a server numbers without gaps: "+
				"import with renumber, or into a directory", e.Stream, e.Revision, next-1)
		}
		i.late[e.Stream] = true
	}
	i.next[e.Stream] = e.Revision + 1
	i.batch, i.bytes = append(i.batch, e), i.bytes+size
	return nil
}

func (i *importer) send() error {
	batch := i.batch
	i.batch, i.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	if described, ok := batch[0].Described(); ok {
		return i.describe(described, batch[0])
	}
	var expected client.ExpectedRevision = client.Any{}
	if first := batch[0]; !i.late[first.Stream] {
		expected = before(first.Revision)
	}
	err := i.append(expected, batch)
	switch code(err) {
	case client.ErrorCodeStreamDeleted:
		// A repeated import finds the streams deleted that its history deletes.
		i.foundEnded(batch[0].Stream)
		i.counts.Present += uint64(len(batch))
		return nil
	case client.ErrorCodeWrongExpectedVersion:
		return fmt.Errorf("stream %q holds other events there than the history at revision %d: import into a store that does not have this stream: %w",
			batch[0].Stream, batch[0].Revision, err)
	}
	return err
}

func (i *importer) foundEnded(stream string) {
	if _, found := i.ended[stream]; !found {
		i.ended[stream] = false
	}
}

func before(revision int64) client.ExpectedRevision {
	if revision == 0 {
		return client.NoStream{}
	}
	return client.Revision(uint64(revision - 1))
}

func (i *importer) append(expected client.ExpectedRevision, batch []Event) error {
	data := make([]client.EventData, len(batch))
	for n, e := range batch {
		content := client.ContentTypeBinary
		if e.JSON {
			content = client.ContentTypeJson
		}
		data[n] = client.EventData{EventID: e.ID, EventType: e.Type, ContentType: content, Data: e.Data, Metadata: e.Metadata}
	}
	_, err := i.client.AppendToStream(i.ctx, batch[0].Stream, client.AppendToStreamOptions{ExpectedRevision: expected}, data...)
	if err == nil {
		i.counts.Written += uint64(len(batch))
		return nil
	}
	return fmt.Errorf("append to %q at revision %d: %w", batch[0].Stream, batch[0].Revision, err)
}

// describe appends metadata of a stream, which servers also write themselves:
// what is last there already is passed over, whatever its revision.
func (i *importer) describe(stream string, e Event) error {
	if i.late[stream] {
		e.Data = withoutTruncateBefore(e.Data)
	}
	last, err := i.lastOf(e.Stream)
	if err != nil {
		return err
	}
	if last != nil && (last.EventID == e.ID || string(last.Data) == string(e.Data)) {
		i.counts.Present++
		return nil
	}
	err = i.append(before(e.Revision), []Event{e})
	if code(err) == client.ErrorCodeWrongExpectedVersion {
		err = i.append(client.Any{}, []Event{e})
	}
	if code(err) == client.ErrorCodeStreamDeleted {
		i.foundEnded(stream)
		i.counts.Present++
		return nil
	}
	return err
}

func (i *importer) lastOf(stream string) (*client.RecordedEvent, error) {
	read, err := i.client.ReadStream(i.ctx, stream, client.ReadStreamOptions{Direction: client.Backwards, From: client.End{}}, 1)
	if err == nil {
		defer read.Close()
		var found *client.ResolvedEvent
		if found, err = read.Recv(); err == nil {
			return found.OriginalEvent(), nil
		}
	}
	if c := code(err); errors.Is(err, io.EOF) || c == client.ErrorCodeResourceNotFound || c == client.ErrorCodeStreamDeleted {
		return nil, nil
	}
	return nil, fmt.Errorf("read %q: %w", stream, err)
}

func (i *importer) tombstone(e Event) error {
	_, found := i.ended[e.Stream]
	i.ended[e.Stream] = true
	if found {
		i.counts.Present++
		return nil
	}
	_, err := i.client.TombstoneStream(i.ctx, e.Stream, client.TombstoneStreamOptions{ExpectedRevision: client.Any{}})
	if code(err) == client.ErrorCodeStreamDeleted {
		i.counts.Present++
		return nil
	}
	if err != nil {
		return fmt.Errorf("tombstone %q: %w", e.Stream, err)
	}
	i.counts.Written++
	return nil
}

// withoutTruncateBefore takes $tb out of metadata, unless it deletes the stream.
func withoutTruncateBefore(data []byte) []byte {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || string(fields["$tb"]) == fmt.Sprint(int64(math.MaxInt64)) {
		return data
	}
	delete(fields, "$tb")
	out, err := json.Marshal(fields)
	if err != nil {
		return data
	}
	return out
}

func code(err error) client.ErrorCode {
	var known *client.Error
	if errors.As(err, &known) {
		return known.Code()
	}
	return client.ErrorCodeUnknown
}
