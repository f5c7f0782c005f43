package events

import (
	"encoding/json"
	"time"
)

// Seconds is a span of time in the wire form of events.
type Seconds int64

// Duration is the span as the standard library has it.
func (s Seconds) Duration() time.Duration { return time.Duration(s) * time.Second }

// SessionTerms are what the player's plan allowed, and what the game needs, when the
// session was requested: its own history decides by them. The zero value are
// the terms of a session that no plan changes.
type SessionTerms struct {
	Priority  int     `json:"priority"`  // in the queue, from 0: the higher, the earlier
	Longest   Seconds `json:"longest"`   // from the first play to the end; 0: no limit
	Idle      Seconds `json:"idle"`      // without input, while active; 0: the platform's limit
	Pause     Seconds `json:"pause"`     // 0: the platform's limit
	Return    Seconds `json:"return"`    // grace after a lost connection; 0: the platform's
	Allowance Seconds `json:"allowance"` // active play that was left of the day; 0: no limit
	Needs     Needs   `json:"needs"`
	// Resolution is the most lines of the picture; 0: the game's.
	Resolution int `json:"resolution,omitempty"`
	AtOnce     int `json:"atOnce,omitempty"` // sessions that the player may have open, with this one; 0: no limit
}

// MaxPriority is the highest class of the queue.
const MaxPriority = 4

// Ageing is the head start of one class of priority over the next lower one.
const Ageing = 2 * time.Minute

// Class is the terms' class of the queue, 0 to MaxPriority.
func (t SessionTerms) Class() int { return min(max(t.Priority, 0), MaxPriority) }

// QueuedAs is what decides a session's place in the queue, the earliest first:
// when it would have been requested if it had the lowest priority.
func (e SessionRequested) QueuedAs() time.Time {
	return e.At.Add(-time.Duration(e.Terms.Class()) * Ageing)
}

// Needs are what a worker must offer beside the game.
type Needs struct {
	Region  string `json:"region"`  // empty: any
	Encoder string `json:"encoder"` // empty: any
	GPU     bool   `json:"gpu"`
}

// SessionIdled: there has been no input since a time. Said once, when it begins.
type SessionIdled struct {
	Session SessionID `json:"session"`
	Since   time.Time `json:"since"`
	At      time.Time `json:"at"`
}

// SessionRoused: there is input again.
type SessionRoused struct {
	Session SessionID `json:"session"`
	At      time.Time `json:"at"`
}

// SessionWarned: the player was told that the session ends soon, and why: for a
// limit of the plan, or because the time that a guardian allows is nearly up.
// Left is the warning's place in the ladder, once for each of an end.
type SessionWarned struct {
	Session SessionID `json:"session"`
	Reason  EndReason `json:"reason"`
	Left    Seconds   `json:"left"`
	Ends    time.Time `json:"ends"`
	At      time.Time `json:"at"`
}

func (SessionIdled) EventType() string  { return "SessionIdled" }
func (SessionRoused) EventType() string { return "SessionRoused" }
func (SessionWarned) EventType() string { return "SessionWarned" }

func (SessionIdled) event()  {}
func (SessionRoused) event() {}
func (SessionWarned) event() {}

// upcastRequested1 takes SessionRequested from version 1 to 2: no plan had terms.
func upcastRequested1(data json.RawMessage) (json.RawMessage, error) {
	var old struct {
		Session SessionID `json:"session"`
		Player  PlayerID  `json:"player"`
		Game    GameID    `json:"game"`
		Title   string    `json:"title"`
		At      time.Time `json:"at"`
	}
	if err := unmarshalExactly(data, &old); err != nil {
		return nil, err
	}
	return json.Marshal(SessionRequested{Session: old.Session, Player: old.Player, Game: old.Game, Title: old.Title, At: old.At})
}
