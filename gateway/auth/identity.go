package auth

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// LoginID names one sign-in (the sid claim): the same over every renewal of
// its tokens, another one after a new sign-in. Empty where the issuer gives none.
type LoginID string

// Identity is who a verified token speaks for.
type Identity struct {
	Player  events.PlayerID
	Name    string // for display: never empty, printable, at most 64 characters
	Roles   []Role // never empty
	Expires time.Time
	Login   LoginID
}

// May reports whether any of the identity's roles has the permission.
func (id Identity) May(p Permission) bool {
	for _, role := range id.Roles {
		if role.May(p) {
			return true
		}
	}
	return false
}

// Require returns ErrForbidden, saying what was asked for, unless the identity
// has the permission.
func (id Identity) Require(p Permission) error {
	if id.May(p) {
		return nil
	}
	return ErrForbidden.With(fmt.Sprintf("This account may not %s. Sign in with one that may, or ask an administrator.", p))
}

// PlayerOf returns the player that an issuer's subject is: a UUIDv5 of both in
// the URL namespace, so that the id is stable, holds no personal data, is safe
// in a stream's name, and never meets another issuer's.
func PlayerOf(issuer, subject string) events.PlayerID {
	return events.PlayerID(uuid.NewSHA1(uuid.NameSpaceURL, []byte(issuer+"\n"+subject)).String())
}
