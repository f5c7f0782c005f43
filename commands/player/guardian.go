package player

import (
	"time"

	"github.com/playcast/playcast/events"
)

// maxPIN bounds a PIN's hash, in bytes before it is sealed.
const maxPIN = 256

// What commands of guardians refuse.
var (
	ErrPIN = &events.Fault{Kind: events.Invalid, Code: "pin-invalid",
		Message: "A guardian's PIN comes as a hash, sealed with the player's key."}
	ErrNoGuardian = &events.Fault{Kind: events.Conflict, Code: "no-guardian",
		Message: "Nobody is this player's guardian. Set a guardian's PIN first."}
	ErrProof = &events.Fault{Kind: events.Forbidden, Code: "guardian-pin-needed",
		Message: "Only the guardian can change this. Enter the guardian's PIN, the newest one."}
)

// Proof is the number of the PIN that was entered and found right by the
// issuer, who has let TryPIN count the try; zero: none was. A PIN that was changed meanwhile proves nothing.
type Proof int

// SetGuardian gives a player's guardian a PIN: the first needs no proof, any
// other that of the one before, or an operator where that is forgotten.
type SetGuardian struct {
	Player events.PlayerID
	PIN    events.Sealed // its hash
	Proof  Proof
	Authority
}

func (c SetGuardian) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c SetGuardian) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if !sealedFor(c.Player, c.PIN, maxPIN) {
		return nil, ErrPIN
	}
	if s.Guardian.Number > 0 {
		if same(c.PIN, s.Guardian.PIN) {
			return nil, nil
		}
		if !c.Operator && !s.proved(c.Proof) {
			return nil, ErrProof
		}
	}
	return decided(events.GuardianSet{Player: c.Player, Number: s.Guardian.Number + 1, PIN: c.PIN, At: now})
}

func (s State) proved(p Proof) bool { return p > 0 && int(p) == s.Guardian.Number }

// guarded refuses what nobody but a guardian may decide.
func (s State) guarded(p Proof) error {
	switch {
	case s.Receipt != nil:
		return ErrErased
	case s.Guardian.Number == 0:
		return ErrNoGuardian
	case !s.proved(p):
		return ErrProof
	}
	return nil
}
