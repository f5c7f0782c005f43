package events

import "fmt"

// SeatRole says what somebody is in a session.
type SeatRole string

// The roles.
const (
	SeatOfHost      SeatRole = "host"      // whose session it is
	SeatOfGuest     SeatRole = "guest"     // plays by the host's invitation
	SeatOfSpectator SeatRole = "spectator" // watches, and is nobody in particular
)

// Seat is from where somebody sees and plays a session. It is no event: it
// travels with an offer, from whoever has checked it to the worker.
type Seat struct {
	Role       SeatRole     `json:"role"`
	Player     PlayerID     `json:"player,omitempty"`    // of a host or guest
	Invitation InvitationID `json:"invitation,omitzero"` // by which a spectator came
}

// HostSeat is the seat of the player whose session it is.
func HostSeat(player PlayerID) Seat { return Seat{Role: SeatOfHost, Player: player} }

// GuestSeat is the seat of a player who was invited.
func GuestSeat(player PlayerID) Seat { return Seat{Role: SeatOfGuest, Player: player} }

// SpectatorSeat is a seat for who came by an invitation to watch.
func SpectatorSeat(invitation InvitationID) Seat {
	return Seat{Role: SeatOfSpectator, Invitation: invitation}
}

// Peer names a connection that somebody has to a session, and from where they
// speak of it: nobody has a say in a connection of another seat.
type Peer struct {
	Session SessionID
	Seat    Seat
	Name    string
}

// Validate says what makes no sense in a seat.
func (s Seat) Validate() error {
	switch s.Role {
	case SeatOfHost, SeatOfGuest:
		if s.Player == "" {
			return fmt.Errorf("a %s's seat names no player", s.Role)
		}
	case SeatOfSpectator:
		if s.Invitation.IsZero() {
			return fmt.Errorf("a spectator's seat names no invitation")
		}
	default:
		return fmt.Errorf("a seat of unknown role %q", s.Role)
	}
	return nil
}
