package streamer

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/record"
	"github.com/playcast/playcast/streamer/storage"
)

var tapeID = events.RecordingID(uuid.MustParse("01970000-0000-7000-8000-0000000000aa"))

// keeping has a house keep recordings.
func (h *house) keeping(t *testing.T) (*storage.Folder, *record.Library) {
	t.Helper()
	store, err := storage.OpenFolder(t.TempDir())
	must(t, err)
	h.worker.parts.Recordings = &Recordings{Store: store, MaxLength: time.Hour}
	return store, record.NewLibrary(store)
}

// segments waits until so many are stored.
func segments(t *testing.T, l *record.Library, n int) record.Manifest {
	t.Helper()
	var m record.Manifest
	eventually(t, "segments are stored", func() bool {
		found, err := l.Manifest(t.Context(), tapeID.String())
		m = found
		return err == nil && len(m.Segments) >= n
	})
	return m
}

func TestASessionIsRecorded(t *testing.T) {
	h := newHouse(t)
	store, library := h.keeping(t)
	defer store.Close()
	session := h.draw(t, "draws")
	b := h.join(t, session)
	b.frame(t)

	h.tell(t, events.SessionRecordingStarted{Session: session, Recording: tapeID, By: "anna"})
	opened := report[RecordingOpened](t, h.reports, session).Opened
	if opened.Recording != tapeID || opened.Session != session || opened.Player == "" || opened.Title == "" {
		t.Errorf("reported as %+v", opened)
	}
	watcher := h.sit(t, session, asWatcher)
	watcher.heeds(t, `"people"`, `"recorded":true`)
	b.heeds(t, `"people"`, `"recorded":true`)
	if first := segments(t, library, 1); !first.Inits[0].Sound {
		t.Errorf("the sound is not recorded: %+v", first)
	}

	// The pause is left out.
	h.tell(t, events.SessionPaused{Session: session})
	paused := segments(t, library, 2)
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	watcher.heeds(t, `"people"`, `"paused":true`)
	h.tell(t, events.SessionResumed{Session: session})
	watcher.heeds(t, `"people"`, `"paused":false`)
	b.frame(t)
	after := segments(t, library, len(paused.Segments)+1)
	if !after.Segments[len(paused.Segments)].Break {
		t.Errorf("the manifest does not tell of the pause: %+v", after.Segments)
	}

	// The player leaves: the game goes on, and is recorded.
	b.leave()
	report[Disconnected](t, h.reports, session)
	segments(t, library, len(after.Segments)+1)

	h.tell(t, events.SessionRecordingStopped{Session: session, Recording: tapeID, By: "anna"})
	watcher.heeds(t, `"people"`, `"recorded":false`)
	watcher.leave()
	ended := report[RecordingEnded](t, h.reports, session)
	if o := ended.Outcome; ended.Recording != tapeID || o.Reason != events.RecordingStopped || o.Err != nil || o.Dropped != 0 ||
		o.Footage.Bytes == 0 || o.Codec != record.H264 {
		t.Errorf("reported as %+v", ended)
	}
	if h.worker.slot(session).stage.picture.audience.isShown() {
		t.Error("the picture runs for nobody")
	}
	h.reports.none(t)
}

func TestARecordingEndsWithItsSession(t *testing.T) {
	h := newHouse(t)
	store, library := h.keeping(t)
	defer store.Close()
	session := h.draw(t, "draws")
	h.join(t, session).frame(t)
	h.tell(t, events.SessionRecordingStarted{Session: session, Recording: tapeID, By: "anna"})
	report[RecordingOpened](t, h.reports, session)
	segments(t, library, 1)
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	for {
		next := h.reports.next(t).report
		if ended, ok := next.(RecordingEnded); ok {
			if ended.Outcome.Reason != events.RecordingSessionOver {
				t.Errorf("reported as %+v", ended)
			}
			break
		}
		if _, over := next.(Finished); over {
			t.Fatal("the session's end was reported before its recording's")
		}
	}
	h.freed(t, session)
	if m := segments(t, library, 1); !m.Ended {
		t.Error("the recording has no end")
	}
}

func TestAWorkerThatKeepsNoRecordingsSaysSo(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	h.tell(t, events.SessionRecordingStarted{Session: session, Recording: tapeID, By: "anna"})
	report[RecordingOpened](t, h.reports, session)
	if o := report[RecordingEnded](t, h.reports, session).Outcome; o.Fault != events.RecordingStore || o.Err == nil {
		t.Errorf("reported as %+v", o)
	}
}
