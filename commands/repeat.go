package commands

import "time"

// RepeatAfter is how long the events that settle an order may take to come back
// through the log, before a policy issues the order again.
const RepeatAfter = time.Second

// Repeatable says whether an order that was issued at a time, zero for never, is
// to be issued now. A policy that has many orders due at once keeps that time with
// each: it is asked after every event, and would else issue again, each time, what
// is on its way. At the same moment it is to be: Due twice is Due once. So it is
// when the clock went back.
func Repeatable(issued, now time.Time) bool {
	since := now.Sub(issued)
	return issued.IsZero() || since <= 0 || since >= RepeatAfter
}
