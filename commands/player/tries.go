package player

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// After freeTries in a row that were not right, each waits twice as long as the
// one before, up to longestPause: of four digits all are tried in a year.
const (
	freeTries    = 5
	firstPause   = 30 * time.Second
	longestPause = time.Hour
)

// ErrTries refuses a try that comes too soon.
var ErrTries = &events.Fault{Kind: events.TooMany, Code: "guardian-pin-tries",
	Message: "The guardian's PIN was wrong too often. Try again later."}

// TryPIN has to be carried out before an entered PIN is compared, each time,
// and ProvePIN after it was right. Whatever comes at the same moment is counted.
type TryPIN struct {
	Player events.PlayerID
}

func (c TryPIN) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c TryPIN) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	if s.Guardian.Number == 0 {
		return nil, ErrNoGuardian
	}
	if wait := s.Guardian.Tries.wait(now); wait > 0 {
		return nil, ErrTries.With(fmt.Sprintf("The guardian's PIN was wrong too often. Try again in %s, or ask an operator for a new one.",
			wait.Round(time.Second)))
	}
	return decided(events.GuardianPINTried{Player: c.Player, Number: s.Guardian.Number, At: now})
}

// wait is how long the next try has to wait: never longer than its whole pause,
// whatever the clock does.
func (t Tries) wait(now time.Time) time.Duration {
	if t.Count < freeTries {
		return 0
	}
	pause := longestPause
	if doublings := t.Count - freeTries; doublings < 7 {
		pause = min(firstPause<<doublings, longestPause)
	}
	return pause - min(max(now.Sub(t.Last), 0), pause)
}

// ProvePIN says that the PIN of a number was entered and found right.
type ProvePIN struct {
	Player events.PlayerID
	Proof  Proof
}

func (c ProvePIN) Target() events.Stream { return events.PlayerStream(c.Player) }

func (c ProvePIN) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.guarded(c.Proof); err != nil {
		return nil, err
	}
	if s.Guardian.Tries.Count == 0 {
		return nil, nil
	}
	return decided(events.GuardianPINProved{Player: c.Player, Number: s.Guardian.Number, At: now})
}
