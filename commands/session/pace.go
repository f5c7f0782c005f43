package session

import "time"

// Pace is how fast slots were given lately: Slots of them from First to Last.
type Pace struct {
	First, Last time.Time
	Slots       int
}

// Wait is how long who waits at a place, from 1, may have to; 0: too few slots
// were given to say. The time since the last slot counts, too, so that an
// estimate grows while none comes free.
func (p Pace) Wait(place int, now time.Time) time.Duration {
	if p.Slots < 2 {
		return 0
	}
	span := max(now.Sub(p.First), p.Last.Sub(p.First), 0)
	return span / time.Duration(p.Slots) * time.Duration(place)
}
