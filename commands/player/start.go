package player

import (
	"time"

	"github.com/playcast/playcast/events"
)

// ErrHeld refuses a session that a guardian's limits do not allow now.
var ErrHeld = &events.Fault{Kind: events.Forbidden, Code: "guardian-limits",
	Message: "Your guardian does not let you play at this time."}

// MayStart refuses a session to a player who is erased, too young for a game of
// a minimum age, or kept from playing by a guardian's limits; then it says until
// when. What was played is up to now where they play.
func (s State) MayStart(minimum int, now time.Time, played []Span) error {
	if err := s.alive(); err != nil {
		return err
	}
	if err := s.OldEnough(minimum, now); err != nil {
		return err
	}
	if s.Limits == nil {
		return nil
	}
	verdict := MayPlay(*s.Limits, now, played)
	if verdict.Allowed {
		return nil
	}
	why := map[Hold]string{
		HoldDay:    "Your play time of today is used up.",
		HoldWeek:   "Your play time of this week is used up.",
		HoldWindow: "Your guardian does not let you play at this time.",
	}[verdict.Hold]
	again := PlaysAgain(*s.Limits, now, played)
	if again.IsZero() {
		return ErrHeld.With(why + " No other time is allowed either: ask your guardian.")
	}
	return ErrHeld.With(why + " You can play again " + when(*s.Limits, now, again) + ".")
}

// PlaysAgain is the next time at which limits let a player begin to play who does
// not play until then: now, or within eight days, or zero.
func PlaysAgain(l events.ParentalLimits, now time.Time, played []Span) time.Time {
	c := calendarOf(l)
	used := c.tally(now, played)
	for at, end := now, now.Add(looking); at.Before(end); {
		s := c.stretch(at)
		if left, _ := used.left(l, s); s.open && left > 0 {
			return at
		}
		at = s.end
	}
	return time.Time{}
}

// when is a time within the coming days, by the player's own clock.
func when(l events.ParentalLimits, now, at time.Time) string {
	c := calendarOf(l)
	clock := at.In(c.zone).Format("15:04")
	switch c.stretch(at).day - c.stretch(now).day {
	case 0:
		return "today from " + clock
	case 1:
		return "tomorrow from " + clock
	}
	return "on " + at.In(c.zone).Weekday().String() + " from " + clock
}
