package competing

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// A source is where a group's events come from. Its places are numbers that
// rise along it: revisions of a stream, or positions of the whole log.
type source interface {
	// read fills the page with the events from the place on, and says which
	// place is next and how many events it passed over that the group does not
	// want. The next place is past end when there was nothing more.
	read(page *eventlog.Page, from int64, limit int) (next int64, passed int, err error)
	place(r *eventlog.Record) int64
	// end is the place of the newest event; -1 in an empty stream.
	end() (int64, error)
	// format and parse are the protocol's text for a place.
	format(place int64) string
	parse(text string) (int64, error)
}

var (
	_ source = (*streamSource)(nil)
	_ source = (*allSource)(nil)
)

// newSource is the source that the key names.
func newSource(log *eventlog.Log, key Key, filter *Filter) (source, error) {
	if key.Source != All {
		return &streamSource{log: log, name: key.Source}, nil
	}
	match, err := filter.compile()
	if err != nil {
		return nil, err
	}
	return &allSource{log: log, match: match, ownParked: []byte(key.parkedStream())}, nil
}

// watched is the name to watch for new events.
func (k Key) watched() string {
	if k.Source == All {
		return ""
	}
	return k.Source
}

type streamSource struct {
	log  *eventlog.Log
	name string
}

func (s *streamSource) read(page *eventlog.Page, from int64, limit int) (int64, int, error) {
	page.Records, page.More = page.Records[:0], false
	view, err := s.log.Stream(s.name)
	if gone(err) || err == nil && from > view.Last {
		return from, 0, nil
	}
	if err != nil {
		return from, 0, err
	}
	if err := s.log.ReadStream(page, view, eventlog.StreamScan{From: from, Limit: limit}); err != nil {
		return from, 0, err
	}
	if page.More {
		return int64(page.Last) + 1, 0, nil
	}
	return view.Last + 1, 0, nil
}

func (s *streamSource) place(r *eventlog.Record) int64 { return r.Revision }

func (s *streamSource) end() (int64, error) {
	view, err := s.log.Stream(s.name)
	var deleted *eventlog.DeletedError
	switch {
	case errors.Is(err, eventlog.ErrNotFound):
		return view.Last, nil
	case errors.As(err, &deleted):
		return -1, nil
	}
	return view.Last, err
}

func (s *streamSource) format(place int64) string { return strconv.FormatInt(place, 10) }

func (s *streamSource) parse(text string) (int64, error) {
	place, err := strconv.ParseInt(text, 10, 64)
	if err != nil || place < 0 {
		return 0, fmt.Errorf("%.64q is not a revision", text)
	}
	return place, nil
}

// allSource is the whole log without what groups write about themselves:
// otherwise each checkpoint would be an event to store a checkpoint for.
type allSource struct {
	log       *eventlog.Log
	match     eventlog.Match
	ownParked []byte
	passed    int
}

func (s *allSource) read(page *eventlog.Page, from int64, limit int) (int64, int, error) {
	s.passed = 0
	head := s.log.Head()
	scan := eventlog.Scan{From: uint64(from), Head: head, Limit: limit, Match: s.wanted}
	if s.match != nil {
		scan.Limit = eventlog.PageEvents // most of them may not match
	}
	if err := s.log.ReadAll(page, scan); err != nil {
		return from, 0, err
	}
	if page.More {
		return int64(page.Last) + 1, s.passed, nil
	}
	return max(from, int64(head)+1), s.passed, nil
}

func (s *allSource) wanted(r *eventlog.Record) bool {
	if s.bookkeeping(r.Stream) {
		return false
	}
	if s.match != nil && !s.match(r) {
		s.passed++
		return false
	}
	return true
}

// bookkeeping recognises checkpoints of all groups, the group's own parked
// events and the metadata of both.
func (s *allSource) bookkeeping(stream []byte) bool {
	stream = bytes.TrimPrefix(stream, []byte("$$"))
	return bytes.HasPrefix(stream, []byte(ownPrefix)) &&
		(bytes.HasSuffix(stream, []byte("-checkpoint")) || bytes.Equal(stream, s.ownParked))
}

func (s *allSource) place(r *eventlog.Record) int64 { return int64(r.Position) }

func (s *allSource) end() (int64, error) { return int64(s.log.Head()), nil }

func (s *allSource) format(place int64) string { return fmt.Sprintf("C:%d/P:%d", place, place) }

func (s *allSource) parse(text string) (int64, error) {
	var commit, prepare int64
	n, err := fmt.Sscanf(text, "C:%d/P:%d", &commit, &prepare)
	if n != 2 || err != nil || commit < 0 || s.format(commit) != text {
		return 0, fmt.Errorf("%.64q is not a position", text)
	}
	return commit, nil
}
