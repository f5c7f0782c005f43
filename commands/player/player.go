// Package player decides on who a player is to the platform: profile,
// preferences, roles, consent, what a guardian decides for them, and their
// erasure, after which nothing happens to them any more.
//
//	(nobody) ── any command ──▶ known ── Erase ──▶ erased
//
// Names, addresses and the guardian's PIN come sealed; whoever issues a command
// seals them. What somebody may do, and whether a PIN was right, is found out
// there as well: commands carry the answer. MayPlay says when limits let a
// player play, and the policy Parental warns and ends sessions by it.
package player

import (
	"maps"
	"time"

	"github.com/playcast/playcast/events"
)

// State is a player as their stream tells it.
type State struct {
	Name, Email events.Sealed
	Preferences events.Preferences
	Roles       map[events.Role]bool
	Consents    map[events.Consent]string // the version that they agree to
	Guardian    Guardian
	Age         events.Age
	AgeDeclared bool
	Limits      *events.ParentalLimits // nil: none
	Receipt     *events.ErasureReceipt // nil: not erased
}

// Guardian holds a PIN for a player. Number zero: there is none.
type Guardian struct {
	Number int
	PIN    events.Sealed // its hash
	Tries  Tries
}

// Tries are those to enter the PIN since it was right last.
type Tries struct {
	Count int
	Last  time.Time
}

// Evolve returns the state after an event. States share nothing that changes.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.ProfileChanged:
		s.Name, s.Email = e.Name, e.Email
	case events.PreferencesChanged:
		s.Preferences = e.Preferences
	case events.RoleGranted:
		s.Roles = with(s.Roles, e.Role, true)
	case events.RoleRevoked:
		s.Roles = without(s.Roles, e.Role)
	case events.ConsentGiven:
		s.Consents = with(s.Consents, e.Consent, e.Version)
	case events.ConsentWithdrawn:
		s.Consents = without(s.Consents, e.Consent)
	case events.GuardianSet:
		s.Guardian = Guardian{Number: e.Number, PIN: e.PIN}
	case events.GuardianPINTried:
		s.Guardian.Tries = Tries{Count: s.Guardian.Tries.Count + 1, Last: e.At}
	case events.GuardianPINProved:
		s.Guardian.Tries = Tries{}
	case events.AgeDeclared:
		s.Age, s.AgeDeclared = e.Age, true
	case events.ParentalLimitsSet:
		s.Limits = &e.Limits
	case events.ParentalLimitsLifted:
		s.Limits = nil
	case events.PlayerErased:
		s = State{Receipt: &e.Receipt}
	}
	return s
}

func with[K comparable, V any](all map[K]V, key K, value V) map[K]V {
	changed := make(map[K]V, len(all)+1)
	maps.Copy(changed, all)
	changed[key] = value
	return changed
}

func without[K comparable, V any](all map[K]V, key K) map[K]V {
	changed := maps.Clone(all)
	delete(changed, key)
	return changed
}

// What commands on a player refuse.
var (
	ErrErased = &events.Fault{Kind: events.Conflict, Code: "player-erased",
		Message: "This player was erased. Sign up again to begin anew."}
	ErrSealed = &events.Fault{Kind: events.Invalid, Code: "sealed-for-another",
		Message: "What is personal has to be sealed with the key of the player whom it is about."}
)

// alive refuses what can't be for somebody who is erased.
func (s State) alive() error {
	if s.Receipt != nil {
		return ErrErased
	}
	return nil
}

// sealedFor says whether something of at most longest bytes is sealed for a
// player. Whether their key opens it is the issuer's to know.
func sealedFor(player events.PlayerID, s events.Sealed, longest int) bool {
	return s.Player == player && s.Length() > 0 && s.Length() <= longest
}

// decided is the one event that most commands come to.
func decided(e events.Event) ([]events.Event, error) { return []events.Event{e}, nil }

// Erase records that a player's key is destroyed. Whoever issues it has
// destroyed the key before, so that the receipt says nothing that is not so.
type Erase struct {
	Player  events.PlayerID
	Receipt events.ErasureReceipt
}

// ErrReceipt refuses a receipt that does not say what was done, or too much.
var ErrReceipt = &events.Fault{Kind: events.Invalid, Code: "receipt-incomplete",
	Message: "An erasure's receipt says when the key was destroyed, by whom, and at most 1000 streams by name."}

// MaxNamed is how many streams a receipt names.
const MaxNamed = 1000

func (c Erase) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Erase) Decide(s State, now time.Time) ([]events.Event, error) {
	if s.Receipt != nil {
		return nil, nil
	}
	r := c.Receipt
	if r.KeyDestroyed.IsZero() || r.By == "" || r.Events < 0 || r.Streams < len(r.Largest) || len(r.Largest) > MaxNamed {
		return nil, ErrReceipt
	}
	return decided(events.PlayerErased{Player: c.Player, Receipt: r, At: now})
}
