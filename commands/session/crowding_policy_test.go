package session_test

import (
	"testing"

	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

func TestTheLastOfTooManySessionsHasToGo(t *testing.T) {
	id := func(n byte) events.SessionID { return events.SessionID(uuid.UUID{7: n}) }
	asked := func(n byte, most int) events.SessionRequested {
		return events.SessionRequested{Session: id(n), Player: "anna", Game: "doom", Terms: events.SessionTerms{AtOnce: most}, At: Now}
	}
	others := asked(9, 1)
	others.Player = "bert"
	end := session.End{Session: id(2), Reason: events.EndedCrowded}
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"as many as may be", []events.Event{asked(1, 2), asked(2, 2)}, nil},
		{"two gateways at the same moment", []events.Event{asked(1, 1), asked(2, 1)}, []any{end}},
		{"delivered again", []events.Event{asked(1, 1), asked(1, 1), asked(2, 1), asked(2, 1)}, []any{end}},
		{"no limit", []events.Event{asked(1, 0), asked(2, 0)}, nil},
		{"another player", []events.Event{asked(1, 1), others}, nil},
		{"one was ending", []events.Event{asked(1, 1), events.SessionEnding{Session: id(1), At: Now}, asked(2, 1)}, nil},
		{"one was over", []events.Event{asked(1, 1), events.SessionEnded{Session: id(1), At: Now}, asked(2, 1)}, nil},
		{"one had failed", []events.Event{asked(1, 1), events.SessionFailed{Session: id(1), At: Now}, asked(2, 1)}, nil},
		{"it ends", []events.Event{asked(1, 1), asked(2, 1), events.SessionEnded{Session: id(2), At: Now}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(session.NewCrowding(), c.given...), Now, c.due...) })
	}
	When(Given(), session.Request{Session: id(1), Player: "anna", Game: "doom", Terms: events.SessionTerms{AtOnce: -1}}).Refused(t, session.ErrTerms)
}
