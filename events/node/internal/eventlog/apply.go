package eventlog

import (
	"cmp"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// handle decides a request and puts what it appends into the group's batch.
func (g *group) handle(r *request) (Appended, error) {
	// Not once a group: a request may join one that was begun before it was made.
	g.created = max(g.created, ticks(time.Now()))
	if r.operation == opImport {
		return g.importAll(r.imported)
	}
	s, err := g.state(r.stream)
	if err != nil {
		return Appended{}, err
	}
	if base, ok := described(r.stream); ok {
		if b, err := g.state(base); err != nil {
			return Appended{}, err
		} else if b.tombstoned() {
			return Appended{}, &DeletedError{Stream: r.stream}
		}
	}
	repeated, err := g.decide(s, r)
	if err != nil {
		return Appended{}, err
	}
	if repeated != nil {
		return Appended{Revision: repeated.revision, Position: repeated.position}, nil
	}
	var meta []byte
	if s.meta.deleted() && r.operation == opAppend { // read before anything is in the batch
		if meta, err = g.metadataOf(r.stream); err != nil {
			return Appended{}, err
		}
	}
	switch r.operation {
	case opDelete:
		err = g.writeMetadata(r.stream, withTruncateBefore(nil, softDeleted))
	case opTombstone:
		err = g.add(r.stream, s, tombstoneRevision, &Event{ID: ID(uuid.New()), Type: typeTombstone}, "")
	default:
		return g.append(r, s, meta)
	}
	if err != nil {
		g.broken = err
	}
	return Appended{Revision: s.last, Position: g.position}, err
}

// append puts the events into the batch, and what follows from them for the
// metadata: a deleted stream shows what is appended from now on.
func (g *group) append(r *request, s *state, meta []byte) (Appended, error) {
	first := s.last + 1
	for i := range r.events {
		if err := g.add(r.stream, s, s.last+1, &r.events[i], r.correlation(i)); err != nil {
			g.broken = err
			return Appended{}, err
		}
	}
	result := Appended{Revision: s.last, Position: g.position}
	if len(r.events) == 0 {
		return result, nil
	}
	var err error
	if base, ok := described(r.stream); ok {
		err = g.describe(base, r.events[len(r.events)-1].Data)
	} else if s.meta.deleted() {
		err = g.writeMetadata(r.stream, withTruncateBefore(meta, first))
	}
	if err != nil {
		g.broken = err
	}
	return result, err
}

// add puts one event, its index entry and its links into the batch.
func (g *group) add(stream string, s *state, revision int64, e *Event, correlation string) error {
	if err := g.numberStream(stream, s); err != nil {
		return err
	}
	at := place{position: g.position + 1, revision: revision, created: cmp.Or(e.Created, g.created)}
	if at.created < g.last {
		g.fell = g.position
	}
	g.last = at.created
	record := g.batch.SetDeferred(recordKeySize, recordSize(stream, e))
	putRecordKey(record.Key, at.position)
	encodeRecord(record.Value, at, stream, e)
	if err := record.Finish(); err != nil {
		return err
	}
	index := g.batch.SetDeferred(indexKeySize, 8)
	putIndexKey(index.Key, s.number, revision)
	binary.BigEndian.PutUint64(index.Value, at.position)
	if err := index.Finish(); err != nil {
		return err
	}
	if err := g.link(memberOf(stream, e.Type, revision, correlation), at.position); err != nil {
		return err
	}
	g.position, s.last = at.position, revision
	g.ids[e.ID] = written{stream: s.number, revision: revision, position: at.position}
	g.order = append(g.order, e.ID)
	return nil
}

// numberStream gives a number to a stream that has none.
func (g *group) numberStream(name string, s *state) error {
	if s.number != 0 {
		return nil
	}
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], g.streams+1)
	if err := g.batch.Set(nameKey(name), number[:], nil); err != nil {
		return err
	}
	g.streams++
	s.number = g.streams
	return nil
}

// describe takes in metadata that a client wrote. When the stream is deleted
// and the metadata says nothing of a cut, the old events must stay hidden.
func (g *group) describe(stream string, data []byte) error {
	s, err := g.state(stream)
	if err != nil {
		return err
	}
	wasDeleted := s.meta.deleted()
	s.meta, g.metadata[stream] = parseMetadata(data), data
	if wasDeleted && s.last >= 0 && s.meta.truncateBefore <= s.last {
		return g.writeMetadata(stream, withTruncateBefore(data, s.last+1))
	}
	return nil
}

// writeMetadata appends metadata to the stream's metastream.
func (g *group) writeMetadata(stream string, data []byte) error {
	s, err := g.state(stream)
	if err != nil {
		return err
	}
	name := metastream(stream)
	m, err := g.state(name)
	if err != nil {
		return err
	}
	e := Event{ID: ID(uuid.New()), Type: typeMetadata, JSON: true, Data: data}
	if err := g.add(name, m, m.last+1, &e, ""); err != nil {
		return err
	}
	s.meta, g.metadata[stream] = parseMetadata(data), data
	return nil
}

// metadataOf is the stream's metadata as the requests before this one left it.
func (g *group) metadataOf(stream string) ([]byte, error) {
	if data, ok := g.metadata[stream]; ok {
		return data, nil
	}
	return g.log.rawMetadata(stream, g.writer.position)
}
