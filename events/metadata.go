package events

import (
	"bytes"
	"encoding/json"
)

// readMetadata reads what Encode has written in one pass, since every event that
// is read has it; in whatever other form it is, encoding/json does. Both come to
// the same.
func readMetadata(data []byte) (Metadata, error) {
	if m, ok := ownMetadata(data); ok {
		return m, nil
	}
	var m Metadata
	err := json.Unmarshal(data, &m)
	return m, err
}

// ownMetadata is not ok for metadata in any other form than that of Encode, or
// with anything in it that JSON escapes.
func ownMetadata(data []byte) (m Metadata, ok bool) {
	rest := data
	text := func(before string) []byte {
		after, is := bytes.CutPrefix(rest, []byte(before))
		end := bytes.IndexByte(after, '"')
		if ok = ok && is && end >= 0; !ok {
			return nil
		}
		rest = after[end+1:]
		return after[:end]
	}
	ok = true
	m.Correlation = string(text(`{"$correlationId":"`))
	m.Causation = string(text(`,"$causationId":"`))
	m.Actor = Actor(text(`,"actor":"`))
	command := text(`,"commandId":"`)
	rest, is := bytes.CutPrefix(rest, []byte(`,"schemaVersion":`))
	if !ok || !is || m.Command.UnmarshalText(command) != nil {
		return Metadata{}, false
	}
	digits := 0
	for digits < len(rest) && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9' {
		m.SchemaVersion = 10*m.SchemaVersion + int(rest[digits]-'0')
		digits++
	}
	if digits == 0 || rest[0] == '0' && digits > 1 {
		return Metadata{}, false
	}
	if rest = rest[digits:]; len(rest) > 1 {
		m.TraceParent = string(text(`,"traceparent":"`))
	}
	return m, ok && string(rest) == "}" && plain(data)
}

// plain says that nothing in a text has another meaning in JSON.
func plain(data []byte) bool {
	for _, b := range data {
		if b < ' ' || b > '~' || b == '\\' {
			return false
		}
	}
	return true
}
