package player

import (
	"bytes"
	"time"

	"github.com/playcast/playcast/events"
)

// The longest name and address, in bytes before they are sealed.
const (
	MaxName  = 256
	MaxEmail = 254 // RFC 5321, 4.5.3.1.3
)

// ErrProfile refuses a profile that is too long or has no name.
var ErrProfile = &events.Fault{Kind: events.Invalid, Code: "profile-invalid",
	Message: "A name has 1 to 256 bytes, an e-mail address at most 254. Choose shorter ones."}

// ChangeProfile says who a player is to others. Sealing the same text again
// gives other bytes: the issuer compares, and does not issue what holds already.
type ChangeProfile struct {
	Player events.PlayerID
	Name   events.Sealed
	Email  events.Sealed // zero: none
}

func (c ChangeProfile) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c ChangeProfile) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if c.Name.Player != c.Player || !c.Email.IsZero() && c.Email.Player != c.Player {
		return nil, ErrSealed
	}
	if !sealedFor(c.Player, c.Name, MaxName) || !c.Email.IsZero() && !sealedFor(c.Player, c.Email, MaxEmail) {
		return nil, ErrProfile
	}
	if c.Email.IsZero() {
		c.Email = events.Sealed{}
	}
	if same(c.Name, s.Name) && same(c.Email, s.Email) {
		return nil, nil
	}
	return decided(events.ProfileChanged{Player: c.Player, Name: c.Name, Email: c.Email, At: now})
}

func same(a, b events.Sealed) bool { return bytes.Equal(a.Data, b.Data) }
