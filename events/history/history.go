// Package history is how events leave an event store and enter another one: a
// line of JSON each, in the order of the log.
//
// A line has the stream, the revision and position there, the id, type and
// creation time, and data and metadata byte for byte: as JSON where they are,
// in base64 where they are not. Positions are of the store that was exported:
// they order the lines and are given anew. Metadata of streams are events of
// the streams named $$ and their name; the end of a stream for ever is an event
// of the type $streamDeleted.
//
// An import can be repeated after it was interrupted: events that are there,
// which their ids tell, are passed over.
package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// TypeTombstone is the type of the event that ends a stream for ever, whose
// revision is TombstoneRevision.
const (
	TypeTombstone     = "$streamDeleted"
	TombstoneRevision = math.MaxInt64
)

// An Event is one event of a history.
type Event struct {
	Stream   string
	Revision int64
	Position uint64
	ID       uuid.UUID
	Type     string
	JSON     bool      // the content type: application/json, or octets
	Created  time.Time // to 100 ns
	Metadata []byte
	Data     []byte
}

// System says whether the event is of the store itself, which another store
// has its own of. Metadata of other streams is not.
func (e *Event) System() bool {
	name := strings.TrimPrefix(e.Stream, "$$")
	return strings.HasPrefix(name, "$")
}

// Kept says whether the stream is one that a store fills by itself from the
// events that it lists, so that nobody else can.
func Kept(stream string) bool {
	return stream == "$streams" || strings.HasPrefix(stream, "$ce-") || strings.HasPrefix(stream, "$et-") || strings.HasPrefix(stream, "$bc-") || strings.HasPrefix(stream, "$category-")
}

// Described is the stream whose metadata the event is, if it is.
func (e *Event) Described() (string, bool) { return strings.CutPrefix(e.Stream, "$$") }

// line is an Event in JSON.
type line struct {
	Stream         string          `json:"stream"`
	Revision       int64           `json:"revision"`
	Position       uint64          `json:"position"`
	ID             uuid.UUID       `json:"id"`
	Type           string          `json:"type"`
	JSON           bool            `json:"json"`
	Created        time.Time       `json:"created"`
	Metadata       json.RawMessage `json:"metadata,omitempty"`
	MetadataBase64 []byte          `json:"metadataBase64,omitempty"`
	Data           json.RawMessage `json:"data,omitempty"`
	DataBase64     []byte          `json:"dataBase64,omitempty"`
}

// Writer writes events. Flush it at the end.
type Writer struct {
	buffer *bufio.Writer
	lines  *json.Encoder
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer {
	buffer := bufio.NewWriterSize(w, 256<<10)
	lines := json.NewEncoder(buffer)
	lines.SetEscapeHTML(false)
	return &Writer{buffer: buffer, lines: lines}
}

// Write writes one event.
func (w *Writer) Write(e Event) error {
	l := line{Stream: e.Stream, Revision: e.Revision, Position: e.Position, ID: e.ID, Type: e.Type, JSON: e.JSON, Created: e.Created.UTC()}
	if !utf8.ValidString(e.Stream) || !utf8.ValidString(e.Type) {
		return fmt.Errorf("event %s of stream %q: names that are not UTF-8 have no form in JSON", e.ID, e.Stream)
	}
	l.Metadata, l.MetadataBase64 = split(e.Metadata)
	l.Data, l.DataBase64 = split(e.Data)
	return w.lines.Encode(&l)
}

// Flush writes what is in memory.
func (w *Writer) Flush() error { return w.buffer.Flush() }

// split is content as JSON, if it comes back from there byte for byte, and as
// bytes otherwise.
func split(content []byte) (json.RawMessage, []byte) {
	if len(content) == 0 {
		return nil, nil
	}
	var compact bytes.Buffer
	if utf8.Valid(content) && json.Compact(&compact, content) == nil && bytes.Equal(compact.Bytes(), content) &&
		!bytes.Contains(content, []byte("\u2028")) && !bytes.Contains(content, []byte("\u2029")) {
		return content, nil
	}
	return nil, content
}

// Reader reads events.
type Reader struct {
	lines  *bufio.Reader
	number int
}

// maxLine bounds a line: an event of the largest size, in base64, several times.
const maxLine = 64 << 20

// NewReader reads from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{lines: bufio.NewReaderSize(r, 256<<10)}
}

// Next returns the next event; io.EOF after the last. Its bytes are its own.
func (r *Reader) Next() (Event, error) {
	for {
		r.number++
		text, err := r.readLine()
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(text)) == 0 {
			return Event{}, io.EOF
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return Event{}, fmt.Errorf("line %d: %w", r.number, err)
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		e, err := decode(text)
		if err != nil {
			return Event{}, fmt.Errorf("line %d: %w", r.number, err)
		}
		return e, nil
	}
}

func (r *Reader) readLine() ([]byte, error) {
	var text []byte
	for {
		part, err := r.lines.ReadSlice('\n')
		text = append(text, part...)
		if len(text) > maxLine {
			return nil, fmt.Errorf("longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

func decode(text []byte) (Event, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return Event{}, fmt.Errorf("not an event of a history: %w", err)
	}
	switch {
	case l.Stream == "" || l.Type == "":
		return Event{}, errors.New("an event has a stream and a type")
	case l.ID == uuid.Nil:
		return Event{}, errors.New("an event has an id")
	case l.Created.Year() < 1970 || l.Created.Year() > 2261:
		return Event{}, fmt.Errorf("creation time %s is none", l.Created)
	case l.Revision < 0:
		return Event{}, fmt.Errorf("revision %d is none", l.Revision)
	case l.Metadata != nil && l.MetadataBase64 != nil || l.Data != nil && l.DataBase64 != nil:
		return Event{}, errors.New("data and metadata are in JSON or in base64, not both")
	case (l.Type == TypeTombstone) != (l.Revision == TombstoneRevision):
		return Event{}, fmt.Errorf("an event of type %s has the revision %d, and no other has", TypeTombstone, int64(TombstoneRevision))
	}
	e := Event{Stream: l.Stream, Revision: l.Revision, Position: l.Position, ID: l.ID, Type: l.Type, JSON: l.JSON, Created: l.Created,
		Metadata: l.MetadataBase64, Data: l.DataBase64}
	if l.Metadata != nil {
		e.Metadata = l.Metadata
	}
	if l.Data != nil {
		e.Data = l.Data
	}
	return e, nil
}

// Counts is what an import has done.
type Counts struct {
	Written uint64 // appended; over the protocol also what the server found there
	Present uint64 // passed over, because they were there
}
