package feed_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

func TestInsistSkipsNothingAndSaysOnceWhatItWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := reader(t, 3)
		mended := time.Now().Add(time.Hour)
		r.fail[1] = func(int) error {
			if time.Now().Before(mended) {
				return &events.UnreadableError{Type: "Tested", Err: events.ErrNewerVersion}
			}
			return nil
		}
		stop := r.run(feed.Insist(feed.Patience{}, r.poison.Figures, r.poison.Log))
		pass(30 * time.Minute)
		if !slices.Equal(r.done(), []events.Revision{0}) || r.tried() < 100 {
			t.Errorf("handled is %v after %d tries", r.done(), r.tried())
		}
		pass(time.Hour)
		stop()
		if !slices.Equal(r.done(), []events.Revision{0, 1, 2}) {
			t.Errorf("handled is %v", r.done())
		}
		if said := r.log.String(); strings.Count(said, "level=ERROR") != 1 || strings.Count(said, "level=") != 2 || !strings.Contains(said, "event.position=2") {
			t.Errorf("it was logged as %s", said)
		}
	})
}
