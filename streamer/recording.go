package streamer

import (
	"errors"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/audio"
	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/record"
	"github.com/playcast/playcast/streamer/storage"
)

// Recordings are where recordings are kept, and how large one may be.
type Recordings struct {
	Store     storage.Store
	MaxBytes  int64
	MaxLength time.Duration
}

// recordings are those of a slot, one at a time. The slot's goroutine owns it,
// but for the wishes.
type recordings struct {
	wishes  chan events.RecordingID // holds the latest; zero: none is wanted
	current *tape                   // nil: none is made, and none before has to be stopped
	ending  sync.WaitGroup          // whoever waits for what became of one
}

func newRecordings() recordings { return recordings{wishes: make(chan events.RecordingID, 1)} }

// wish leaves which recording is to be made, and does not wait. It takes the
// place of a wish that the slot has not heard: only the latest counts.
func (r *recordings) wish(id events.RecordingID) {
	for {
		select {
		case r.wishes <- id:
			return
		default:
		}
		select {
		case <-r.wishes:
		default: // the slot has heard it meanwhile
		}
	}
}

// tape is a recording under way. It watches what the players are shown.
type tape struct {
	id           events.RecordingID
	shown, heard *audience
	recorder     *record.Recorder
}

var _ watcher = (*tape)(nil)

// join has what is shown and heard recorded, leave no more.
func (t *tape) join(now time.Time) {
	t.shown.join(t, now)
	t.heard.join(t, now)
}

func (t *tape) leave() {
	t.shown.leave(t)
	t.heard.leave(t)
}

func (t *tape) take(unit encode.AccessUnit) {
	t.recorder.Take(record.Frame{
		Data: unit.Data, Codec: recordedAs(unit.Codec), Width: unit.Width, Height: unit.Height,
		Captured: unit.Captured, Key: unit.Key,
	})
}

func (t *tape) hear(packet audio.Packet) {
	t.recorder.Hear(record.Sound{Data: packet.Data, Captured: packet.Captured, Length: audio.FrameDuration})
}

// tell is of the pointer, which is not part of the picture.
func (t *tape) tell(string) {}

func recordedAs(c encode.Codec) record.Codec {
	switch c {
	case encode.H265:
		return record.H265
	case encode.AV1:
		return record.AV1
	}
	return record.H264
}

// record makes the recording that is wanted now, and ends the one before; all
// who are shown the session are told.
func (s *slot) record(id events.RecordingID) {
	if t := s.recording.current; t != nil && t.id == id {
		return
	}
	defer s.announce()
	now := time.Now()
	if id.IsZero() {
		s.endRecording(now, events.RecordingStopped)
		return
	}
	s.endRecording(now, events.RecordingOtherStarted)
	s.out.put(RecordingOpened{Opened: events.RecordingOpened{
		Recording: id, Session: s.allocated.Session, Player: s.allocated.Player, Game: s.allocated.Game, Title: s.stage.entry.Title,
	}})
	if s.parts.Recordings == nil {
		s.out.put(RecordingEnded{Recording: id, Outcome: record.Outcome{Fault: events.RecordingStore, Err: errNoRecordings}})
		return
	}
	s.begin(id, now)
}

// begin records until the end that is asked for, or the recording's own.
func (s *slot) begin(id events.RecordingID, now time.Time) {
	shown := s.stage.picture.audience
	t := &tape{id: id, shown: shown, heard: s.stage.ears, recorder: record.Start(record.Config{
		Store: s.parts.Recordings.Store, Folder: id.String(),
		MaxBytes: s.parts.Recordings.MaxBytes, MaxLength: s.parts.Recordings.MaxLength,
		KeyFrame: func() { shown.keyFrame(time.Now()) },
		Progress: func(f events.Footage) { s.out.put(RecordingProgressed{Recording: id, Footage: f}) },
		Log:      s.log.With("recording", id),
	})}
	s.recording.current = t
	s.recording.ending.Go(func() {
		outcome := t.recorder.Outcome()
		t.leave()
		if outcome.Err != nil {
			s.log.Error("the recording broke off", "recording", id, "error", outcome.Err)
		}
		s.out.put(RecordingEnded{Recording: id, Outcome: outcome})
	})
	if !s.paused {
		t.join(now)
	}
}

// endRecording stops the recording that is made, if there is one; what became of
// it is reported when all of it is kept.
func (s *slot) endRecording(now time.Time, reason events.RecordingEnd) {
	t := s.recording.current
	if t == nil {
		return
	}
	s.recording.current = nil
	t.leave()
	t.recorder.Stop(now, reason)
}

// restRecording leaves the pause out that begins.
func (s *slot) restRecording(now time.Time) {
	if t := s.recording.current; t != nil {
		t.leave()
		t.recorder.Cut(now)
	}
}

// resumeRecording goes on after a pause.
func (s *slot) resumeRecording(now time.Time) {
	if t := s.recording.current; t != nil {
		select {
		case <-t.recorder.Done(): // it has come to its own end
		default:
			t.join(now)
		}
	}
}

// errNoRecordings is the end of a recording on a worker that keeps none.
var errNoRecordings = errors.New("this worker keeps no recordings: start it with --recordings")

// What a slot reports of recordings.
type (
	// RecordingOpened: what the players are shown is being recorded. The event's
	// worker and time are set when it is recorded.
	RecordingOpened struct{ Opened events.RecordingOpened }
	// RecordingProgressed: so much of it is kept.
	RecordingProgressed struct {
		Recording events.RecordingID
		Footage   events.Footage
	}
	// RecordingEnded: nothing is added to it any more.
	RecordingEnded struct {
		Recording events.RecordingID
		Outcome   record.Outcome
	}
)

func (RecordingOpened) report()     {}
func (RecordingProgressed) report() {}
func (RecordingEnded) report()      {}
