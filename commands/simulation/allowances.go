package simulation

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// allowances: nobody with a guardian plays on, by day or week or out of hours, for
// longer than the policies take to notice: a tick where nothing goes wrong, and
// what faults may hold up besides where something does.
type allowances struct {
	slack    time.Duration
	wards    map[events.PlayerID]*allowance
	order    []events.PlayerID
	sessions map[events.SessionID]events.PlayerID
	longest  time.Duration // past the time
}

// allowance is what a player may play, and has played. Limits are set once in a
// simulation, before the first play.
type allowance struct {
	limits events.ParentalLimits
	zone   *time.Location
	days   map[string]time.Duration
	weeks  map[string]time.Duration
	active map[events.SessionID]time.Time
}

func newAllowances(c Config) *allowances {
	a := &allowances{slack: tick + worst, wards: map[events.PlayerID]*allowance{}, sessions: map[events.SessionID]events.PlayerID{}}
	if c.Calm {
		a.slack = tick
	}
	return a
}

var _ invariant = (*allowances)(nil)

func (a *allowances) take(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.ParentalLimitsSet:
		zone, err := time.LoadLocation(e.Limits.TimeZone)
		if err != nil {
			return err
		}
		a.order = append(a.order, e.Player)
		a.wards[e.Player] = &allowance{limits: e.Limits, zone: zone, days: map[string]time.Duration{}, weeks: map[string]time.Duration{},
			active: map[events.SessionID]time.Time{}}
	case events.SessionRequested:
		if a.wards[e.Player] != nil {
			a.sessions[e.Session] = e.Player
		}
	case events.SessionActivated:
		a.begins(e.Session, e.At)
	case events.SessionResumed:
		a.begins(e.Session, e.At)
	default:
		id, ok := sessionOf(e)
		if player := a.sessions[id]; ok && player != "" {
			return a.ends(n, id, player, closed(e))
		}
	}
	return nil
}

func (a *allowances) begins(id events.SessionID, at time.Time) {
	if player := a.sessions[id]; player != "" {
		a.wards[player].active[id] = at
	}
}

func (a *allowances) ends(n commands.Noted, id events.SessionID, player events.PlayerID, segment *events.Segment) error {
	if over(n.Event) {
		delete(a.sessions, id)
	}
	if segment == nil {
		return nil
	}
	w := a.wards[player]
	delete(w.active, id)
	past := w.play(segment.From, segment.To, true)
	return a.hold(n.Time, player, past)
}

// play counts play, and returns how much of it is past the time. It walks by
// minutes and less, on the clock of the wall.
func (w *allowance) play(from, to time.Time, kept bool) time.Duration {
	day, week, closed := time.Duration(0), time.Duration(0), time.Duration(0)
	days, weeks := map[string]time.Duration{}, map[string]time.Duration{}
	for at := from; at.Before(to); {
		local := at.In(w.zone)
		next := at.Truncate(time.Minute).Add(time.Minute)
		if to.Before(next) {
			next = to
		}
		step := next.Sub(at)
		on := local.Format(time.DateOnly)
		year, number := local.ISOWeek()
		in := fmt.Sprintf("%d-%d", year, number)
		days[on], weeks[in] = days[on]+step, weeks[in]+step
		if !w.open(local) {
			closed += step
		}
		at = next
	}
	for on, played := range days {
		if past := w.days[on] + played - time.Duration(w.limits.Day)*time.Minute; w.limits.Day > 0 {
			day = max(day, past)
		}
		if kept {
			w.days[on] += played
		}
	}
	for in, played := range weeks {
		if past := w.weeks[in] + played - time.Duration(w.limits.Week)*time.Minute; w.limits.Week > 0 {
			week = max(week, past)
		}
		if kept {
			w.weeks[in] += played
		}
	}
	return max(day, week, closed)
}

func (w *allowance) open(local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	for _, window := range w.limits.Windows {
		if window.Day == events.Weekdays[local.Weekday()] && minute >= window.From && minute < window.To {
			return true
		}
	}
	return len(w.limits.Windows) == 0
}

func (a *allowances) hold(at time.Time, player events.PlayerID, past time.Duration) error {
	if a.longest = max(a.longest, past); past <= a.slack {
		return nil
	}
	return &Violation{
		Invariant: "allowances", At: at, Says: fmt.Sprintf("player %s has played for %v past the time that a guardian allows", player, past),
		Streams: []events.Stream{events.PlayerStream(player)},
	}
}

func (a *allowances) check(now time.Time) error {
	for _, player := range a.order {
		w := a.wards[player]
		for _, since := range w.active {
			if err := a.hold(now, player, w.play(since, now, false)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *allowances) final(now time.Time) error { return a.check(now) }

func (a *allowances) tell(r *Report) {
	r.Together.Wards, r.Together.PastAllowance = len(a.wards), a.longest.Seconds()
}
