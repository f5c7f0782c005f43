package player_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

// TestMayStart asks on Friday, 2 January 2026, 15:00 UTC: 16:00 in Vienna.
func TestMayStart(t *testing.T) {
	vienna := func(l events.ParentalLimits) *events.ParentalLimits {
		l.TimeZone = "Europe/Vienna"
		return &l
	}
	window := func(day events.Weekday, from, to int) events.PlayWindow {
		return events.PlayWindow{Day: day, From: from * 60, To: to * 60}
	}
	anHour := []player.Span{{From: Now.Add(-time.Hour), To: Now}}
	for _, c := range []struct {
		name    string
		state   player.State
		minimum int
		played  []player.Span
		refusal *events.Fault
		says    string
	}{
		{name: "anybody"},
		{name: "who is erased", state: player.State{Receipt: &events.ErasureReceipt{}}, refusal: player.ErrErased},
		{name: "who is too young", state: player.State{AgeDeclared: true, Age: events.Age{Class: events.AgeSix, Next: "2027-05"}},
			minimum: 16, refusal: player.ErrTooYoung, says: "from 16 years on"},
		{name: "who did not say", minimum: 6, refusal: player.ErrAgeUnknown},
		{name: "who is old enough", state: player.State{AgeDeclared: true, Age: events.Age{Class: events.AgeAdult}}, minimum: 18},
		{name: "time is left", state: player.State{Limits: vienna(events.ParentalLimits{Day: 61})}, played: anHour},
		{name: "the day is used up", state: player.State{Limits: vienna(events.ParentalLimits{Day: 60})}, played: anHour,
			refusal: player.ErrHeld, says: "of today is used up. You can play again tomorrow from 00:00."},
		{name: "and its window is on Sunday", state: player.State{Limits: vienna(events.ParentalLimits{Day: 60,
			Windows: []events.PlayWindow{window("friday", 12, 20), window("sunday", 10, 12)}})}, played: anHour,
			refusal: player.ErrHeld, says: "You can play again on Sunday from 10:00."},
		{name: "the week is used up", state: player.State{Limits: vienna(events.ParentalLimits{Week: 60})}, played: anHour,
			refusal: player.ErrHeld, says: "of this week is used up. You can play again on Monday from 00:00."},
		{name: "before the window", state: player.State{Limits: vienna(events.ParentalLimits{
			Windows: []events.PlayWindow{window("friday", 17, 20)}})},
			refusal: player.ErrHeld, says: "does not let you play at this time. You can play again today from 17:00."},
		{name: "in the window", state: player.State{Limits: vienna(events.ParentalLimits{
			Windows: []events.PlayWindow{window("friday", 16, 17)}})}},
		{name: "after it", state: player.State{Limits: vienna(events.ParentalLimits{
			Windows: []events.PlayWindow{window("friday", 15, 16)}})},
			refusal: player.ErrHeld, says: "You can play again on Friday from 15:00."},
		{name: "two clocks that differ", state: player.State{Limits: vienna(events.ParentalLimits{Day: 60})},
			played: []player.Span{{From: Now.Add(30 * time.Minute), To: Now.Add(2 * time.Hour)}}, refusal: player.ErrHeld},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.state.MayStart(c.minimum, Now, c.played)
			if c.refusal == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, c.refusal) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %v that says %q", err, c.refusal, c.says)
			}
		})
	}
}

// TestPlaysAgainIsTheFirstTimeThatMayPlay asks of every minute of ten days.
func TestPlaysAgainIsTheFirstTimeThatMayPlay(t *testing.T) {
	l := events.ParentalLimits{TimeZone: "America/New_York", Day: 60, Week: 90,
		Windows: []events.PlayWindow{{Day: "saturday", From: 0, To: 1440}, {Day: "tuesday", From: 600, To: 660}}}
	start := time.Date(2026, 10, 29, 12, 0, 0, 0, time.UTC) // the clocks go back on 1 November
	played := []player.Span{{From: start.AddDate(0, 0, -5), To: start.AddDate(0, 0, -5).Add(30 * time.Minute)}}
	for at := start; at.Before(start.AddDate(0, 0, 10)); at = at.Add(7 * time.Minute) {
		again := player.PlaysAgain(l, at, played)
		if again.IsZero() || !player.MayPlay(l, again, played).Allowed {
			t.Fatalf("at %s: again at %s, when they may not", at, again)
		}
		if before := again.Add(-time.Second); !before.Before(at) && player.MayPlay(l, before, played).Allowed {
			t.Fatalf("at %s: again at %s, and before that as well", at, again)
		}
	}
}
