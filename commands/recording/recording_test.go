package recording_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/events"
)

var (
	id     = events.RecordingID(uuid.MustParse("01970000-0000-7000-8000-0000000000aa"))
	played = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000a"))
	cut    = events.ClipID(uuid.MustParse("01970000-0000-7000-8000-0000000000cc"))
	before = Now.Add(-time.Hour)
	some   = events.Footage{Length: 10_000, Bytes: 5_000_000, Segments: 3}
	more   = events.Footage{Length: 20_000, Bytes: 9_000_000, Segments: 5}

	opened     = events.RecordingOpened{Recording: id, Session: played, Player: "anna", Game: "doom", Title: "Doom", Worker: "w", At: before}
	progressed = events.RecordingProgressed{Recording: id, Footage: some, At: before}
	finished   = events.RecordingFinished{Recording: id, Reason: events.RecordingStopped, Footage: more, Width: 640, Height: 480, Codec: "H264", At: before}
	failed     = events.RecordingFailed{Recording: id, Cause: events.RecordingDiskFull, Footage: some, At: before}
	clipped    = events.ClipCut{Recording: id, Clip: cut, Title: sealed(8), From: 1_000, To: 3_000, At: before}
	deleted    = events.RecordingDeleted{Recording: id, Reason: events.DeletedByPlayer, At: before}
	erased     = events.RecordingErased{Recording: id, At: before}
)

// sealed is what a text of anna's of so many bytes is sealed to.
func sealed(length int) events.Sealed {
	return events.Sealed{Player: "anna", Data: make([]byte, 12+length+16)}
}

func TestOpen(t *testing.T) {
	open := recording.Open{Recording: id, Session: played, Player: "anna", Game: "doom", Title: "Doom", Worker: "w"}
	want := opened
	want.At = Now
	When(Given(), open).Then(t, want)
	When(Given(opened), open).Then(t)
	open.Worker = "v"
	When(Given(opened), open).Refused(t, recording.ErrNotHeld)
}

func TestProgress(t *testing.T) {
	progress := recording.Progress{Recording: id, Worker: "w", Footage: some}
	When(Given(), progress).Refused(t, recording.ErrUnknown)
	When(Given(opened), progress).Then(t, events.RecordingProgressed{Recording: id, Footage: some, At: Now})
	When(Given(opened, progressed), progress).Then(t)
	When(Given(opened, finished), progress).Then(t)
	When(Given(opened), recording.Progress{Recording: id, Worker: "v", Footage: some}).Refused(t, recording.ErrNotHeld)
}

func TestFinish(t *testing.T) {
	told := finished
	told.At = time.Time{}
	want := finished
	want.At = Now
	finish := recording.Finish{Worker: "w", Finished: told}
	When(Given(), finish).Refused(t, recording.ErrUnknown)
	When(Given(opened, progressed), finish).Then(t, want)
	When(Given(opened, finished), finish).Then(t)
	When(Given(opened, failed), finish).Then(t)
	When(Given(opened), recording.Finish{Worker: "v", Finished: told}).Refused(t, recording.ErrNotHeld)
}

func TestAFailureKeepsWhatThereIs(t *testing.T) {
	lost := recording.Fail{Recording: id, Cause: events.RecordingWorkerLost}
	When(Given(opened, progressed), lost).
		Then(t, events.RecordingFailed{Recording: id, Cause: events.RecordingWorkerLost, Footage: some, At: Now})
	When(Given(opened, finished), lost).Then(t)
	When(Given(), lost).Refused(t, recording.ErrUnknown)
	full := recording.Fail{Recording: id, Worker: "w", Cause: events.RecordingDiskFull, Detail: "no space", Footage: more}
	When(Given(opened, progressed), full).
		Then(t, events.RecordingFailed{Recording: id, Cause: events.RecordingDiskFull, Detail: "no space", Footage: more, At: Now})
}

