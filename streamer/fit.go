package streamer

import (
	"time"

	"github.com/playcast/playcast/streamer/transport"
)

// Of a guest's path: for how long it must have been too narrow for the players'
// picture, or wide enough for it again, and at which look the latter is tried.
const (
	narrowFor  = 3 * time.Second
	wideFor    = 8 * time.Second
	tryAgain   = 4
	guestShare = 0.85 // of the estimate, as of a host's path that is well
)

// fit tells which picture a guest's path carries. A path is too narrow when it
// loses or queues as well: the estimate alone may be low because nobody has
// asked for more yet.
type fit struct {
	unfit spell // since when the other picture suits the path
	looks int
}

// pictured is what a guest is shown, and what the players' picture costs.
type pictured struct {
	players bool
	need    int // bit/s
}

// step is to be called about once a second. It says whether the guest is to be
// shown the other picture, or else what the path is to be tried with.
func (f *fit) step(stats transport.Stats, now pictured, at time.Time) (move bool, probe int) {
	carries := guestShare * float64(stats.Estimate)
	if now.players {
		strained := stats.Loss > 0.05 || stats.QueueDelay > 80*time.Millisecond
		return f.unfit.lasted(carries < float64(now.need) && strained, at, narrowFor), 0
	}
	wide := carries >= 1.1*float64(now.need)
	if f.unfit.lasted(wide, at, wideFor) {
		return true, 0
	}
	if f.looks++; !wide && f.looks%tryAgain == 0 {
		return false, int(1.2 * float64(now.need) / guestShare)
	}
	return false, 0
}

// spell is since when something has been so.
type spell struct{ since time.Time }

func (s *spell) lasted(so bool, now time.Time, d time.Duration) bool {
	switch {
	case !so:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = now
	}
	return so && now.Sub(s.since) >= d
}
