package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// The files of a recording.
const manifestName = "manifest.json"

func initName(number int) string    { return fmt.Sprintf("init-%d.mp4", number) }
func segmentName(number int) string { return fmt.Sprintf("%d.m4s", number) }

// partName is what a playlist may name: no path leads out of the folder.
var partName = regexp.MustCompile(`^(init-[0-9]{1,6}\.mp4|[0-9]{1,7}\.m4s)$`)

// Manifest says what a recording is made of. It is stored anew with every
// segment.
type Manifest struct {
	Version  int    `json:"version"`
	Inits    []Init `json:"inits"`
	Segments []Part `json:"segments"`
	Ended    bool   `json:"ended"` // nothing is to come
}

// Init describes the segments that name it.
type Init struct {
	Codec  Codec `json:"codec"`
	Width  int   `json:"width"`
	Height int   `json:"height"`
	Sound  bool  `json:"sound"`
}

// Part is one segment; its times are in 1/90000 s.
type Part struct {
	Init   int   `json:"init"`
	Start  int64 `json:"start"`
	Length int64 `json:"length"`
	Bytes  int64 `json:"bytes"`
	Break  bool  `json:"break,omitempty"` // it does not go on from the one before
}

const (
	manifestVersion = 1
	maxParts        = 200_000
	maxTime         = 1 << 46 // no sum of two overflows
)

// ErrManifest says that what is stored is no manifest.
var ErrManifest = errors.New("the recording's manifest can't be read")

// ParseManifest reads a manifest, and holds that its numbers make sense.
func ParseManifest(data []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if m.Version != manifestVersion {
		return m, fmt.Errorf("%w: it is of version %d, and this playcast reads %d", ErrManifest, m.Version, manifestVersion)
	}
	if len(m.Segments) > maxParts || len(m.Inits) > maxParts {
		return m, fmt.Errorf("%w: it names too many parts", ErrManifest)
	}
	end := int64(0)
	for i, p := range m.Segments {
		if p.Init < 0 || p.Init >= len(m.Inits) || p.Start < end || p.Start > maxTime ||
			p.Length <= 0 || p.Length > maxTime || p.Bytes <= 0 || p.Bytes > maxTime {
			return m, fmt.Errorf("%w: segment %d is out of order", ErrManifest, i)
		}
		end = p.Start + p.Length
	}
	return m, nil
}

func (m *Manifest) encode() ([]byte, error) { return json.Marshal(m) }

// end is the length of the recording, in 1/90000 s.
func (m *Manifest) end() int64 {
	if len(m.Segments) == 0 {
		return 0
	}
	last := m.Segments[len(m.Segments)-1]
	return last.Start + last.Length
}

// Span is a part of a recording, in milliseconds. The zero value is all of it.
type Span struct{ From, To int64 }

// within returns the numbers of the segments that a span touches: from first to
// before the second.
func (m *Manifest) within(s Span) (from, to int) {
	if s == (Span{}) {
		return 0, len(m.Segments)
	}
	begin, end := s.From*perMilli, s.To*perMilli
	for from < len(m.Segments) && m.Segments[from].Start+m.Segments[from].Length <= begin {
		from++
	}
	for to = from; to < len(m.Segments) && m.Segments[to].Start < end; {
		to++
	}
	return from, to
}
