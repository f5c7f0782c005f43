package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"time"
)

// An ID is an event's UUID in its network byte order.
type ID [16]byte

// An Event is what a caller wants appended.
type Event struct {
	ID       ID
	Type     string
	JSON     bool // the content type: application/json, or octets
	Metadata []byte
	Data     []byte
	Created  int64 // 100 ns ticks since the Unix epoch; 0: now. For events that were written elsewhere before
}

// A Record is an event as the log holds it. Its slices point into the page
// that it was read with and are valid until that page is filled again.
type Record struct {
	Position uint64
	Revision int64
	Created  int64 // 100 ns ticks since the Unix epoch, falling along the log only where older events were brought in
	ID       ID
	JSON     bool
	Stream   []byte
	Type     []byte
	Metadata []byte
	Data     []byte

	// Target is the event that a link of a system stream stands for, where the
	// scan asked for it. Whether it may be seen is another matter: see Visible.
	Target *Record
}

// size is the length of the stored form.
func (r *Record) size() int {
	return recordHeader + len(r.Stream) + len(r.Type) + len(r.Metadata) + len(r.Data)
}

// The stored form, big endian:
//
//	 0  crc32c of the position (8 bytes) and of everything after this field
//	 4  form (high four bits, now 1) and flags (bit 0: JSON)
//	 5  revision        13 created        21 id
//	37  length of the stream's name (2)   39 of the type (2)
//	41  length of the metadata (4)        45 of the data (4)
//	49  stream, type, metadata, data
//
// The position is part of the sum but not of the form: it is the key, so a
// record that strayed to another key does not pass.
const (
	recordHeader = 49
	recordForm   = 1 << 4
	flagJSON     = 1

	// MaxName is the longest name, in bytes, of a stream or an event type.
	MaxName = 1024
)

// ErrCorrupt marks data that is not what was once written.
var ErrCorrupt = errors.New("the stored data is corrupt")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func recordSize(stream string, e *Event) int {
	return recordHeader + len(stream) + len(e.Type) + len(e.Metadata) + len(e.Data)
}

// place is where in the log an event goes.
type place struct {
	position uint64
	revision int64
	created  int64
}

// encodeRecord fills dst, which is recordSize long.
func encodeRecord(dst []byte, at place, stream string, e *Event) {
	dst[4] = recordForm
	if e.JSON {
		dst[4] |= flagJSON
	}
	binary.BigEndian.PutUint64(dst[5:], uint64(at.revision))
	binary.BigEndian.PutUint64(dst[13:], uint64(at.created))
	copy(dst[21:], e.ID[:])
	binary.BigEndian.PutUint16(dst[37:], uint16(len(stream)))
	binary.BigEndian.PutUint16(dst[39:], uint16(len(e.Type)))
	binary.BigEndian.PutUint32(dst[41:], uint32(len(e.Metadata)))
	binary.BigEndian.PutUint32(dst[45:], uint32(len(e.Data)))
	rest := dst[recordHeader:]
	rest = rest[copy(rest, stream):]
	rest = rest[copy(rest, e.Type):]
	rest = rest[copy(rest, e.Metadata):]
	copy(rest, e.Data)
	binary.BigEndian.PutUint32(dst, recordSum(at.position, dst))
}

func recordSum(position uint64, stored []byte) uint32 {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], position)
	return crc32.Update(crc32.Checksum(key[:], castagnoli), castagnoli, stored[4:])
}

// decodeRecord reads what encodeRecord wrote. The record's slices point into
// stored. Anything but an intact record is an ErrCorrupt.
func decodeRecord(position uint64, stored []byte) (Record, error) {
	if len(stored) < recordHeader {
		return Record{}, fmt.Errorf("record at position %d: %d bytes are too few: %w", position, len(stored), ErrCorrupt)
	}
	if binary.BigEndian.Uint32(stored) != recordSum(position, stored) {
		return Record{}, fmt.Errorf("record at position %d: checksum differs: %w", position, ErrCorrupt)
	}
	if form := stored[4] &^ flagJSON; form != recordForm {
		return Record{}, fmt.Errorf("record at position %d: unknown form %#x: %w", position, form, ErrCorrupt)
	}
	stream := uint64(binary.BigEndian.Uint16(stored[37:]))
	kind := uint64(binary.BigEndian.Uint16(stored[39:]))
	metadata := uint64(binary.BigEndian.Uint32(stored[41:]))
	data := uint64(binary.BigEndian.Uint32(stored[45:]))
	if recordHeader+stream+kind+metadata+data != uint64(len(stored)) {
		return Record{}, fmt.Errorf("record at position %d: lengths do not add up: %w", position, ErrCorrupt)
	}
	revision := binary.BigEndian.Uint64(stored[5:])
	if revision > math.MaxInt64 {
		return Record{}, fmt.Errorf("record at position %d: revision out of range: %w", position, ErrCorrupt)
	}
	r := Record{
		Position: position,
		Revision: int64(revision),
		Created:  int64(binary.BigEndian.Uint64(stored[13:])),
		ID:       ID(stored[21:37]),
		JSON:     stored[4]&flagJSON != 0,
	}
	rest := stored[recordHeader:]
	r.Stream, rest = rest[:stream:stream], rest[stream:]
	r.Type, rest = rest[:kind:kind], rest[kind:]
	r.Metadata, r.Data = rest[:metadata:metadata], rest[metadata:]
	return r, nil
}

// ticks is t in the unit of Record.Created.
func ticks(t time.Time) int64 { return t.UnixNano() / 100 }
