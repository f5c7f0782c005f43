package events_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

var update = flag.Bool("update", false, "write the wire form of event versions that have none yet")

var (
	sessionID   = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-000000000001"))
	recordingID = events.RecordingID(uuid.MustParse("01970000-0000-7000-8000-000000000002"))
	invitation  = events.InvitationID(uuid.MustParse("01970000-0000-7000-8000-000000000002"))
	clipID      = events.ClipID(uuid.MustParse("01970000-0000-7000-8000-000000000003"))
	footage     = events.Footage{Length: 61_250, Bytes: 42_000_000, Segments: 16}
	at          = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	segment     = events.Segment{Number: 2, From: at.Add(-time.Minute), To: at}
	freedoom    = events.Game{
		ID: "freedoom1", Title: "Freedoom: Phase 1", Description: "A shooter.", Genre: "Shooter", Art: "/art/freedoom1.svg",
		Command: []string{"chocolate-doom", "-iwad", "freedoom1.wad"}, Environment: map[string]string{"SDL_AUDIODRIVER": "dummy"},
		Width: 960, Height: 720, FrameRate: 35, Inputs: []events.Input{events.Keyboard, events.MouseRelative},
	}
)

// samples has one of every event type, with every field filled.
var samples = slices.Concat(
	billingSamples,
	invoiceSamples,
	lobbySamples,
	platformSamples,
	playerSamples,
	poisonSamples,
	presenceSamples,
)

