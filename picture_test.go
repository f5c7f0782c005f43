package main_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

// TestPictureAdapts plays a game of more than the path is known to carry: the
// picture begins smaller, and everybody is told of it.
func TestPictureAdapts(t *testing.T) {
	database := openDatabase(t)
	p := up(t, dataIn(t), append(withGames(t), "--postgres", database.url())...)
	one := p.signIn("player1")
	id := one.request("wide")
	stream := streamOf(t, id)
	one.await(id, events.SessionIsReady)
	one.connect(id)
	var steps []events.PictureAdapted
	eventually(t, "a step and a window of quality", func() (bool, any) {
		all := facts(t, p.log())
		steps = find[events.PictureAdapted](all, stream)
		return len(steps) > 0 && len(find[events.QualityReported](all, stream)) > 0, steps
	})
	first := steps[0]
	if first.Cause != events.PicturePathNarrow || first.Width >= 2560 || first.Height >= 1440 || first.Estimate <= 0 {
		t.Errorf("the first step is %+v, want it to be smaller for the path", first)
	}
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	one.awaitBilled(id)

	all := facts(t, p.log())
	var page struct {
		Moments []struct {
			Quality *struct{ Sent struct{ FrameRate float64 } }
			Step    *struct {
				Width int
				Cause events.PictureCause
			}
		}
	}
	one.must(http.StatusOK, one.do(http.MethodGet, p.url+"/v1/sessions/"+id+"/quality?limit=500", nil), &page)
	var steppedTo []int
	windows := 0
	for _, m := range page.Moments {
		if m.Step != nil {
			steppedTo = append(steppedTo, m.Step.Width)
		}
		if m.Quality != nil {
			windows++
		}
	}
	var want []int
	for _, step := range find[events.PictureAdapted](all, stream) {
		want = append(want, step.Width)
	}
	if diff := cmp.Diff(want, steppedTo); diff != "" {
		t.Errorf("the story of the picture tells other steps than the log (-log +story):\n%s", diff)
	}
	t.Logf("stepped to widths of %v", want)
	if logged := len(find[events.QualityReported](all, stream)); windows != logged {
		t.Errorf("the story has %d windows of %d", windows, logged)
	}
	database.follows(t, p.log)
	p.stop()
}
