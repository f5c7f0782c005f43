package session_test

import (
	"testing"

	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

func TestWhoIsErasedPlaysNoMore(t *testing.T) {
	own, others := events.SessionID(uuid.UUID{7: 1}), events.SessionID(uuid.UUID{7: 2})
	requested := events.SessionRequested{Session: own, Player: "anna", Game: "doom", At: Now}
	hosted := events.SessionRequested{Session: others, Player: "bert", Game: "doom", At: Now}
	joined := events.GuestJoined{Session: others, Player: "anna", At: Now}
	erased := events.PlayerErased{Player: "anna", At: Now}
	end := session.End{Session: own, Reason: events.EndedErased}
	leave := session.Leave{Session: others, By: "anna", Player: "anna"}
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"nobody is erased", []events.Event{requested, hosted, joined}, nil},
		{"a player and guest", []events.Event{requested, hosted, joined, erased}, []any{end, leave}},
		{"delivered again", []events.Event{requested, erased, requested, erased}, []any{end}},
		{"asked for at the same moment", []events.Event{erased, requested, hosted, joined}, []any{end, leave}},
		{"somebody else", []events.Event{hosted, erased}, nil},
		{"a guest who has left", []events.Event{hosted, joined, events.GuestLeft{Session: others, Player: "anna", At: Now}, erased}, nil},
		{"a session that ends", []events.Event{requested, erased, events.SessionEnding{Session: own, At: Now}}, nil},
		{"one that has ended, told again", []events.Event{requested, events.SessionEnded{Session: own, At: Now}, erased, requested}, nil},
		{"one that has failed", []events.Event{hosted, joined, erased, events.SessionFailed{Session: others, At: Now}}, nil},
		{"a guest of no session", []events.Event{joined, erased}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { Due(t, Told(session.NewErasing(), c.given...), Now, c.due...) })
	}
}
