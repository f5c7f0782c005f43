package session

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What a session takes beside its player. A guest is sent what the player is
// sent, so that their number is what a worker's line has to carry.
const (
	MaxInvitations = 16 // that stand at once
	MaxGuests      = 7
)

// People are who shares a session with its player, the host, and how others
// come to it. What no guest controls is the host's.
type People struct {
	Invitations []Invitation
	Guests      []Guest
	Removals    []Removal
}

// Invitation is one that stands.
type Invitation struct {
	ID    events.InvitationID
	Kind  events.InvitationKind
	Hash  events.CodeHash
	Given time.Time
}

// Guest is a player who has joined, and what they control.
type Guest struct {
	Player     events.PlayerID
	Invitation events.InvitationID
	Keyboard   bool
	Pads       int
}

// Removal bars a player from the invitations that were given before it.
type Removal struct {
	Player events.PlayerID
	At     time.Time
}

// evolve returns the people after an event. States share nothing that changes.
func (p People) evolve(e events.Event) People {
	switch e := e.(type) {
	case events.InvitationGiven:
		given := Invitation{ID: e.Invitation, Kind: e.Kind, Hash: e.CodeHash, Given: e.At}
		p.Invitations = append(slices.Clone(p.Invitations), given)
	case events.InvitationWithdrawn:
		p.Invitations = without(p.Invitations, func(i Invitation) bool { return i.ID == e.Invitation })
	case events.GuestJoined:
		p.Guests = append(slices.Clone(p.Guests), Guest{Player: e.Player, Invitation: e.Invitation})
		p.Removals = without(p.Removals, func(r Removal) bool { return r.Player == e.Player })
	case events.GuestLeft:
		p.Guests = without(p.Guests, func(g Guest) bool { return g.Player == e.Player })
		if e.Removed {
			p.Removals = append(slices.Clone(p.Removals), Removal{Player: e.Player, At: e.At})
		}
	case events.ControlGiven:
		p.Guests = controlled(p.Guests, e.Player, e.Keyboard, e.Pads)
	case events.ControlTaken:
		p.Guests = controlled(p.Guests, e.Player, e.Keyboard, e.Pads)
	}
	return p
}

func without[T any](all []T, gone func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(all), gone)
}

func controlled(guests []Guest, player events.PlayerID, keyboard bool, pads int) []Guest {
	guests = slices.Clone(guests)
	for i := range guests {
		if guests[i].Player == player {
			guests[i].Keyboard, guests[i].Pads = keyboard, pads
		}
	}
	return guests
}

// Guest returns the guest that a player is.
func (p People) Guest(player events.PlayerID) (Guest, bool) {
	i := slices.IndexFunc(p.Guests, func(g Guest) bool { return g.Player == player })
	if i < 0 {
		return Guest{}, false
	}
	return p.Guests[i], true
}

// pads counts the gamepads that are the guests'.
func (p People) pads() int {
	total := 0
	for _, g := range p.Guests {
		total += g.Pads
	}
	return total
}

// Opened returns the invitation that a code opens. Every one is compared, so
// that the time it takes tells nothing.
func (p People) Opened(hash events.CodeHash) (found Invitation, ok bool) {
	for _, i := range p.Invitations {
		if i.Hash.Equal(hash) {
			found, ok = i, true
		}
	}
	return found, ok
}

// barred says that the player was removed after an invitation was given.
func (p People) barred(player events.PlayerID, by Invitation) bool {
	return slices.ContainsFunc(p.Removals, func(r Removal) bool { return r.Player == player && !by.Given.After(r.At) })
}

// take refuses a guest for whom there is no room, and who can't be one.
func (p People) take(player events.PlayerID) error {
	if len(p.Guests) >= MaxGuests {
		return ErrTooManyGuests
	}
	return events.CheckIDs(player)
}

// What sharing a session refuses.
var (
	ErrInvitation = &events.Fault{Kind: events.NotFound, Code: "invitation-unknown",
		Message: "This invitation does not work, or not any more. Ask for another one."}
	ErrTooManyInvitations = &events.Fault{Kind: events.Conflict, Code: "too-many-invitations",
		Message: "There are as many invitations as a session may have. Withdraw one first."}
	ErrNoHostGuest = &events.Fault{Kind: events.Conflict, Code: "session-is-yours",
		Message: "This session is yours: you play it without an invitation."}
	ErrTooManyGuests = &events.Fault{Kind: events.Conflict, Code: "session-full",
		Message: "This session has as many guests as it may have."}
	ErrRemoved = &events.Fault{Kind: events.Forbidden, Code: "guest-removed",
		Message: "You were removed from this session. Ask its host for a new invitation."}
	ErrNoGuest = &events.Fault{Kind: events.NotFound, Code: "guest-unknown",
		Message: "This player is no guest of the session."}
	ErrTooManyPads = &events.Fault{Kind: events.Conflict, Code: "too-many-pads",
		Message: "A game has 4 gamepads in all. Take one from another guest first."}
	ErrPads = &events.Fault{Kind: events.Invalid, Code: "pads-invalid",
		Message: "A guest has 0 to 4 gamepads."}
	ErrKind = &events.Fault{Kind: events.Invalid, Code: "invitation-kind",
		Message: "An invitation is to watch or to play."}
	ErrNoCode = &events.Fault{Kind: events.Invalid, Code: "invitation-without-code",
		Message: "An invitation has a code. Make one, and tell its hash."}
)

// held refuses sharing before a worker has the session: who is invited would
// come to nothing.
func (s State) held() error {
	switch s.Phase {
	case events.SessionIsRequested, events.SessionIsQueued:
		return ErrNotNow.With("The session waits for a free place. Invite people when it has one.")
	}
	return nil
}