// platformSamples are those of sessions, workers, recordings and the catalog.
var platformSamples = []events.Event{
	events.SessionRequested{Session: sessionID, Player: "player1", Game: "freedoom1", Title: "Freedoom: Phase 1", Terms: events.SessionTerms{
		Priority: 3, Longest: 14400, Idle: 900, Pause: 1800, Return: 120, Allowance: 7200,
		Needs: events.Needs{Region: "eu-west", Encoder: "h264_vaapi", GPU: true},
	}, At: at},
	events.SessionQueued{Session: sessionID, At: at},
	events.SessionAllocated{Session: sessionID, Player: "player1", Game: "freedoom1", Worker: "worker-1", Slot: 1, At: at},
	events.SessionLaunched{Session: sessionID, At: at},
	events.SessionReady{Session: sessionID, Width: 960, Height: 720, FrameRate: 35, Encoder: "x264", At: at},
	events.SessionActivated{Session: sessionID, Segment: 2, At: at},
	events.SessionPaused{Session: sessionID, Closed: &segment, At: at},
	events.SessionResumed{Session: sessionID, Segment: 3, At: at},
	events.SessionInterrupted{Session: sessionID, Cause: "the path is silent", Closed: &segment, At: at},
	events.SessionEnding{Session: sessionID, Reason: events.EndedByPlayer, Closed: &segment, At: at},
	events.SessionEnded{Session: sessionID, Reason: events.EndedByGame, Closed: &segment, At: at},
	events.SessionIdled{Session: sessionID, Since: at.Add(-time.Minute), At: at},
	events.SessionRoused{Session: sessionID, At: at},
	events.SessionWarned{Session: sessionID, Reason: events.EndedLongest, Left: 300, Ends: at.Add(5 * time.Minute), At: at},
	events.SessionFailed{Session: sessionID, Cause: events.FailedGame, Detail: "status 139", Closed: &segment, At: at},
	events.SavesKept{Session: sessionID, Version: "00000042-20261129T011536.123Z-clean-0123456789abcdef", Bytes: 81_920, Files: 12, Skipped: 1, TookMs: 35, At: at},
	events.SavesTroubled{Session: sessionID, Trouble: events.SavesTorn, Detail: "its game was ended while it changed its files", At: at},
	events.PictureAdapted{Session: sessionID, Width: 720, Height: 540, FrameRate: 35, BitRate: 1_700_000, Encoder: "x264",
		Cause: events.PicturePathNarrow, Estimate: 2_000_000, Lost: 0.02, RoundTrip: 41.5, QueueDelay: 12.25, At: at},
	events.QualityReported{Session: sessionID, From: at.Add(-5 * time.Second), To: at, At: at, Quality: events.Quality{
		Stages: events.StageQuality{
			Wait: events.Percentiles{P50: 1, P95: 2, P99: 3}, Encode: events.Percentiles{P50: 3, P95: 5, P99: 8},
			Send: events.Percentiles{P50: 0.5, P95: 1, P99: 2}, Total: events.Percentiles{P50: 4.5, P95: 7, P99: 11},
		},
		Sent: events.SentQuality{FrameRate: 59.8, Dropped: 1, KeyFrames: 2, BitRate: 7_900_000},
		Path: events.PathQuality{Lost: 0.01, Resent: 12, RoundTrip: 12.5, Jitter: 1.25, QueueDelay: 3.5, Estimate: 9_400_000},
		Client: &events.ClientQuality{
			Reports: 3, FrameRate: 59.6, Dropped: 4, Freezes: 2, FreezeTime: 310.5, Decode: 2.25, Buffer: 6.75,
			InputToPresent: events.Percentiles{P50: 28, P95: 41.5, P99: 60},
		},
	}},
	events.SessionRecordingStarted{Session: sessionID, Recording: recordingID, By: "player1", At: at},
	events.SessionRecordingStopped{Session: sessionID, Recording: recordingID, By: "player1", At: at},
	events.RecordingOpened{Recording: recordingID, Session: sessionID, Player: "player1", Game: "freedoom1", Title: "Freedoom: Phase 1", Worker: "worker-1", At: at},
	events.RecordingProgressed{Recording: recordingID, Footage: footage, At: at},
	events.RecordingFinished{Recording: recordingID, Reason: events.RecordingStopped, Footage: footage, Width: 960, Height: 720, Codec: "H264", Dropped: 3, At: at},
	events.RecordingFailed{Recording: recordingID, Cause: events.RecordingDiskFull, Detail: "no space left on device", Footage: footage, At: at},
	events.ClipCut{Recording: recordingID, Clip: clipID, Title: events.Sealed{Player: "player1", Data: []byte("sealed")}, From: 1_500, To: 4_250, At: at},
	events.RecordingDeleted{Recording: recordingID, Reason: events.DeletedByAge, At: at},
	events.RecordingErased{Recording: recordingID, At: at},
	events.InvitationGiven{Session: sessionID, Invitation: invitation, Kind: events.InvitationToPlay, CodeHash: events.HashOfCode("code"), At: at},
	events.InvitationWithdrawn{Session: sessionID, Invitation: invitation, Remove: true, At: at},
	events.GuestJoined{Session: sessionID, Player: "player2", Invitation: invitation, At: at},
	events.GuestLeft{Session: sessionID, Player: "player2", Removed: true, At: at},
	events.ControlGiven{Session: sessionID, Player: "player2", Keyboard: true, Pads: 2, At: at},
	events.ControlTaken{Session: sessionID, Player: "player2", Keyboard: true, Pads: 1, At: at},
	events.AccountOpened{Player: "player1", At: at},
	events.PlaytimeMetered{Player: "player1", Session: sessionID, Game: "freedoom1", Segment: segment, At: at},
	events.WorkerRegistered{Worker: "worker-1", Incarnation: "a", Address: "10.0.0.7:8189", Slots: 2,
		Encoders: []string{"x264", "openh264"}, Games: []events.GameID{"freedoom1", "latency-lab"}, Region: "eu-west", GPU: "a GPU", At: at},
	events.WorkerDraining{Worker: "worker-1", Incarnation: "a", At: at},
	events.WorkerResumed{Worker: "worker-1", Incarnation: "a", At: at},
	events.WorkerLost{Worker: "worker-1", Incarnation: "a", Sessions: []events.SessionID{sessionID}, At: at},
	events.WorkerStopped{Worker: "worker-1", Incarnation: "a", At: at},
	events.SlotReserved{Worker: "worker-1", Slot: 1, Session: sessionID, At: at},
	events.SlotReleased{Worker: "worker-1", Slot: 1, Session: sessionID, At: at},
	events.GamePublished{Game: freedoom, At: at},
	events.GameChanged{Game: freedoom, At: at},
	events.GameWithdrawn{Game: "freedoom1", At: at},
	events.GameBecameUnavailable{Game: "freedoom1", Reason: "chocolate-doom is not installed", At: at},
	events.GameBecameAvailable{Game: "freedoom1", At: at},
}

