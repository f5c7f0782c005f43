package projections_test

import (
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// history appends events as the write side would.
type history struct {
	t     *testing.T
	store events.Store
	now   time.Time
}

func newHistory(t *testing.T, store events.Store) *history {
	return &history{t: t, store: store, now: time.Date(2026, 1, 2, 15, 0, 0, 0, time.UTC)}
}

func (h *history) put(stream events.Stream, all ...events.Event) {
	h.t.Helper()
	for _, e := range all {
		id := events.NewCommandID()
		proposed, err := events.Encode(events.DeriveEventID(id, 0), e, events.Metadata{Command: id, Actor: "system:test"})
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.store.Append(h.t.Context(), stream, events.AnyRevision(), []events.Proposed{proposed}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *history) wait(d time.Duration) time.Time {
	h.now = h.now.Add(d)
	return h.now
}

func (h *history) segment(number int, length time.Duration) *events.Segment {
	from := h.now
	return &events.Segment{Number: number, From: from, To: h.wait(length)}
}

// play writes a session of 60 s, a pause and 30 s, on games and an account.
func (h *history) play() events.SessionID {
	h.t.Helper()
	id := events.NewSessionID()
	doom := events.Game{ID: "doom", Title: "Doom", Width: 640, Height: 480, FrameRate: 35, Inputs: []events.Input{events.Keyboard}}
	h.put(events.GameStream("doom"), events.GamePublished{Game: doom, At: h.now})
	doom.Title = "Doom II"
	h.put(events.GameStream("doom"), events.GameChanged{Game: doom, At: h.now}, events.GameBecameUnavailable{Game: "doom", Reason: "not installed", At: h.now},
		events.AgeLimitChanged{Game: "doom", Minimum: 16, By: "player:boss", At: h.now})
	h.put(events.RatingStream("doom", "anna"), events.GameRated{Game: "doom", Player: "anna", Stars: 5, At: h.now})
	stream := events.SessionStream(id)
	h.put(stream,
		events.SessionRequested{Session: id, Player: "anna", Game: "doom", Title: "Doom", At: h.now},
		events.SessionQueued{Session: id, At: h.now},
		events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", At: h.now},
		events.SessionLaunched{Session: id, At: h.now},
		events.SessionReady{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "x264", At: h.now},
		events.SessionActivated{Session: id, Segment: 1, At: h.now},
		events.QualityReported{Session: id, From: h.now, To: h.now, Quality: quality(1000), At: h.now},
		events.PictureAdapted{Session: id, Width: 480, Height: 360, FrameRate: 35, Encoder: "openh264", Cause: events.PictureEncoderFailed, At: h.now},
	)
	h.put(stream,
		events.SessionIdled{Session: id, Since: h.now, At: h.now},
		events.SessionWarned{Session: id, Reason: events.EndedIdle, Left: 60, Ends: h.now.Add(time.Minute), At: h.now},
		events.SessionRoused{Session: id, At: h.now},
		events.SessionWarned{Session: id, Reason: events.EndedLongest, Left: 3600, Ends: h.now.Add(time.Hour), At: h.now},
	)
	h.share(stream, id)
	h.record(stream, id)
	first := h.segment(1, time.Minute)
	h.put(stream, events.SessionPaused{Session: id, Closed: first, At: h.now})
	h.put(stream, events.SessionResumed{Session: id, Segment: 2, At: h.wait(time.Hour)})
	second := h.segment(2, 30*time.Second)
	h.put(stream, events.SessionEnding{Session: id, Reason: events.EndedByPlayer, Closed: second, At: h.now})
	h.put(stream,
		events.SavesTroubled{Session: id, Trouble: events.SavesBehind, Detail: "no answer", At: h.now},
		events.SavesKept{Session: id, Version: "1", Bytes: 4096, Files: 3, At: h.now},
		events.SessionEnded{Session: id, Reason: events.EndedByPlayer, At: h.now})
	h.put(events.AccountStream("anna"),
		events.AccountOpened{Player: "anna", At: h.now},
		events.PlaytimeMetered{Player: "anna", Session: id, Game: "doom", Segment: *first, At: h.now},
		events.PlaytimeMetered{Player: "anna", Session: id, Game: "doom", Segment: *second, At: h.now},
	)
	return id
}

// standing writes a session that waits, and a worker that has one.
func (h *history) standing() {
	h.t.Helper()
	h.gather()
	waits, runs := events.NewSessionID(), events.NewSessionID()
	h.put(events.SessionStream(waits),
		events.SessionRequested{Session: waits, Player: "bert", Game: "doom", Title: "Doom", Terms: events.SessionTerms{Priority: 1}, At: h.now},
		events.SessionQueued{Session: waits, At: h.now})
	h.put(events.WorkerStream("standing"),
		events.WorkerRegistered{Worker: "standing", Incarnation: "first", Slots: 2, At: h.now},
		events.SlotReserved{Worker: "standing", Slot: 1, Session: runs, At: h.now})
}

// record makes two recordings, of which one stays, with a clip.
func (h *history) record(stream events.Stream, id events.SessionID) {
	h.t.Helper()
	for i := range 2 {
		tape := events.RecordingOf(events.NewCommandID())
		h.put(stream, events.SessionRecordingStarted{Session: id, Recording: tape, By: "anna", At: h.now})
		some := events.Footage{Length: 5_000, Bytes: 90_000, Segments: 2}
		own := events.RecordingStream(tape)
		h.put(own,
			events.RecordingOpened{Recording: tape, Session: id, Player: "anna", Game: "doom", Title: "Doom", Worker: "w", At: h.now},
			events.RecordingProgressed{Recording: tape, Footage: some, At: h.now})
		if i == 0 {
			h.put(own, events.RecordingFailed{Recording: tape, Cause: events.RecordingDiskFull, Footage: some, At: h.now})
		} else {
			h.put(own, events.RecordingFinished{Recording: tape, Reason: events.RecordingStopped, Footage: some, Width: 640, Height: 480, Codec: "H264", At: h.now})
		}
		h.put(stream, events.SessionRecordingStopped{Session: id, Recording: tape, By: "anna", At: h.now})
		clip := events.ClipOf(events.NewCommandID())
		h.put(own, events.ClipCut{Recording: tape, Clip: clip, Title: events.Sealed{Player: "anna", Data: []byte("sealed")}, From: 1_000, To: 2_000, At: h.now})
		if i == 0 {
			h.put(own, events.RecordingDeleted{Recording: tape, Reason: events.DeletedByPlayer, At: h.now},
				events.RecordingErased{Recording: tape, At: h.now})
		}
	}
}

// share invites two, of whom one stays, and withdraws one of two invitations.
func (h *history) share(stream events.Stream, id events.SessionID) {
	h.t.Helper()
	stays, goes := events.InvitationOf(events.NewCommandID()), events.InvitationOf(events.NewCommandID())
	h.put(stream,
		events.InvitationGiven{Session: id, Invitation: stays, Kind: events.InvitationToPlay, CodeHash: events.HashOfCode("stays"), At: h.now},
		events.InvitationGiven{Session: id, Invitation: goes, Kind: events.InvitationToWatch, CodeHash: events.HashOfCode("goes"), At: h.now},
		events.GuestJoined{Session: id, Player: "bert", Invitation: stays, At: h.now},
		events.GuestJoined{Session: id, Player: "cora", Invitation: stays, At: h.now},
		events.ControlGiven{Session: id, Player: "bert", Keyboard: true, Pads: 2, At: h.now},
		events.ControlTaken{Session: id, Player: "bert", Keyboard: false, Pads: 1, At: h.now},
		events.GuestLeft{Session: id, Player: "cora", Removed: true, At: h.now},
		events.InvitationWithdrawn{Session: id, Invitation: goes, At: h.now},
	)
}

func quality(bitRate int) events.Quality {
	return events.Quality{Sent: events.SentQuality{BitRate: bitRate}}
}
