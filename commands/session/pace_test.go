package session_test

import (
	"testing"
	"time"

	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
)

func TestPace(t *testing.T) {
	pace := session.Pace{First: Now.Add(-time.Minute), Last: Now.Add(-30 * time.Second), Slots: 2}
	for _, c := range []struct {
		name  string
		pace  session.Pace
		place int
		now   time.Time
		want  time.Duration
	}{
		{"two slots in a minute", pace, 1, Now, 30 * time.Second},
		{"three are to come", pace, 3, Now, 90 * time.Second},
		{"and none comes", pace, 1, Now.Add(time.Minute), time.Minute},
		{"a clock that went back", pace, 1, Now.Add(-time.Hour), 15 * time.Second},
		{"one slot is no pace", session.Pace{First: Now, Last: Now, Slots: 1}, 1, Now, 0},
		{"none was given", session.Pace{}, 1, Now, 0},
	} {
		if got := c.pace.Wait(c.place, c.now); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
