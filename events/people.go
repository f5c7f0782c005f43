package events

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"time"
)

// MaxPads is how many gamepads a game sees at most, over all who play it.
const MaxPads = 4

// InvitationKind says what an invitation invites to.
type InvitationKind string

// The kinds.
const (
	InvitationToWatch InvitationKind = "watch" // anybody who has the code, signed in or not
	InvitationToPlay  InvitationKind = "play"  // a player who is signed in
)

// CodeHash is the SHA-256 of an invitation's code. The code itself is in no
// event: who reads the log can't use what it finds there.
type CodeHash [sha256.Size]byte

// HashOfCode returns the hash of a code as it stands in a link.
func HashOfCode(code string) CodeHash { return sha256.Sum256([]byte(code)) }

// Equal compares in a time that says nothing of the hashes.
func (h CodeHash) Equal(other CodeHash) bool { return subtle.ConstantTimeCompare(h[:], other[:]) == 1 }

func (h CodeHash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

func (h *CodeHash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("a code's hash of %d characters: want %d of hexadecimal", len(text), hex.EncodedLen(len(h)))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// InvitationGiven: whoever has the code may watch, or join as a guest, until
// the invitation is withdrawn or the session ends.
type InvitationGiven struct {
	Session    SessionID      `json:"session"`
	Invitation InvitationID   `json:"invitation"`
	Kind       InvitationKind `json:"kind"`
	CodeHash   CodeHash       `json:"codeHash"`
	At         time.Time      `json:"at"`
}

// InvitationWithdrawn: nobody comes by it any more. Remove says that who came
// by it is sent away; of guests, a GuestLeft follows for each.
type InvitationWithdrawn struct {
	Session    SessionID    `json:"session"`
	Invitation InvitationID `json:"invitation"`
	Remove     bool         `json:"remove"`
	At         time.Time    `json:"at"`
}

// GuestJoined: a player has a seat in somebody else's session, and keeps it
// while their connection comes and goes. Who was let in without an invitation,
// because they play together in a lobby, has the zero one.
type GuestJoined struct {
	Session    SessionID    `json:"session"`
	Player     PlayerID     `json:"player"`
	Invitation InvitationID `json:"invitation"`
	At         time.Time    `json:"at"`
}

// GuestLeft: the seat is free again, and with it all that the guest controlled.
type GuestLeft struct {
	Session SessionID `json:"session"`
	Player  PlayerID  `json:"player"`
	Removed bool      `json:"removed"` // by the host
	At      time.Time `json:"at"`
}

// ControlGiven: a guest may do more than before. Keyboard, which brings the
// mouse, and Pads are all that they may use now. What no guest has is the host's.
type ControlGiven struct {
	Session  SessionID `json:"session"`
	Player   PlayerID  `json:"player"`
	Keyboard bool      `json:"keyboard"`
	Pads     int       `json:"pads"`
	At       time.Time `json:"at"`
}

// ControlTaken: a guest may do less than before. Keyboard and Pads are all that
// is left to them.
type ControlTaken struct {
	Session  SessionID `json:"session"`
	Player   PlayerID  `json:"player"`
	Keyboard bool      `json:"keyboard"`
	Pads     int       `json:"pads"`
	At       time.Time `json:"at"`
}

func (InvitationGiven) EventType() string     { return "InvitationGiven" }
func (InvitationWithdrawn) EventType() string { return "InvitationWithdrawn" }
func (GuestJoined) EventType() string         { return "GuestJoined" }
func (GuestLeft) EventType() string           { return "GuestLeft" }
func (ControlGiven) EventType() string        { return "ControlGiven" }
func (ControlTaken) EventType() string        { return "ControlTaken" }

func (InvitationGiven) event()     {}
func (InvitationWithdrawn) event() {}
func (GuestJoined) event()         {}
func (GuestLeft) event()           {}
func (ControlGiven) event()        {}
func (ControlTaken) event()        {}
