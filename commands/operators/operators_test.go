package operators_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/operators"
	"github.com/playcast/playcast/events"
)

const system = "system:operator"

func granted(player events.PlayerID) events.RoleGranted {
	return events.RoleGranted{Player: player, Role: events.RoleOperator, By: system, At: Now}
}

func revoked(player events.PlayerID) events.RoleRevoked {
	return events.RoleRevoked{Player: player, Role: events.RoleOperator, By: system, At: Now}
}

func TestAppoint(t *testing.T) {
	appoint := operators.Appoint{Player: "anna", By: system, Operator: true}
	When(Given(), appoint).Then(t, granted("anna"))
	When(Given(granted("anna")), appoint).Then(t)
	When(Given(), operators.Appoint{Player: "anna", By: "player:anna"}).Refused(t, operators.ErrOperators)
	When(Given(), operators.Appoint{Player: "anna", Operator: true}).Refused(t, operators.ErrOperators)
	When(Given(), operators.Appoint{Player: "No Slug", By: system, Operator: true}).Refused(t, events.ErrID)
	var many []events.Event
	for i := range 1000 {
		many = append(many, granted(events.PlayerID(fmt.Sprintf("p%d", i))))
	}
	When(Given(many...), appoint).Refused(t, operators.ErrMany)
}

func TestDismiss(t *testing.T) {
	dismiss := operators.Dismiss{Player: "anna", By: system, Operator: true}
	two := Given(granted("anna"), granted("ben"))
	When(two, dismiss).Then(t, revoked("anna"))
	When(two, operators.Dismiss{Player: "carl", By: system, Operator: true}).Then(t)
	When(two, operators.Dismiss{Player: "anna", By: "player:carl"}).Refused(t, operators.ErrOperators)
	When(Given(granted("anna")), dismiss).Refused(t, operators.ErrLast)
	When(Given(granted("anna"), granted("ben"), revoked("ben")), dismiss).Refused(t, operators.ErrLast)
	When(Given(), dismiss).Then(t)
}

// TestSomebodyIsLeft after any commands, once there was an operator.
func TestSomebodyIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := operators.State{}.Evolve(granted("anna"))
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			who := rapid.SampledFrom([]events.PlayerID{"anna", "ben", "carl"}).Draw(t, "who")
			command := rapid.SampledFrom([]commands.Command[operators.State]{
				operators.Appoint{Player: who, By: system, Operator: true},
				operators.Dismiss{Player: who, By: events.ByPlayer(who), Operator: true},
			}).Draw(t, "command")
			decided, err := command.Decide(state, Now)
			if err != nil && !errors.Is(err, operators.ErrLast) {
				t.Fatal(err)
			}
			for _, e := range decided {
				state = state.Evolve(e)
			}
			if len(state.Operators) == 0 {
				t.Fatal("nobody is left")
			}
		}
	})
}
