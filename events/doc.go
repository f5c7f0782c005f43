// Package events is the ground everything else stands on: identifiers, every
// event with its wire form, the codec, and the Store port through which the
// log is reached.
//
// Ordering. A Store is one totally ordered log. Positions grow strictly in the
// order in which appends were acknowledged; the events of one append are
// neighbours; the revisions of a stream start at 0 and have no gaps. A
// subscription delivers in the order of positions, each event once per
// subscription, and resumes after the position it is given.
//
// An event is a fact with typed values and the time at which it was decided
// (At, UTC). It is validated before it is appended, never when it is read.
// Type names are literals: renaming a Go type does not change history.
package events
