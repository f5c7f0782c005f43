package queries_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

func TestRecordingsOfAll(t *testing.T) {
	p := newProjected(t)
	var all []events.RecordingID // the newest first
	for i, player := range []events.PlayerID{"anna", "bert", "anna", "cora"} {
		id := events.RecordingOf(events.NewCommandID())
		all = append([]events.RecordingID{id}, all...)
		p.happened(queries.ViewRecording, events.RecordingStream(id),
			events.RecordingOpened{Recording: id, Session: events.NewSessionID(), Player: player, Game: "doom", Title: "Doom", At: noon.Add(time.Duration(i) * time.Minute)},
			events.ClipCut{Recording: id, Clip: events.ClipOf(events.NewCommandID()), From: 0, To: 100, At: noon})
		if i > 1 {
			p.happened(queries.ViewRecording, events.RecordingStream(id),
				events.RecordingFailed{Recording: id, Cause: events.RecordingDiskFull, Footage: events.Footage{Bytes: 100}, At: noon.Add(time.Hour)})
		}
	}
	read := func(state events.RecordingState) (ids []events.RecordingID) {
		t.Helper()
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := p.db.AllRecordings(t.Context(), state, cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Recordings {
				if len(r.Clips) != 1 {
					t.Errorf("the clips of %+v", r)
				}
				ids = append(ids, r.ID)
			}
			cursor = page.Next
		}
		return ids
	}
	for state, want := range map[events.RecordingState][]events.RecordingID{
		events.RecordingNone: all, events.RecordingIsFailed: all[:2], events.RecordingIsOpen: all[2:], events.RecordingIsFinished: nil,
	} {
		if got := read(state); !slices.Equal(got, want) {
			t.Errorf("in state %q: %v, want %v", state, got, want)
		}
	}
	page, err := p.db.AllRecordings(t.Context(), "", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.AllRecordings(t.Context(), events.RecordingIsFailed, page.Next, 1); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("the cursor of another state: %v", err)
	}
}
