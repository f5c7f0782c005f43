package player

import (
	"slices"
	"time"

	"github.com/playcast/playcast/events"
)

// What commands on roles refuse.
var (
	ErrRole = &events.Fault{Kind: events.Invalid, Code: "unknown-role",
		Message: "The roles are player, support and analyst. Operators are appointed."}
	ErrOperators = &events.Fault{Kind: events.Forbidden, Code: "operators-only",
		Message: "Only an operator can do this. Ask one."}
)

// Authority is in whose name an operator's command comes.
type Authority struct {
	By       events.Actor
	Operator bool // that By is one was found out by the issuer
}

// Grant gives a player a role, but not that of an operator: who has that is in
// one stream for all, see the package operators.
type Grant struct {
	Player events.PlayerID
	Role   events.Role
	Authority
}

func (c Grant) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Grant) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.governed(c.Authority, c.Role); err != nil {
		return nil, err
	}
	if s.Roles[c.Role] {
		return nil, nil
	}
	return decided(events.RoleGranted{Player: c.Player, Role: c.Role, By: c.By, At: now})
}

// Revoke takes a role from a player.
type Revoke struct {
	Player events.PlayerID
	Role   events.Role
	Authority
}

func (c Revoke) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c Revoke) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.governed(c.Authority, c.Role); err != nil {
		return nil, err
	}
	if !s.Roles[c.Role] {
		return nil, nil
	}
	return decided(events.RoleRevoked{Player: c.Player, Role: c.Role, By: c.By, At: now})
}

func (s State) governed(a Authority, role events.Role) error {
	switch {
	case !a.Operator || a.By == "":
		return ErrOperators
	case !slices.Contains([]events.Role{events.RolePlayer, events.RoleSupport, events.RoleAnalyst}, role):
		return ErrRole
	}
	return s.alive()
}
