package session_test

import (
	"testing"

	"github.com/google/uuid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var (
	tape       = events.RecordingID(uuid.MustParse("01970000-0000-7000-8000-0000000000aa"))
	otherTape  = events.RecordingID(uuid.MustParse("01970000-0000-7000-8000-0000000000bb"))
	recorded   = events.SessionRecordingStarted{Session: id, Recording: tape, By: "anna", At: before}
	unrecorded = events.SessionRecordingStopped{Session: id, Recording: tape, By: "anna", At: before}
)

func TestRecord(t *testing.T) {
	record := session.Record{Session: id, By: "anna", Recording: tape, Consent: true}
	refusals := map[events.SessionState]error{
		events.SessionNone: session.ErrUnknown, events.SessionIsEnding: session.ErrOver,
		events.SessionIsEnded: session.ErrOver, events.SessionIsFailed: session.ErrOver,
	}
	for _, state := range states {
		switch refusal := refusals[state]; {
		case refusal != nil:
			When(given(state), record).Refused(t, refusal)
		case state == events.SessionIsActive:
			When(given(state), record).Then(t, events.SessionRecordingStarted{Session: id, Recording: tape, By: "anna", At: Now})
		default:
			When(given(state), record).Refused(t, session.ErrNotNow)
		}
	}
	playing := []events.Event{requested, allocated, launched, ready, activated}
	When(Given(playing...), session.Record{Session: id, By: "anna", Recording: tape}).Refused(t, session.ErrNoConsent)
	When(Given(playing...), session.Record{Session: id, By: "bert", Recording: tape, Consent: true}).Refused(t, session.ErrNotYours)

	recording := append(playing, recorded)
	When(Given(recording...), record).Then(t)
	another := session.Record{Session: id, By: "anna", Recording: otherTape, Consent: true}
	When(Given(recording...), another).Refused(t, session.ErrRecorded)
	When(Given(append(recording, unrecorded)...), another).
		Then(t, events.SessionRecordingStarted{Session: id, Recording: otherTape, By: "anna", At: Now})
}

func TestStopRecording(t *testing.T) {
	playing := []events.Event{requested, allocated, launched, ready, activated}
	recording := append(playing, recorded)
	stopped := events.SessionRecordingStopped{Session: id, Recording: tape, By: "anna", At: Now}

	When(Given(recording...), session.StopRecording{Session: id, By: "anna"}).Then(t, stopped)
	When(Given(recording...), session.StopRecording{Session: id, By: "bert"}).Refused(t, session.ErrNotYours)
	When(Given(append(recording, paused)...), session.StopRecording{Session: id, By: "anna"}).Then(t, stopped)
	When(Given(playing...), session.StopRecording{Session: id, By: "anna"}).Then(t)

	of := func(which events.RecordingID) session.StopRecording {
		return session.StopRecording{Session: id, Recording: which}
	}
	When(Given(recording...), of(tape)).Then(t, events.SessionRecordingStopped{Session: id, Recording: tape, At: Now})
	When(Given(recording...), of(otherTape)).Then(t)
	When(Given(append(recording, ended)...), of(tape)).Refused(t, session.ErrOver)
}
