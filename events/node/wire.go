package node

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Keys of an event's system metadata.
const (
	metaType        = "type"
	metaContentType = "content-type"
	metaCreated     = "created"

	contentJSON  = "application/json"
	contentBytes = "application/octet-stream"
)

// streamName checks the name of a stream that a client wants.
func streamName(id *shared.StreamIdentifier) (string, error) {
	name := string(id.GetStreamName())
	switch {
	case name == "" || name == "$$":
		return "", invalid("the stream has no name")
	case len(name) > eventlog.MaxName:
		return "", invalid("the stream's name is %d bytes long: %d are allowed", len(name), eventlog.MaxName)
	case !utf8.ValidString(name):
		return "", invalid("the stream's name is not UTF-8")
	}
	return name, nil
}

// writableName is streamName for those that a client may append to or delete.
func writableName(id *shared.StreamIdentifier) (string, error) {
	name, err := streamName(id)
	switch {
	case err != nil:
		return "", err
	case name == "$all":
		return "", invalid("$all is every stream: name one")
	case strings.HasPrefix(name, "$$$$"):
		return "", invalid("stream %q: metadata has no metadata", name)
	}
	return name, nil
}

func parseUUID(id *shared.UUID) (uuid.UUID, error) {
	switch v := id.GetValue().(type) {
	case *shared.UUID_Structured_:
		var u uuid.UUID
		binary.BigEndian.PutUint64(u[:8], uint64(v.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(u[8:], uint64(v.Structured.GetLeastSignificantBits()))
		return u, nil
	case *shared.UUID_String_:
		u, err := uuid.Parse(v.String_)
		if err != nil {
			return u, invalid("event id %.64q is not a UUID", v.String_)
		}
		return u, nil
	}
	return uuid.UUID{}, invalid("an event has no id")
}

func structuredUUID(u uuid.UUID) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(u[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(u[8:])),
	}}}
}

// revision turns a client's revision into ours. The highest number that ours
// have room for is kept for tombstones.
func revision(v uint64) (int64, error) {
	if v >= math.MaxInt64 {
		return 0, invalid("revision %d is out of range", v)
	}
	return int64(v), nil
}

// isEnd says whether a client that has no word for the end means it: some
// write the highest number, signed or unsigned.
func isEnd(v uint64) bool { return v == math.MaxUint64 || v == math.MaxInt64 }
