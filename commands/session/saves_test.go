package session_test

import (
	"testing"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// TestSaves takes the word of the worker that holds the session, or held it.
func TestSaves(t *testing.T) {
	kept := session.KeepSaves{Worker: "w", Kept: events.SavesKept{Session: id, Version: "00000001", Bytes: 10}}
	trouble := session.TroubleSaves{Worker: "w", Trouble: events.SavesTroubled{Session: id, Trouble: events.SavesTorn}}
	storedNow, troubledNow := kept.Kept, trouble.Trouble
	storedNow.At, troubledNow.At = Now, Now
	for _, state := range []events.SessionState{
		events.SessionIsAllocated, events.SessionIsActive, events.SessionIsEnding, events.SessionIsEnded, events.SessionIsFailed,
	} {
		When(given(state), kept).Then(t, storedNow)
		When(given(state), trouble).Then(t, troubledNow)
	}
	When(Given(), kept).Refused(t, session.ErrUnknown)
	When(Given(requested), trouble).Refused(t, session.ErrNotHeld)
	kept.Worker, trouble.Worker = "v", "v"
	When(given(events.SessionIsActive), kept).Refused(t, session.ErrNotHeld)
	When(given(events.SessionIsActive), trouble).Refused(t, session.ErrNotHeld)
}
