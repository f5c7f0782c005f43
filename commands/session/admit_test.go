package session_test

import (
	"fmt"
	"testing"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

func TestAdmit(t *testing.T) {
	wish := session.Admit{Session: id, Player: "bert"}
	seated := events.GuestJoined{Session: id, Player: "bert", At: Now}
	plays := events.ControlGiven{Session: id, Player: "bert", Pads: 1, At: Now}
	for _, state := range states {
		switch decision := When(given(state), wish); state {
		case events.SessionNone:
			decision.Refused(t, session.ErrUnknown)
		case events.SessionIsRequested, events.SessionIsQueued:
			decision.Refused(t, session.ErrNotNow)
		case events.SessionIsEnding, events.SessionIsEnded, events.SessionIsFailed:
			decision.Refused(t, session.ErrOver)
		default:
			decision.Then(t, seated, plays)
		}
	}
	When(shared(bertJoined, bertPlays), wish).Then(t)
	When(shared(), session.Admit{Session: id, Player: "anna"}).Then(t)
	When(shared(coraJoined, events.ControlGiven{Session: id, Player: "cora", Pads: 3}), wish).Then(t, seated)
	When(shared(bertJoined, bertPlays, bertRemoved), wish).Refused(t, session.ErrRemoved)
	full := []events.Event{}
	for i := range session.MaxGuests {
		full = append(full, events.GuestJoined{Session: id, Player: events.PlayerID(fmt.Sprint("guest", i))})
	}
	When(shared(full...), wish).Refused(t, session.ErrTooManyGuests)
}
