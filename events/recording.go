package events

import (
	"encoding/json"
	"time"
)

// RecordingState is a recording's place in its life.
//
//	recording → finished, or → failed: what was written until then can be played
//	   either → deleted → erased
type RecordingState string

// The states.
const (
	RecordingNone       RecordingState = ""
	RecordingIsOpen     RecordingState = "recording"
	RecordingIsFinished RecordingState = "finished"
	RecordingIsFailed   RecordingState = "failed"
	RecordingIsDeleted  RecordingState = "deleted"
	RecordingIsErased   RecordingState = "erased"
)

// Closed says that nothing is written any more, and that it is still there.
func (s RecordingState) Closed() bool { return s == RecordingIsFinished || s == RecordingIsFailed }

// Footage is how much of a recording is kept safe.
type Footage struct {
	Length   int64 `json:"length"` // milliseconds
	Bytes    int64 `json:"bytes"`
	Segments int   `json:"segments"`
}

// RecordingEnd says why a recording came to its end in good order.
type RecordingEnd string

// The reasons for a recording's end.
const (
	RecordingStopped      RecordingEnd = "stopped"      // by the player
	RecordingSessionOver  RecordingEnd = "session-over" // with its session
	RecordingFullLength   RecordingEnd = "full-length"  // a recording may not be longer
	RecordingFullSize     RecordingEnd = "full-size"    // a recording may not be larger
	RecordingOtherStarted RecordingEnd = "replaced"     // the session's next one has begun
)

// RecordingFault says why a recording failed.
type RecordingFault string

// The causes of failure.
const (
	RecordingDiskFull   RecordingFault = "disk-full"
	RecordingStore      RecordingFault = "storage-failed"
	RecordingMedia      RecordingFault = "media-failed" // what the encoder made could not be written down
	RecordingEmpty      RecordingFault = "nothing-shown"
	RecordingWorkerLost RecordingFault = "worker-lost"
)

// Disposal says why a recording was deleted.
type Disposal string

// The reasons for deleting one.
const (
	DeletedByPlayer  Disposal = "player"
	DeletedByAge     Disposal = "age"     // it has been kept for as long as recordings are
	DeletedForSpace  Disposal = "space"   // its player's newer ones need the place
	DeletedByErasure Disposal = "erasure" // its player was erased
)

// SessionRecordingStarted: the session is recorded from now on. By consented to
// that, for the session: what it says and shows is kept.
type SessionRecordingStarted struct {
	Session   SessionID   `json:"session"`
	Recording RecordingID `json:"recording"`
	By        PlayerID    `json:"by"`
	At        time.Time   `json:"at"`
}

// SessionRecordingStopped: the session is not recorded any more. The end of a
// session ends its recording without this.
type SessionRecordingStopped struct {
	Session   SessionID   `json:"session"`
	Recording RecordingID `json:"recording"`
	By        PlayerID    `json:"by,omitempty"` // empty: the recording ended of itself
	At        time.Time   `json:"at"`
}

// RecordingOpened: the session's worker writes down what the player is shown.
type RecordingOpened struct {
	Recording RecordingID `json:"recording"`
	Session   SessionID   `json:"session"`
	Player    PlayerID    `json:"player"`
	Game      GameID      `json:"game"`
	Title     string      `json:"title"`
	Worker    WorkerID    `json:"worker"`
	At        time.Time   `json:"at"`
}

// RecordingProgressed: so much is kept by now, in all. It comes every some
// seconds, not with each segment.
type RecordingProgressed struct {
	Recording RecordingID `json:"recording"`
	Footage   Footage     `json:"footage"`
	At        time.Time   `json:"at"`
}

// RecordingFinished: all that is to be recorded is kept.
type RecordingFinished struct {
	Recording RecordingID  `json:"recording"`
	Reason    RecordingEnd `json:"reason"`
	Footage   Footage      `json:"footage"`
	Width     int          `json:"width"` // of its largest picture
	Height    int          `json:"height"`
	Codec     string       `json:"codec"`   // of its first picture
	Dropped   int          `json:"dropped"` // frames that could not be kept
	At        time.Time    `json:"at"`
}

// RecordingFailed: no more can be recorded. What is kept by then stays.
type RecordingFailed struct {
	Recording RecordingID    `json:"recording"`
	Cause     RecordingFault `json:"cause"`
	Detail    string         `json:"detail,omitempty"` // for the operator
	Footage   Footage        `json:"footage"`
	At        time.Time      `json:"at"`
}

// ClipCut: the part of the recording between two times is a clip. It takes no
// place of its own.
type ClipCut struct {
	Recording RecordingID `json:"recording"`
	Clip      ClipID      `json:"clip"`
	Title     Sealed      `json:"title"` // zero: it has none that is known
	From      int64       `json:"from"`  // milliseconds into the recording
	To        int64       `json:"to"`
	At        time.Time   `json:"at"`
}

// RecordingDeleted: nobody may see the recording or its clips any more.
type RecordingDeleted struct {
	Recording RecordingID `json:"recording"`
	Reason    Disposal    `json:"reason"`
	At        time.Time   `json:"at"`
}

// RecordingErased: its media are gone from the storage.
type RecordingErased struct {
	Recording RecordingID `json:"recording"`
	At        time.Time   `json:"at"`
}

func (SessionRecordingStarted) EventType() string { return "SessionRecordingStarted" }
func (SessionRecordingStopped) EventType() string { return "SessionRecordingStopped" }
func (RecordingOpened) EventType() string         { return "RecordingOpened" }
func (RecordingProgressed) EventType() string     { return "RecordingProgressed" }
func (RecordingFinished) EventType() string       { return "RecordingFinished" }
func (RecordingFailed) EventType() string         { return "RecordingFailed" }
func (ClipCut) EventType() string                 { return "ClipCut" }
func (RecordingDeleted) EventType() string        { return "RecordingDeleted" }
func (RecordingErased) EventType() string         { return "RecordingErased" }

func (SessionRecordingStarted) event() {}
func (SessionRecordingStopped) event() {}
func (RecordingOpened) event()         {}
func (RecordingProgressed) event()     {}
func (RecordingFinished) event()       {}
func (RecordingFailed) event()         {}
func (ClipCut) event()                 {}
func (RecordingDeleted) event()        {}
func (RecordingErased) event()         {}

// upcastClip1 takes ClipCut from version 1 to 2. Its title was not sealed, so
// that nobody could erase it: nothing reads it any more.
func upcastClip1(data json.RawMessage) (json.RawMessage, error) {
	var old struct {
		Recording RecordingID `json:"recording"`
		Clip      ClipID      `json:"clip"`
		Title     string      `json:"title"`
		From      int64       `json:"from"`
		To        int64       `json:"to"`
		At        time.Time   `json:"at"`
	}
	if err := unmarshalExactly(data, &old); err != nil {
		return nil, err
	}
	return json.Marshal(ClipCut{Recording: old.Recording, Clip: old.Clip, From: old.From, To: old.To, At: old.At})
}
