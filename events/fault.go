package events

import (
	"errors"
	"strings"
)

// Kind classes a fault by what its receiver can do about it. The gateway maps
// it to a status code, in one place.
type Kind int

// The kinds of faults.
const (
	Invalid      Kind = iota + 1 // the request makes no sense: change it
	Unauthorized                 // sign in
	Forbidden                    // somebody else's
	NotFound                     // there is no such thing
	Conflict                     // not in this state
	TooLarge                     // send less
	Unavailable                  // try again later
	TooMany                      // ask less often
	Outdated                     // what it builds on has changed: look again
)

// Fault is an error for people: a stable code, and a message that says what
// happened and what to do. Faults are compared by code.
type Fault struct {
	Kind    Kind
	Code    string // kebab-case, never changed once published
	Message string
}

func (f *Fault) Error() string { return f.Message }

// Is compares by code, so that a fault with a more precise message is still
// recognised.
func (f *Fault) Is(target error) bool {
	var other *Fault
	return errors.As(target, &other) && other.Code == f.Code
}

// longestMessage is what a person reads, in bytes.
const longestMessage = 400

// With returns the fault with another message, which may name what somebody
// sent: a long one is cut, and what is not text in it replaced.
func (f *Fault) With(message string) *Fault {
	if len(message) > longestMessage {
		message = message[:longestMessage] + "…"
	}
	return &Fault{Kind: f.Kind, Code: f.Code, Message: strings.ToValidUTF8(message, "�")}
}
