package saves

import "time"

// Notice is something to tell of a player's saves. The interface is sealed.
type Notice interface{ notice() }

type (
	// Kept: a version is stored.
	Kept struct {
		Version Version
		Size    int64 // of its archive, bytes
		Content Content
		Took    time.Duration
	}
	// Trouble: something is not as the player expects it.
	Trouble struct {
		What   What
		Detail string // for the operator
	}
)

func (Kept) notice()    {}
func (Trouble) notice() {}

// What says what kind of trouble there is.
type What string

// The kinds of trouble. None of them loses what a player has.
const (
	Torn      What = "torn"       // the game was killed while it saved: the state before goes on, this one is put aside
	Diverged  What = "diverged"   // two workers had the game at once: what was played last goes on, the other is put aside
	Damaged   What = "damaged"    // what was stored last can't be read: an earlier version goes on
	Behind    What = "behind"     // the store can't be reached: the session plays on with this worker's copy
	NotStored What = "not-stored" // it waits on this worker, and is stored later
	NotKept   What = "not-kept"   // it is only in this worker's home: too large, or not readable
)
