package eventlog

import (
	"encoding/binary"
	"math"
)

// The keys of the Pebble store:
//
//	e position           the record
//	s stream revision    the position of that event
//	n name               the number that stands for this stream in s and l keys
//	l stream revision    a block of links of a system stream, from that revision
//	c stream             what scavenges have taken of it
//	m name               a mark: something that the log must know of itself
//
// Numbers are 8 bytes, big endian, so that Pebble's order is theirs. Streams
// are numbered from 1 as they come, which keeps the index short and free of
// hash collisions. Positions begin at 1: 0 is "before the first event".
const (
	prefixRecord = 'e'
	prefixIndex  = 's'
	prefixName   = 'n'
	prefixLinks  = 'l'
	prefixTaken  = 'c'
	prefixMark   = 'm'

	recordKeySize = 1 + 8
	indexKeySize  = 1 + 8 + 8
)

func putRecordKey(dst []byte, position uint64) {
	dst[0] = prefixRecord
	binary.BigEndian.PutUint64(dst[1:], position)
}

func recordKey(position uint64) []byte {
	key := make([]byte, recordKeySize)
	putRecordKey(key, position)
	return key
}

func putIndexKey(dst []byte, stream uint64, revision int64) {
	dst[0] = prefixIndex
	binary.BigEndian.PutUint64(dst[1:], stream)
	binary.BigEndian.PutUint64(dst[9:], uint64(revision))
}

func indexKey(stream uint64, revision int64) []byte {
	key := make([]byte, indexKeySize)
	putIndexKey(key, stream, revision)
	return key
}

// indexEnd is the first key after every revision of the stream.
func indexEnd(stream uint64) []byte {
	if stream == math.MaxUint64 {
		return []byte{prefixIndex + 1}
	}
	return indexKey(stream+1, 0)
}

func linkKey(stream uint64, revision int64) []byte {
	key := indexKey(stream, revision)
	key[0] = prefixLinks
	return key
}

// linkEnd is the first key after every link of the system stream.
func linkEnd(stream uint64) []byte {
	if stream == math.MaxUint64 {
		return []byte{prefixLinks + 1}
	}
	return linkKey(stream+1, 0)
}

// takenKey is where it stands what scavenges have taken of the stream.
func takenKey(stream uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefixTaken}, stream)
}

// markKey is where the log keeps something of its own.
func markKey(name string) []byte {
	return append([]byte{prefixMark}, name...)
}

func nameKey(name string) []byte {
	return append([]byte{prefixName}, name...)
}
