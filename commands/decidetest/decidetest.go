// Package decidetest lets tests of deciders and policies read as sentences.
//
//	When(Given(requested, allocated), session.Launch{Session: id}).Then(t, launched)
package decidetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// Now is the time at which every decision of a test is made.
var Now = time.Date(2026, 1, 2, 15, 0, 0, 0, time.UTC)

// History is what has happened before.
type History struct {
	past []events.Event
	now  time.Time
}

// Given begins with what has happened.
func Given(past ...events.Event) History { return History{past: past, now: Now} }

// At moves the decision to another time.
func (h History) At(now time.Time) History {
	h.now = now
	return h
}

// Decision is what a command came to.
type Decision struct {
	decided []events.Event
	err     error
}

// When decides a command on a history.
func When[S commands.State[S]](h History, command commands.Command[S]) Decision {
	var state S
	for _, e := range h.past {
		state = state.Evolve(e)
	}
	decided, err := command.Decide(state, h.now)
	return Decision{decided: decided, err: err}
}

// Then holds the decision to be exactly these events.
func (d Decision) Then(t *testing.T, want ...events.Event) {
	t.Helper()
	if d.err != nil {
		t.Fatalf("refused: %v", d.err)
	}
	if len(want) == 0 && len(d.decided) == 0 {
		return
	}
	if diff := cmp.Diff(want, d.decided); diff != "" {
		t.Errorf("decided differently (-want +got):\n%s", diff)
	}
}

// Refused holds the decision to be a refusal.
func (d Decision) Refused(t *testing.T, want error) {
	t.Helper()
	if !errors.Is(d.err, want) {
		t.Errorf("got %v (events %v), want the refusal %v", d.err, d.decided, want)
	}
	if len(d.decided) > 0 {
		t.Errorf("refused, but decided %v", d.decided)
	}
}

// Told feeds a policy, each event with a cause of its own.
func Told[P commands.Policy](policy P, past ...events.Event) P {
	for _, e := range past {
		policy.Evolve(commands.Noted{Event: e, Cause: CauseOf(e), Time: Now})
	}
	return policy
}

// CauseOf is the cause that Told gives an event: the same for equal events.
func CauseOf(e events.Event) commands.Cause {
	proposed, err := events.Encode(events.EventID{}, e, events.Metadata{})
	if err != nil {
		return commands.Cause{}
	}
	return commands.Cause{Event: events.EventID(uuid.NewSHA1(uuid.Nil, append([]byte(proposed.Type), proposed.Data...))), Correlation: "c"}
}

// Due holds the orders of a policy at a time to be exactly these commands, and
// their ids to be the same when asked again and different from each other.
func Due(t *testing.T, policy commands.Policy, now time.Time, want ...any) {
	t.Helper()
	orders, again := policy.Due(now), policy.Due(now)
	got := []any{}
	ids := map[events.CommandID]bool{}
	for i, order := range orders {
		got = append(got, order.Command)
		if ids[order.ID] {
			t.Errorf("%s has the id of another order", order.Name)
		}
		ids[order.ID] = true
		if again[i].ID != order.ID {
			t.Errorf("%s has another id when asked again", order.Name)
		}
		if order.Actor != events.ByPolicy(policy.Name()) || order.Causation == "" || order.Correlation != "c" {
			t.Errorf("%s does not say where it comes from: %+v", order.Name, order.Origin)
		}
	}
	if want == nil {
		want = []any{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("due differently (-want +got):\n%s", diff)
	}
}