func TestCut(t *testing.T) {
	good := recording.Cut{Recording: id, Clip: cut, By: "anna", Title: sealed(8), From: 1_000, To: 3_000}
	want := clipped
	want.At = Now
	When(Given(opened, finished), good).Then(t, want)
	When(Given(opened, failed), good).Then(t, want)
	When(Given(opened, finished, clipped), good).Then(t)
	longest := good
	longest.Title = sealed(4 * recording.MaxTitle)
	want.Title = longest.Title
	When(Given(opened, finished), longest).Then(t, want)

	for name, c := range map[string]struct {
		given  []events.Event
		change func(*recording.Cut)
		want   error
	}{
		"none there":       {nil, nil, recording.ErrUnknown},
		"not finished":     {[]events.Event{opened}, nil, recording.ErrStillOpen},
		"deleted":          {[]events.Event{opened, finished, deleted}, nil, recording.ErrUnknown},
		"somebody else's":  {nil, func(c *recording.Cut) { c.By = "bert" }, recording.ErrNotYours},
		"before the start": {nil, func(c *recording.Cut) { c.From = -1 }, recording.ErrSpan},
		"beyond the end":   {nil, func(c *recording.Cut) { c.To = more.Length + 1 }, recording.ErrSpan},
		"backwards":        {nil, func(c *recording.Cut) { c.From, c.To = c.To, c.From }, recording.ErrSpan},
		"overflowing":      {nil, func(c *recording.Cut) { c.From, c.To = -1<<63, 1<<63-1 }, recording.ErrSpan},
		"too short":        {nil, func(c *recording.Cut) { c.To = c.From + 1 }, recording.ErrSpan},
		"no title":         {nil, func(c *recording.Cut) { c.Title = events.Sealed{} }, recording.ErrTitle},
		"an empty title":   {nil, func(c *recording.Cut) { c.Title = sealed(0) }, recording.ErrTitle},
		"a long title":     {nil, func(c *recording.Cut) { c.Title = sealed(4*recording.MaxTitle + 1) }, recording.ErrTitle},
		"another's title":  {nil, func(c *recording.Cut) { c.Title.Player = "bert" }, recording.ErrTitle},
	} {
		t.Run(name, func(t *testing.T) {
			given, wish := c.given, good
			if c.change != nil {
				given = []events.Event{opened, finished}
				c.change(&wish)
			}
			When(Given(given...), wish).Refused(t, c.want)
		})
	}

	full := []events.Event{opened, finished}
	for range recording.MaxClips {
		clip := clipped
		clip.Clip = events.ClipID(uuid.New())
		full = append(full, clip)
	}
	When(Given(full...), good).Refused(t, recording.ErrManyClips)
}

func TestTitle(t *testing.T) {
	for text, want := range map[string]string{
		" The jump\n":                             "The jump",
		strings.Repeat("ü", recording.MaxTitle):   strings.Repeat("ü", recording.MaxTitle),
		strings.Repeat("ü", recording.MaxTitle+1): "",
		"":     "",
		" \t ": "",
		"\xff": "",
	} {
		got, err := recording.Title(text)
		if got != want || (want == "") != errors.Is(err, recording.ErrTitle) {
			t.Errorf("%q is the title %q, %v", text, got, err)
		}
	}
}

func TestDeleteAndErase(t *testing.T) {
	wish := recording.Delete{Recording: id, By: "anna", Reason: events.DeletedByPlayer}
	When(Given(opened, finished), wish).Then(t, events.RecordingDeleted{Recording: id, Reason: events.DeletedByPlayer, At: Now})
	When(Given(opened), wish).Refused(t, recording.ErrStillOpen)
	When(Given(opened, finished, deleted), wish).Refused(t, recording.ErrUnknown)
	When(Given(opened, finished), recording.Delete{Recording: id, By: "bert"}).Refused(t, recording.ErrNotYours)
	When(Given(opened, failed), recording.Delete{Recording: id, Reason: events.DeletedByAge}).
		Then(t, events.RecordingDeleted{Recording: id, Reason: events.DeletedByAge, At: Now})

	erase := recording.Erase{Recording: id}
	When(Given(opened, finished, deleted), erase).Then(t, events.RecordingErased{Recording: id, At: Now})
	When(Given(opened, finished, deleted, erased), erase).Then(t)
	When(Given(opened, finished), erase).Refused(t, recording.ErrKept)
	When(Given(), erase).Refused(t, recording.ErrUnknown)
}
