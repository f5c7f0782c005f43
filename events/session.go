package events

import "time"

// SessionState is a session's place in its life.
//
//	requested → queued → allocated → launching → ready → active ⇄ paused
//	                                                       ⇅
//	                                                  interrupted
//	any of these → ending → ended, or → failed
type SessionState string

// The states.
const (
	SessionNone        SessionState = ""
	SessionIsRequested SessionState = "requested"
	SessionIsQueued    SessionState = "queued"
	SessionIsAllocated SessionState = "allocated"
	SessionIsLaunching SessionState = "launching"
	SessionIsReady     SessionState = "ready"
	SessionIsActive    SessionState = "active"
	SessionIsPaused    SessionState = "paused"
	SessionIsBroken    SessionState = "interrupted"
	SessionIsEnding    SessionState = "ending"
	SessionIsEnded     SessionState = "ended"
	SessionIsFailed    SessionState = "failed"
)

// Over says that nothing can happen to the session any more.
func (s SessionState) Over() bool { return s == SessionIsEnded || s == SessionIsFailed }

// Segment is a stretch of active play, the unit of metering.
type Segment struct {
	Number int       `json:"number"` // from 1 within its session
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// Duration is the time played, never negative.
func (s Segment) Duration() time.Duration { return max(0, s.To.Sub(s.From)) }

// EndReason says why a session came to its end in good order.
type EndReason string

// The reasons for an end.
const (
	EndedByPlayer    EndReason = "player"            // the player ended it
	EndedByGame      EndReason = "game-exited"       // the game was left from within
	EndedUnconnected EndReason = "not-connected"     // nobody connected in time
	EndedUnreturned  EndReason = "not-returned"      // the connection was lost and nobody came back
	EndedPausedLong  EndReason = "paused-long"       // paused beyond the limit
	EndedByShutdown  EndReason = "worker-stopped"    // the worker was shut down
	EndedLongest     EndReason = "longest-session"   // as long as the plan lets one session last
	EndedIdle        EndReason = "idle"              // no input for longer than the plan allows
	EndedAllowance   EndReason = "daily-allowance"   // the plan's play of the day is used up
	EndedByGuardian  EndReason = "guardian"          // the time that the player's guardian allows is up
	EndedCrowded     EndReason = "too-many-sessions" // another one was asked for at the same moment, and one may be open less
	EndedErased      EndReason = "erased"            // the player was erased
)

// FailureCause says why a session failed.
type FailureCause string

// The causes of failure.
const (
	FailedLaunch     FailureCause = "launch-failed" // the game did not start
	FailedLaunchTime FailureCause = "launch-timeout"
	FailedGame       FailureCause = "game-crashed"
	FailedHung       FailureCause = "game-hung"        // the game gave no sign of life any more
	FailedPicture    FailureCause = "picture-failed"   // capture or encoder
	FailedStorage    FailureCause = "storage-exceeded" // the game kept more than it may
	FailedWorker     FailureCause = "worker-lost"
)

// SessionRequested: a player wants to play a game.
type SessionRequested struct {
	Session SessionID    `json:"session"`
	Player  PlayerID     `json:"player"`
	Game    GameID       `json:"game"`
	Title   string       `json:"title"`
	Terms   SessionTerms `json:"terms"`
	At      time.Time    `json:"at"`
}

// SessionQueued: no worker has a free slot; the session waits its turn.
type SessionQueued struct {
	Session SessionID `json:"session"`
	At      time.Time `json:"at"`
}

// SessionAllocated: a worker's slot is the session's.
type SessionAllocated struct {
	Session SessionID `json:"session"`
	Player  PlayerID  `json:"player"`
	Game    GameID    `json:"game"`
	Worker  WorkerID  `json:"worker"`
	Slot    int       `json:"slot"`
	// Resolution is the most lines of the picture by the session's terms; 0: the game's.
	Resolution int       `json:"resolution,omitempty"`
	At         time.Time `json:"at"`
}

// SessionLaunched: the worker has started the display and the game.
type SessionLaunched struct {
	Session SessionID `json:"session"`
	At      time.Time `json:"at"`
}

// SessionReady: the game draws, and a peer may connect.
type SessionReady struct {
	Session   SessionID `json:"session"`
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	FrameRate int       `json:"frameRate"`
	Encoder   string    `json:"encoder"`
	At        time.Time `json:"at"`
}

// SessionActivated: the player's peer is connected. Segment number Segment of
// active play begins.
type SessionActivated struct {
	Session SessionID `json:"session"`
	Segment int       `json:"segment"`
	At      time.Time `json:"at"`
}

// SessionPaused: the player has paused. Closes a segment.
type SessionPaused struct {
	Session SessionID `json:"session"`
	Closed  *Segment  `json:"closed,omitempty"`
	At      time.Time `json:"at"`
}

// SessionResumed: play goes on after a pause, with a new segment.
type SessionResumed struct {
	Session SessionID `json:"session"`
	Segment int       `json:"segment"`
	At      time.Time `json:"at"`
}

// SessionInterrupted: the player's peer was lost. Closes a segment, if one was
// open.
type SessionInterrupted struct {
	Session SessionID `json:"session"`
	Cause   string    `json:"cause"`
	Closed  *Segment  `json:"closed,omitempty"`
	At      time.Time `json:"at"`
}

// SessionEnding: the session is to end; its worker cleans up. Closes a segment,
// if one was open.
type SessionEnding struct {
	Session SessionID `json:"session"`
	Reason  EndReason `json:"reason"`
	Closed  *Segment  `json:"closed,omitempty"`
	At      time.Time `json:"at"`
}

// SessionEnded: all is cleaned up. Closes a segment, if one was open.
type SessionEnded struct {
	Session SessionID `json:"session"`
	Reason  EndReason `json:"reason"`
	Closed  *Segment  `json:"closed,omitempty"`
	At      time.Time `json:"at"`
}

// SessionFailed: the session broke. Closes a segment, if one was open, at the
// last moment at which the session was known to run.
type SessionFailed struct {
	Session SessionID    `json:"session"`
	Cause   FailureCause `json:"cause"`
	Detail  string       `json:"detail,omitempty"` // for the operator
	Closed  *Segment     `json:"closed,omitempty"`
	At      time.Time    `json:"at"`
}

func (SessionRequested) EventType() string   { return "SessionRequested" }
func (SessionQueued) EventType() string      { return "SessionQueued" }
func (SessionAllocated) EventType() string   { return "SessionAllocated" }
func (SessionLaunched) EventType() string    { return "SessionLaunched" }
func (SessionReady) EventType() string       { return "SessionReady" }
func (SessionActivated) EventType() string   { return "SessionActivated" }
func (SessionPaused) EventType() string      { return "SessionPaused" }
func (SessionResumed) EventType() string     { return "SessionResumed" }
func (SessionInterrupted) EventType() string { return "SessionInterrupted" }
func (SessionEnding) EventType() string      { return "SessionEnding" }
func (SessionEnded) EventType() string       { return "SessionEnded" }
func (SessionFailed) EventType() string      { return "SessionFailed" }

func (SessionRequested) event()   {}
func (SessionQueued) event()      {}
func (SessionAllocated) event()   {}
func (SessionLaunched) event()    {}
func (SessionReady) event()       {}
func (SessionActivated) event()   {}
func (SessionPaused) event()      {}
func (SessionResumed) event()     {}
func (SessionInterrupted) event() {}
func (SessionEnding) event()      {}
func (SessionEnded) event()       {}
func (SessionFailed) event()      {}
