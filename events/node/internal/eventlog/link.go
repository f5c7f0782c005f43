package eventlog

import (
	"strconv"
	"strings"
)

// TypeLink is the type of an event that stands for another one: its data is
// revision@stream.
const TypeLink = "$>"

// LinkTo is the data of a link to the event.
func LinkTo(stream string, revision int64) []byte {
	return append(strconv.AppendInt(nil, revision, 10), "@"+stream...)
}

// ParseLink reads the data of a link. Anybody may append links, so that it may
// hold anything; ok is false where it names no event.
func ParseLink(data []byte) (stream string, revision int64, ok bool) {
	number, stream, found := strings.Cut(string(data), "@")
	revision, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || revision < 0 || stream == "" || len(stream) > MaxName {
		return "", 0, false
	}
	return stream, revision, true
}
