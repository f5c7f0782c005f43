// Package operators decides on who runs the platform. All operators are in one
// stream, so that of two who are dismissed at the same moment one is left.
//
//	Appoint ─▶ operator ─ Dismiss ─▶ (nobody; never the last one)
package operators

import (
	"maps"
	"time"

	"github.com/playcast/playcast/events"
)

// State is who they are.
type State struct {
	Operators map[events.PlayerID]bool
}

// Evolve returns the state after an event. States share nothing that changes.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.RoleGranted:
		s.Operators = maps.Clone(s.Operators)
		if s.Operators == nil {
			s.Operators = map[events.PlayerID]bool{}
		}
		s.Operators[e.Player] = true
	case events.RoleRevoked:
		s.Operators = maps.Clone(s.Operators)
		delete(s.Operators, e.Player)
	}
	return s
}

// What is refused.
var (
	ErrOperators = &events.Fault{Kind: events.Forbidden, Code: "operators-only",
		Message: "Only an operator can do this. Ask one."}
	ErrLast = &events.Fault{Kind: events.Conflict, Code: "last-operator",
		Message: "This is the last operator: somebody has to be left. Appoint another one first."}
	ErrMany = &events.Fault{Kind: events.Conflict, Code: "too-many-operators",
		Message: "There are as many operators as there can be: 1000. Dismiss one first."}
)

const most = 1000

// Appoint makes a player an operator.
type Appoint struct {
	Player   events.PlayerID
	By       events.Actor
	Operator bool // that By is one was found out by the issuer
}

func (Appoint) Target() events.Stream { return events.OperatorsStream }

func (c Appoint) Decide(s State, now time.Time) ([]events.Event, error) {
	switch {
	case !c.Operator || c.By == "":
		return nil, ErrOperators
	case s.Operators[c.Player]:
		return nil, nil
	case len(s.Operators) >= most:
		return nil, ErrMany
	}
	if err := events.CheckIDs(c.Player); err != nil {
		return nil, err
	}
	return []events.Event{events.RoleGranted{Player: c.Player, Role: events.RoleOperator, By: c.By, At: now}}, nil
}

// Dismiss takes that from a player again, or from oneself. It has to be carried
// out before an operator is erased.
type Dismiss struct {
	Player   events.PlayerID
	By       events.Actor
	Operator bool // that By is one was found out by the issuer
}

func (Dismiss) Target() events.Stream { return events.OperatorsStream }

func (c Dismiss) Decide(s State, now time.Time) ([]events.Event, error) {
	switch {
	case !c.Operator || c.By == "":
		return nil, ErrOperators
	case !s.Operators[c.Player]:
		return nil, nil
	case len(s.Operators) == 1:
		return nil, ErrLast
	}
	return []events.Event{events.RoleRevoked{Player: c.Player, Role: events.RoleOperator, By: c.By, At: now}}, nil
}
