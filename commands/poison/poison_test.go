package poison_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/events"
)

const mail = events.HandlerID("mail")

func reference(n byte) events.EventReference {
	return events.EventReference{Event: events.EventID(uuid.UUID{15: n}), Stream: "session-1", Revision: events.Revision(n), Position: events.Position(n), Type: "SessionPaused"}
}

var (
	one    = reference(1)
	keep   = poison.Keep{Handler: mail, Event: one, Cause: "panic: string", Attempts: 5}
	again  = poison.Keep{Handler: mail, Event: one, Cause: "error: *url.Error", Attempts: 5, Again: true}
	replay = poison.Replay{Handler: mail, Event: one.Event}
	settle = poison.Settle{Handler: mail, Event: one.Event}
	drop   = poison.Drop{Handler: mail, Event: one.Event}

	kept     = events.EventPoisoned{Handler: mail, Event: one, Cause: "panic: string", Attempts: 5, At: Now}
	keptOn   = events.EventPoisoned{Handler: mail, Event: one, Cause: "error: *url.Error", Attempts: 5, At: Now}
	asked    = events.PoisonReplayAsked{Handler: mail, Event: one, At: Now}
	replayed = events.PoisonReplayed{Handler: mail, Event: one.Event, At: Now}
	dropped  = events.PoisonDropped{Handler: mail, Event: one.Event, At: Now}
)

func TestKeep(t *testing.T) {
	When(Given(), keep).Then(t, kept)
	When(Given(kept), keep).Then(t)
	When(Given(kept, asked), keep).Then(t)
	When(Given(kept, asked), again).Then(t, keptOn)
	When(Given(kept), again).Then(t)
	When(Given(kept, asked, replayed), again).Then(t)
	When(Given(kept, asked, dropped), again).Then(t)
	When(Given(), poison.Keep{Handler: mail}).Refused(t, poison.ErrMalformed)

	long := keep
	long.Cause, long.Event.Type = strings.Repeat("ä", 1000), "\xff"+strings.Repeat("x", 1000)
	cut := kept
	cut.Cause, cut.Event.Type = strings.Repeat("ä", 100), strings.Repeat("x", 199)
	When(Given(), long).Then(t, cut)
}

func TestAHandlerThatFailsOfEverythingSkipsNoMore(t *testing.T) {
	var full []events.Event
	for i := range poison.MaxHeld {
		r := reference(0)
		r.Event[0], r.Event[1] = byte(i), byte(i>>8)
		r.Event[2] = 1
		full = append(full, events.EventPoisoned{Handler: mail, Event: r, At: Now})
	}
	When(Given(full...), keep).Refused(t, poison.ErrFull)
	freed := events.PoisonDropped{Handler: mail, Event: full[0].(events.EventPoisoned).Event.Event, At: Now}
	When(Given(append(full, freed)...), keep).Then(t, kept)
}

func TestReplay(t *testing.T) {
	When(Given(kept), replay).Then(t, asked)
	When(Given(kept, asked), replay).Then(t, asked)
	When(Given(kept, asked, keptOn), replay).Then(t, asked)
	for _, gone := range []History{Given(), Given(kept, asked, replayed), Given(kept, dropped)} {
		When(gone, replay).Refused(t, poison.ErrNotHeld)
		When(gone, drop).Refused(t, poison.ErrNotHeld)
		When(gone, settle).Then(t)
	}
	When(Given(kept), settle).Then(t)
	When(Given(kept, asked), settle).Then(t, replayed)
}

func TestDrop(t *testing.T) {
	When(Given(kept), drop).Then(t, dropped)
	When(Given(kept, asked), drop).Then(t, dropped)
}

// TestWhatIsHeld after any commands is each event once, in the order in which
// they were skipped, and no earlier state changes.
func TestWhatIsHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state poison.State
		var want []events.EventID
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			event := reference(rapid.ByteRange(1, 4).Draw(t, "event"))
			was := slices.Clone(state.Held)
			before := state
			var decided []events.Event
			var err error
			at := slices.Index(want, event.Event)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				decided, err = poison.Keep{Handler: mail, Event: event, Again: rapid.Bool().Draw(t, "again")}.Decide(state, Now)
			case 1:
				decided, err = poison.Replay{Handler: mail, Event: event.Event}.Decide(state, Now)
			case 2:
				decided, err = poison.Settle{Handler: mail, Event: event.Event}.Decide(state, Now)
			case 3:
				decided, err = poison.Drop{Handler: mail, Event: event.Event}.Decide(state, Now)
			}
			if err != nil && at >= 0 {
				t.Fatalf("refused of what is held: %v", err)
			}
			for _, e := range decided {
				state = state.Evolve(e)
				switch e.(type) {
				case events.EventPoisoned:
					if at < 0 {
						want = append(want, event.Event)
					}
				case events.PoisonReplayed, events.PoisonDropped:
					want = slices.Delete(want, at, at+1)
				}
			}
			if !slices.Equal(before.Held, was) {
				t.Fatal("an earlier state has changed")
			}
		}
		var got []events.EventID
		for _, h := range state.Held {
			got = append(got, h.Event.Event)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("held is %v, want %v", got, want)
		}
	})
}
