package events

import (
	"errors"
	"fmt"
)

// ErrUnknownType is returned for an event whose type this build does not know.
var ErrUnknownType = errors.New("unknown event type")

// ErrNewerVersion is returned for an event written by a newer playcast.
var ErrNewerVersion = errors.New("event of a newer version")

// ErrMalformed is returned for an event that is not in the form of its version.
var ErrMalformed = errors.New("malformed event")

// UnreadableError says which event of the log this playcast can't read, and
// what to do. Who folds the log stops there: what follows may build on it. It
// wraps ErrUnknownType, ErrNewerVersion or ErrMalformed.
type UnreadableError struct {
	Type     string
	Stream   Stream
	Revision Revision
	Position Position
	Version  int // that it has; 0: not known
	Known    int // the newest that this playcast reads; 0: none of this type
	Err      error
}

func (e *UnreadableError) Unwrap() error { return e.Err }

func (e *UnreadableError) Error() string {
	which := fmt.Sprintf("%s of %s@%d (position %d)", e.Type, e.Stream, e.Revision, e.Position)
	switch {
	case errors.Is(e.Err, ErrUnknownType):
		return fmt.Sprintf("%s: %v: start the newer playcast that wrote it; if another program did, give that a store of its own", which, e.Err)
	case errors.Is(e.Err, ErrNewerVersion):
		return fmt.Sprintf("%s has version %d, this playcast knows %d: %v: start the newer playcast that wrote it", which, e.Version, e.Known, e.Err)
	}
	return fmt.Sprintf("%s, version %d: %v: verify the store (playcast store verify), and restore a backup if it is damaged", which, e.Version, e.Err)
}
