package feed

import (
	"bytes"

	"github.com/playcast/playcast/events"
)

// withoutNUL is an event as a database can keep what it says: no column takes
// U+0000, which is read as U+FFFD.
func withoutNUL(e events.Recorded) events.Recorded {
	e.Data, e.Metadata = replaceNUL(e.Data), replaceNUL(e.Metadata)
	return e
}

// replaceNUL replaces the escape of U+0000, and not an escaped backslash before
// four digits.
func replaceNUL(raw []byte) []byte {
	if !bytes.Contains(raw, []byte(`\u0000`)) {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			out = append(out, raw[i])
			continue
		}
		if bytes.HasPrefix(raw[i:], []byte(`\u0000`)) {
			out = append(out, `\ufffd`...)
			i += len(`\u0000`) - 1
			continue
		}
		out = append(out, raw[i], raw[i+1])
		i++
	}
	return out
}
