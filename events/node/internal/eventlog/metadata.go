package eventlog

import (
	"encoding/json"
	"math"
	"strings"
)

// Types of the events that the log itself writes.
const (
	typeMetadata  = "$metadata"
	typeTombstone = "$streamDeleted"
)

const (
	// tombstoneRevision is the revision of the event that ends a stream for
	// ever: a stream whose last revision it is, is tombstoned.
	tombstoneRevision = math.MaxInt64
	// softDeleted as a $tb hides all that was appended until the next append.
	softDeleted = math.MaxInt64

	metastreamPrefix = "$$"
)

// metadata is the part of a stream's metadata that the log knows: what cuts
// what readers see, where a zero field cuts nothing, and who may use the stream.
type metadata struct {
	maxCount       int64
	maxAge         int64 // ticks
	truncateBefore int64
	acl            *ACL // nil: none
}

func (m metadata) deleted() bool { return m.truncateBefore == softDeleted }

// parseMetadata reads the data of a $metadata event. What is not JSON or not
// a number cuts nothing: the store keeps any metadata a client writes, as
// EventStoreDB does.
func parseMetadata(data []byte) metadata {
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return metadata{}
	}
	number := func(key string) int64 {
		switch v, _ := raw[key].(float64); {
		case v <= 0:
			return 0
		case v >= math.MaxInt64:
			return math.MaxInt64
		default:
			return int64(v)
		}
	}
	m := metadata{maxCount: number("$maxCount"), truncateBefore: number("$tb"), acl: parseACL(raw["$acl"])}
	const ticksPerSecond = 10_000_000
	if seconds := number("$maxAge"); seconds > math.MaxInt64/ticksPerSecond {
		m.maxAge = 0 // longer than any log lives
	} else {
		m.maxAge = seconds * ticksPerSecond
	}
	return m
}

// withTruncateBefore is the metadata event's data with another $tb and all
// else as it was.
func withTruncateBefore(data []byte, revision int64) []byte {
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &raw); err != nil || raw == nil {
		raw = map[string]json.RawMessage{}
	}
	tb, _ := json.Marshal(revision)
	raw["$tb"] = tb
	out, err := json.Marshal(raw)
	if err != nil { // every value came out of Unmarshal or is a number
		return append(append([]byte(`{"$tb":`), tb...), '}')
	}
	return out
}

// metastream is the stream that holds the metadata of the named one.
func metastream(name string) string { return metastreamPrefix + name }

// described is the stream whose metadata the named one holds, if it does.
func described(name string) (string, bool) {
	return strings.CutPrefix(name, metastreamPrefix)
}
