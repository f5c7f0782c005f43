package node

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// encoded is a message in its wire form. Events that are read are sent so: the
// generated code would make some thirty objects of each, a map among them, and
// take more time for it than all else that the node does to send one.
type encoded []byte

// codec sends what is encoded as it is. It keeps the bytes.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(protocodec.Name)} }

func (c codec) Marshal(message any) (mem.BufferSlice, error) {
	if e, ok := message.(encoded); ok {
		return mem.BufferSlice{mem.SliceBuffer(e)}, nil
	}
	return c.CodecV2.Marshal(message)
}

// Numbers of the fields of streams.proto and shared.proto.
const (
	respEvent = 1 // of ReadResp

	readEvent    = 1 // of ReadResp.ReadEvent
	readLink     = 2
	readPosition = 3

	recordedID             = 1 // of ReadResp.ReadEvent.RecordedEvent
	recordedStream         = 2
	recordedRevision       = 3
	recordedPrepare        = 4
	recordedCommit         = 5
	recordedMetadata       = 6
	recordedCustomMetadata = 7
	recordedData           = 8

	streamIdentifierName = 3
	uuidStructured       = 1
	uuidString           = 2
)

// encode is the ReadResp of an event, and of the link that led to it. Either
// may be nil. What it returns shares nothing with them.
func (s *sender) encode(event, link *eventlog.Record, position uint64) encoded {
	s.scratch = nest(s.scratch[:0], respEvent, func(b []byte) []byte {
		if event != nil {
			b = nest(b, readEvent, func(b []byte) []byte { return appendRecorded(b, event, s.stringIDs) })
		}
		if link != nil {
			b = nest(b, readLink, func(b []byte) []byte { return appendRecorded(b, link, s.stringIDs) })
		}
		return appendNumber(b, readPosition, position)
	})
	return slices.Clone(s.scratch)
}

func appendRecorded(b []byte, r *eventlog.Record, stringIDs bool) []byte {
	content := contentBytes
	if r.JSON {
		content = contentJSON
	}
	var created [20]byte
	b = nest(b, recordedID, func(b []byte) []byte { return appendUUID(b, r.ID, stringIDs) })
	b = nest(b, recordedStream, func(b []byte) []byte { return appendBytes(b, streamIdentifierName, r.Stream) })
	b = appendNumber(b, recordedRevision, uint64(r.Revision))
	b = appendNumber(b, recordedPrepare, r.Position)
	b = appendNumber(b, recordedCommit, r.Position)
	b = appendEntry(b, metaType, r.Type)
	b = appendEntry(b, metaContentType, content)
	b = appendEntry(b, metaCreated, strconv.AppendInt(created[:0], r.Created, 10))
	b = appendBytes(b, recordedCustomMetadata, r.Metadata)
	return appendBytes(b, recordedData, r.Data)
}

func appendUUID(b []byte, id eventlog.ID, asString bool) []byte {
	if asString {
		return appendBytes(b, uuidString, uuid.UUID(id).String())
	}
	return nest(b, uuidStructured, func(b []byte) []byte {
		b = appendNumber(b, 1, binary.BigEndian.Uint64(id[:8]))
		return appendNumber(b, 2, binary.BigEndian.Uint64(id[8:]))
	})
}

// appendEntry appends an entry of the map of an event's system metadata.
func appendEntry[V string | []byte](b []byte, key string, value V) []byte {
	return nest(b, recordedMetadata, func(b []byte) []byte { return appendBytes(appendBytes(b, 1, key), 2, value) })
}

// nest appends a field that is a message: what fill appends, after its length.
func nest(b []byte, field protowire.Number, fill func([]byte) []byte) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	start := len(b)
	b = fill(b)
	length := uint64(len(b) - start)
	var prefix [binary.MaxVarintLen64]byte
	return slices.Insert(b, start, protowire.AppendVarint(prefix[:0], length)...)
}

func appendNumber(b []byte, field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), value)
}

// appendBytes leaves out what is empty, as proto3 has it.
func appendBytes[V string | []byte](b []byte, field protowire.Number, value V) []byte {
	if len(value) == 0 {
		return b
	}
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return append(protowire.AppendVarint(b, uint64(len(value))), value...)
}
