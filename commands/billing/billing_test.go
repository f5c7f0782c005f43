package billing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/commands/billing"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/events"
)

var (
	id      = events.SessionID(uuid.MustParse("01970000-0000-7000-8000-00000000000a"))
	before  = Now.Add(-time.Minute)
	first   = events.Segment{Number: 1, From: before, To: Now}
	second  = events.Segment{Number: 2, From: before, To: Now}
	opened  = events.AccountOpened{Player: "anna", At: Now}
	metered = events.PlaytimeMetered{Player: "anna", Session: id, Game: "doom", Segment: first, At: Now}

	requested   = events.SessionRequested{Session: id, Player: "anna", Game: "doom", At: before}
	paused      = events.SessionPaused{Session: id, Closed: &first, At: Now}
	interrupted = events.SessionInterrupted{Session: id, Closed: &first, At: Now}
	ending      = events.SessionEnding{Session: id, Closed: &second, At: Now}
	ended       = events.SessionEnded{Session: id, At: Now}
	failed      = events.SessionFailed{Session: id, Closed: &first, At: Now}
)

func meter(s events.Segment) billing.Meter {
	return billing.Meter{Player: "anna", Session: id, Game: "doom", Segment: s}
}

func TestMeter(t *testing.T) {
	When(Given(), meter(first)).Then(t, opened, metered)
	When(Given(opened, metered), meter(first)).Then(t)
	When(Given(opened, metered), meter(second)).
		Then(t, events.PlaytimeMetered{Player: "anna", Session: id, Game: "doom", Segment: second, At: Now})
	When(Given(), meter(events.Segment{Number: 0, From: before, To: Now})).Refused(t, billing.ErrSegment)
	When(Given(), meter(events.Segment{Number: 1, From: Now, To: before})).Refused(t, billing.ErrSegment)
}

func TestMeteringMetersEachClosedSegmentOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []events.Event
		due   []any
	}{
		{"a pause", []events.Event{requested, paused}, []any{meter(first)}},
		{"an interruption", []events.Event{requested, interrupted}, []any{meter(first)}},
		{"an end, of what is left", []events.Event{requested, paused, ending, ended}, []any{meter(first), meter(second)}},
		{"a failure", []events.Event{requested, failed}, []any{meter(first)}},
		{"what is metered is settled", []events.Event{requested, paused, metered, ending, ended}, []any{meter(second)}},
		{"an end without play", []events.Event{requested, ended}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			Due(t, Told(billing.NewMetering(), c.given...), Now, c.due...)
		})
	}
}

func TestARefusedSegmentMakesWay(t *testing.T) {
	policy := Told(billing.NewMetering(), requested, paused, ending, ended)
	refused, now := policy.Due(Now)[0], Now
	for _, wait := range []time.Duration{1, 2, 4} {
		policy.Refused(refused, billing.ErrBehind, now)
		Due(t, policy, now.Add(wait*time.Second-1), meter(second))
		now = now.Add(wait * time.Second)
		Due(t, policy, now, meter(second), meter(first))
	}
	Due(t, Told(policy, metered, paused), now.Add(time.Hour), meter(second))
}

func TestMeteringGivesUpWhatIsTooOld(t *testing.T) {
	policy := Told(billing.NewMetering(), requested, paused)
	Due(t, policy, Now.AddDate(0, 0, 60), meter(first))
	policy.Refused(policy.Due(Now)[0], billing.ErrSettled, Now)
	Due(t, policy, Now.AddDate(1, 0, 0))
}
