package simulation

import (
	"time"

	"github.com/playcast/playcast/commands"
)

// Audit holds a log from elsewhere, of real processes under a real clock, to the
// invariants of a simulation's. The errors of its methods are *Violation.
type Audit struct{ invariants []invariant }

// NewAudit returns an audit before the first event of a log.
func NewAudit() *Audit { return &Audit{newInvariants()} }

// Take holds the log to its next event. The audit ends with the first violation.
func (a *Audit) Take(n commands.Noted) error {
	for _, i := range a.invariants {
		if err := i.take(n); err != nil {
			return err
		}
	}
	return nil
}

// Settled holds the log to a moment at which everybody has gone home: nothing is
// open, held or owed any more. What is may yet be settled by further events.
func (a *Audit) Settled(now time.Time) error {
	for _, i := range a.invariants {
		if err := i.final(now); err != nil {
			return err
		}
	}
	return nil
}

// Report is what the log tells, without what only a simulation knows.
func (a *Audit) Report() Report {
	var r Report
	for _, i := range a.invariants {
		i.tell(&r)
	}
	return r
}
