package player

import (
	"reflect"
	"slices"
	"time"
	_ "time/tzdata" // a machine without zones decides as any other

	"github.com/playcast/playcast/events"
)

const (
	dayMinutes  = 24 * 60
	longestDay  = 25 * 60
	weekMinutes = 7*dayMinutes + 60
	maxWindows  = 7 * 6
)

// What commands on limits refuse.
var (
	ErrZone = &events.Fault{Kind: events.Invalid, Code: "time-zone-unknown",
		Message: "The time zone is not known. Name it like Europe/Vienna."}
	ErrLimits = &events.Fault{Kind: events.Invalid, Code: "limits-invalid",
		Message: "A day's time is 0 (any) to 1500 minutes, a week's 0 to 10140; up to 42 windows have a weekday like monday, and end after they begin."}
)

// SetLimits says when and for how long a player may play.
type SetLimits struct {
	Player events.PlayerID
	Limits events.ParentalLimits
	Proof  Proof
}

func (c SetLimits) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c SetLimits) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.guarded(c.Proof); err != nil {
		return nil, err
	}
	if _, err := zone(c.Limits.TimeZone); err != nil {
		return nil, ErrZone
	}
	if !sensible(c.Limits) {
		return nil, ErrLimits
	}
	if s.Limits != nil && reflect.DeepEqual(*s.Limits, c.Limits) {
		return nil, nil
	}
	c.Limits.Windows = slices.Clone(c.Limits.Windows)
	return decided(events.ParentalLimitsSet{Player: c.Player, Limits: c.Limits, At: now})
}

func sensible(l events.ParentalLimits) bool {
	if l.Day < 0 || l.Day > longestDay || l.Week < 0 || l.Week > weekMinutes || len(l.Windows) > maxWindows {
		return false
	}
	for _, w := range l.Windows {
		if !slices.Contains(events.Weekdays[:], w.Day) || w.From < 0 || w.To <= w.From || w.To > dayMinutes {
			return false
		}
	}
	return true
}

// zone is an IANA time zone. The machine's own has no place in a decision.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, ErrZone
	}
	return time.LoadLocation(name)
}

// LiftLimits lets a player play at any time again.
type LiftLimits struct {
	Player events.PlayerID
	Proof  Proof
}

func (c LiftLimits) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c LiftLimits) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.guarded(c.Proof); err != nil {
		return nil, err
	}
	if s.Limits == nil {
		return nil, nil
	}
	return decided(events.ParentalLimitsLifted{Player: c.Player, At: now})
}
