package events

import "time"

// SavesKept: what the session has left of the player's saves is stored, as a
// version that the next session is given on any worker.
type SavesKept struct {
	Session SessionID `json:"session"`
	Version string    `json:"version"`
	Bytes   int64     `json:"bytes"` // stored
	Files   int       `json:"files"`
	Skipped int       `json:"skipped,omitempty"` // that are no files, or can't be read
	TookMs  int64     `json:"tookMs"`
	At      time.Time `json:"at"`
}

// SavesTroubled: something about the player's saves is not as the player
// expects it. Nothing is lost by it.
type SavesTroubled struct {
	Session SessionID    `json:"session"`
	Trouble SavesTrouble `json:"trouble"`
	Detail  string       `json:"detail"` // for the operator
	At      time.Time    `json:"at"`
}

// SavesTrouble says what kind of trouble there is with saves.
type SavesTrouble string

// The kinds of trouble.
const (
	SavesTorn      SavesTrouble = "torn"       // the game was killed while it saved: the state before goes on, this one is put aside
	SavesDiverged  SavesTrouble = "diverged"   // two workers had the game at once: what was played last goes on, the other is put aside
	SavesDamaged   SavesTrouble = "damaged"    // what was stored last can't be read: an earlier version goes on
	SavesBehind    SavesTrouble = "behind"     // the store can't be reached: the session plays on with its worker's copy
	SavesNotStored SavesTrouble = "not-stored" // they wait on the worker, and are stored later
	SavesNotKept   SavesTrouble = "not-kept"   // they are only in the worker's home: too large, or not readable
)

func (SavesKept) EventType() string     { return "SavesKept" }
func (SavesTroubled) EventType() string { return "SavesTroubled" }

func (SavesKept) event()     {}
func (SavesTroubled) event() {}
