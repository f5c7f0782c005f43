package events_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

func TestEncodeRefusesWhatWouldNotBeReadAsTheSame(t *testing.T) {
	titled := func(title string) events.Event { return events.SessionRequested{Title: title, At: at} }
	for name, c := range map[string]struct {
		event events.Event
		want  error
	}{
		"text":                               {titled("Doom"), nil},
		"U+FFFD itself":                      {titled("�"), nil},
		"its escape, as text":                {titled(`\ufffd`), nil},
		"its escape, as text, twice":         {titled(`\ufffd \\ufffd`), nil},
		"what is no text":                    {titled("\xff"), events.ErrNotKept},
		"what is no text, after an escape":   {titled("\\ufffd\xff"), events.ErrNotKept},
		"what is no text, after backslashes": {titled("\\\\\xff"), events.ErrNotKept},
		"much":                               {titled(strings.Repeat("x", events.MaxEvent-1000)), nil},
		"too much":                           {titled(strings.Repeat("x", events.MaxEvent)), events.ErrTooLarge},
		"a time too late":                    {events.SessionQueued{At: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}, events.ErrNotKept},
		"no number":                          {events.PictureAdapted{Lost: math.NaN(), At: at}, events.ErrNotKept},
	} {
		t.Run(name, func(t *testing.T) {
			proposed, err := events.Encode(events.EventID{}, c.event, events.Metadata{})
			if !errors.Is(err, c.want) || err != nil && c.want == nil {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err != nil {
				return
			}
			read, _, err := events.Decode(events.Recorded{Type: proposed.Type, Data: proposed.Data, Metadata: proposed.Metadata})
			if err != nil || read != c.event {
				t.Errorf("it is read as %.100v, %v", read, err)
			}
		})
	}
}

func TestStreamsAreOfIDs(t *testing.T) {
	for _, s := range []events.Stream{events.SessionStream(sessionID), events.PlayerStream("anna"), events.RatingStream("doom-2", "anna"), events.SeriesStream("2026-11")} {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []events.Stream{"", "anna", "-anna", "player-", events.SessionStream(events.SessionID{}), events.PlayerStream("No Slug"), events.PlayerStream("a/../b"),
		events.PlayerStream("anna_ben_carl"), events.RatingStream("", "anna"), events.RatingStream("doom", ""), events.PlayerStream(events.PlayerID(strings.Repeat("x", 1<<20)))} {
		if err := s.Check(); !errors.Is(err, events.ErrID) {
			t.Errorf("%.100s: %v", s, err)
		}
	}
}

func TestMessagesAreShort(t *testing.T) {
	said := events.ErrID.With("\xff" + strings.Repeat("x", 1<<20)).Error()
	if len(said) > 500 || !strings.HasPrefix(said, "�x") || !strings.HasSuffix(said, "x…") {
		t.Errorf("it says %.100q… of %d bytes", said, len(said))
	}
}
