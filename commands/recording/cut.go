package recording

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/playcast/playcast/events"
)

// The bounds of clips.
const (
	MaxClips    = 100 // of one recording
	ShortestCut = 100 // milliseconds
	MaxTitle    = 100 // characters
)

// sealing is what a seal adds to a text: a nonce of 12 bytes and a tag of 16.
const sealing = 28

// What Cut refuses.
var (
	ErrSpan = &events.Fault{Kind: events.Invalid, Code: "clip-span-invalid",
		Message: "A clip begins and ends within its recording, and its end comes after its beginning."}
	ErrTitle = &events.Fault{Kind: events.Invalid, Code: "clip-title-invalid",
		Message: fmt.Sprintf("A clip's title has 1 to %d characters.", MaxTitle)}
	ErrManyClips = &events.Fault{Kind: events.Conflict, Code: "too-many-clips",
		Message: fmt.Sprintf("A recording has at most %d clips.", MaxClips)}
)

// Title is a title of a player's as it is to be sealed. ErrTitle: it can't be.
func Title(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxTitle {
		return "", ErrTitle
	}
	return text, nil
}

// Cut makes a clip of what lies between two times, in milliseconds.
type Cut struct {
	Recording events.RecordingID
	Clip      events.ClipID
	By        events.PlayerID
	Title     events.Sealed // by the caller, with the key of the recording's player
	From, To  int64
}

func (c Cut) Target() events.Stream { return events.RecordingStream(c.Recording) }

func (c Cut) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(c.By); err != nil {
		return nil, err
	}
	_, cut := s.Clips[c.Clip]
	switch {
	case cut:
		return nil, nil
	case c.Title.Player != s.Player:
		return nil, ErrTitle.With("A clip's title has to be sealed with the key of the recording's player.")
	case len(c.Title.Data) <= sealing || len(c.Title.Data) > sealing+MaxTitle*utf8.UTFMax:
		return nil, ErrTitle
	case c.From < 0 || c.To > s.Footage.Length || c.To < c.From:
		return nil, ErrSpan.With(fmt.Sprintf("A clip of this recording begins and ends between 0 and %d ms, and its end comes after its beginning.", s.Footage.Length))
	case c.To-c.From < ShortestCut:
		return nil, ErrSpan.With(fmt.Sprintf("A clip lasts at least %d ms.", ShortestCut))
	case len(s.Clips) >= MaxClips:
		return nil, ErrManyClips
	}
	return []events.Event{events.ClipCut{
		Recording: c.Recording, Clip: c.Clip, Title: c.Title, From: c.From, To: c.To, At: now,
	}}, nil
}