// earlier has what events of versions that are not written any more are read as.
var earlier = map[string]events.Event{
	"ClipCut.v1": events.ClipCut{Recording: recordingID, Clip: clipID, From: 1_500, To: 4_250, At: at},
	"QualityReported.v1": events.QualityReported{Session: sessionID, From: at.Add(-5 * time.Second), To: at, At: at, Quality: events.Quality{
		Stages: events.StageQuality{Encode: events.Percentiles{P50: 3, P95: 5, P99: 8}, Send: events.Percentiles{P50: 0.5, P95: 1, P99: 2}},
		Sent:   events.SentQuality{FrameRate: 59.8, Dropped: 1, BitRate: 7_900_000},
		Path:   events.PathQuality{Lost: 0.01, RoundTrip: 12.5},
		Client: &events.ClientQuality{FrameRate: 59.6, Freezes: 2},
	}},
	"WorkerRegistered.v2": events.WorkerRegistered{Worker: "worker-1", Incarnation: "a", Address: "10.0.0.7:8189", Slots: 2,
		Encoders: []string{"x264", "openh264"}, Games: []events.GameID{"freedoom1", "latency-lab"}, At: at},
	"SessionRequested.v1": events.SessionRequested{Session: sessionID, Player: "player1", Game: "freedoom1", Title: "Freedoom: Phase 1", At: at},
	"WorkerRegistered.v1": events.WorkerRegistered{Worker: "worker-1", Incarnation: "a", Slots: 2, Encoders: []string{"x264", "openh264"}, At: at},
}

// TestWireForm holds the version that is written today: a golden file is added
// with a new type or version and never changed.
func TestWireForm(t *testing.T) {
	seen := map[string]bool{}
	for _, sample := range samples {
		name := sample.EventType()
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			proposed, err := events.Encode(events.EventID{}, sample, events.Metadata{Actor: "system:test"})
			if err != nil {
				t.Fatal(err)
			}
			version := versionOf(t, proposed)
			path := filepath.Join("testdata", fmt.Sprintf("%s.v%d.json", name, version))
			if _, err := os.Stat(path); *update && errors.Is(err, os.ErrNotExist) {
				if err := os.WriteFile(path, append(proposed.Data, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v (go test ./events -update writes what is new)", err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(golden)), string(proposed.Data)); diff != "" {
				t.Errorf("written differently now (-golden +now):\n%s", diff)
			}
			decoded, meta, err := events.Decode(events.Recorded{Type: name, Data: golden, Metadata: proposed.Metadata})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sample, decoded); diff != "" {
				t.Errorf("read differently (-written +read):\n%s", diff)
			}
			if meta.SchemaVersion != version || meta.Actor != "system:test" {
				t.Errorf("metadata %+v", meta)
			}
		})
	}
	for _, name := range events.Types() {
		if !seen[name] {
			t.Errorf("%s has no sample here", name)
		}
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name, _, _ := strings.Cut(filepath.Base(file), "."); !seen[name] {
			t.Errorf("%s is of a type that is not known any more: history has to stay readable", file)
		}
	}
}

// TestEarlierVersions holds that every version ever written can still be read.
func TestEarlierVersions(t *testing.T) {
	current := map[string]int{}
	for _, sample := range samples {
		proposed, err := events.Encode(events.EventID{}, sample, events.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		current[sample.EventType()] = versionOf(t, proposed)
	}
	for name, today := range current {
		for version := 1; version < today; version++ {
			t.Run(fmt.Sprintf("%s.v%d", name, version), func(t *testing.T) {
				golden, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("%s.v%d.json", name, version)))
				if err != nil {
					t.Fatal(err)
				}
				meta := fmt.Appendf(nil, `{"schemaVersion":%d,"commandId":"%s"}`, version, uuid.Nil)
				decoded, _, err := events.Decode(events.Recorded{Type: name, Data: golden, Metadata: meta})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(earlier[fmt.Sprintf("%s.v%d", name, version)], decoded); diff != "" {
					t.Errorf("read differently (-want +read):\n%s", diff)
				}
			})
		}
	}
}

