package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func TestTheViewOfRecordings(t *testing.T) {
	stays, goes := events.RecordingID{1}, events.RecordingID{2}
	opened := func(id events.RecordingID) events.Event {
		return events.RecordingOpened{Recording: id, Session: events.SessionID{3}, Player: "anna", Game: "doom", Title: "Doom", At: noon}
	}
	some := events.Footage{Length: 5000, Bytes: 90_000}
	v, f := folded[*recordingView](t, newRecordingView, opened(stays), opened(goes),
		events.RecordingProgressed{Recording: stays, Footage: some, At: noon},
		events.RecordingFinished{Recording: stays, Reason: events.RecordingStopped, Footage: some, Width: 640, Height: 480, Codec: "H264", At: noon.Add(time.Minute)},
		events.RecordingFailed{Recording: goes, Cause: events.RecordingDiskFull, At: noon},
		events.ClipCut{Recording: stays, Clip: events.ClipID{1}, From: 1000, To: 2000, At: noon},
		events.ClipCut{Recording: goes, Clip: events.ClipID{2}, From: 0, To: 10, At: noon},
		events.ClipCut{Recording: goes, Clip: events.ClipID{3}, From: 0, To: 10, At: noon})
	if row, _ := v.recordings.Get(goes); row.State != events.RecordingIsFailed || row.Fault != events.RecordingDiskFull || row.EndedAt.IsZero() {
		t.Errorf("%+v", row)
	}
	f.take("", events.RecordingDeleted{Recording: goes, At: noon})
	want := map[events.RecordingID]recordingRow{stays: {
		ID: stays, Session: events.SessionID{3}, Player: "anna", Game: "doom", Title: "Doom", State: events.RecordingIsFinished,
		StartedAt: noon, EndedAt: noon.Add(time.Minute), EndReason: events.RecordingStopped, LengthMs: 5000, Bytes: 90_000,
		Width: 640, Height: 480, Codec: "H264", Position: 6,
	}}
	if diff := cmp.Diff(want, rows(v.recordings)); diff != "" {
		t.Errorf("recordings (-want +got):\n%s", diff)
	}
	clips := map[events.ClipID]clipRow{{1}: {ID: events.ClipID{1}, Recording: stays, FromMs: 1000, ToMs: 2000, CutAt: noon}}
	if diff := cmp.Diff(clips, rows(v.clips)); diff != "" {
		t.Errorf("clips (-want +got):\n%s", diff)
	}
}