func versionOf(t *testing.T, p events.Proposed) int {
	t.Helper()
	var meta events.Metadata
	if err := json.Unmarshal(p.Metadata, &meta); err != nil {
		t.Fatal(err)
	}
	return meta.SchemaVersion
}

func TestDecodeRefuses(t *testing.T) {
	meta := []byte(`{"actor":"system:test","commandId":"00000000-0000-0000-0000-000000000000","schemaVersion":1}`)
	for name, c := range map[string]struct {
		recorded events.Recorded
		want     error
	}{
		"an unknown type":              {events.Recorded{Type: "SomethingElse", Metadata: meta}, events.ErrUnknownType},
		"a newer version":              {events.Recorded{Type: "SessionQueued", Metadata: []byte(`{"schemaVersion":2,"commandId":"00000000-0000-0000-0000-000000000000"}`)}, events.ErrNewerVersion},
		"a version that none is":       {events.Recorded{Type: "SessionQueued", Data: []byte(`{}`), Metadata: []byte(`{"schemaVersion":-2,"commandId":"00000000-0000-0000-0000-000000000000"}`)}, events.ErrMalformed},
		"no metadata":                  {events.Recorded{Type: "SessionQueued"}, events.ErrMalformed},
		"an old form with a new field": {events.Recorded{Type: "QualityReported", Metadata: meta, Data: []byte(`{"quality":{"stages":{}}}`)}, events.ErrMalformed},
		"data that is cut":             {events.Recorded{Type: "SessionQueued", Metadata: meta, Data: []byte(`{"session":`)}, events.ErrMalformed},
		"an unknown field":             {events.Recorded{Type: "SessionQueued", Metadata: meta, Data: []byte(`{"colour":1}`)}, events.ErrMalformed},
		"what upcasts to nothing":      {events.Recorded{Type: "QualityReported", Metadata: meta, Data: []byte(`[]`)}, events.ErrMalformed},
		"data after the data":          {events.Recorded{Type: "SessionQueued", Metadata: meta, Data: []byte(`{} {"session":"x"}`)}, events.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			c.recorded.Stream, c.recorded.Revision, c.recorded.Position = "session-x", 7, 1234
			_, _, err := events.Decode(c.recorded)
			var unreadable *events.UnreadableError
			if !errors.Is(err, c.want) || !errors.As(err, &unreadable) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if unreadable.Stream != "session-x" || unreadable.Revision != 7 || unreadable.Position != 1234 || unreadable.Type != c.recorded.Type {
				t.Errorf("%+v is not the event", unreadable)
			}
			for _, word := range []string{c.recorded.Type, "session-x@7", "position 1234"} {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q does not say %s", err, word)
				}
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, sample := range samples {
		proposed, err := events.Encode(events.EventID{}, sample, events.Metadata{})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(proposed.Type, proposed.Data, proposed.Metadata)
	}
	v1, err := os.ReadFile("testdata/QualityReported.v1.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("QualityReported", v1, []byte(`{"schemaVersion":1,"commandId":"00000000-0000-0000-0000-000000000000"}`))
	f.Fuzz(func(t *testing.T, kind string, data, metadata []byte) {
		event, _, err := events.Decode(events.Recorded{Type: kind, Data: data, Metadata: metadata})
		if err != nil {
			return
		}
		if _, err := events.Encode(events.EventID{}, event, events.Metadata{}); err != nil && !errors.Is(err, events.ErrNotKept) && !errors.Is(err, events.ErrTooLarge) {
			t.Fatalf("what was read can't be written: %v", err)
		}
	})
}
