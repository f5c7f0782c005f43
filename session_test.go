package main_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// TestSession plays a session from its request to its end, and looks at what it
// left: its streams, and the read models, which are then dropped and built
// again.
func TestSession(t *testing.T) {
	t.Parallel() // it waits most of the time
	data, database := dataIn(t), openDatabase(t)
	p := up(t, data, "--postgres", database.url())
	t.Logf("first start: %s", p.took.Round(time.Millisecond))
	one := p.signIn("player1")

	command := uuid.NewString()
	request := func() accepted {
		var done accepted
		one.must(http.StatusCreated, one.do(http.MethodPost, p.url+"/v1/sessions", map[string]string{"game": "latency-lab"}, "Command-Id", command), &done)
		return done
	}
	first := request()
	if again := request(); again != first {
		t.Errorf("the repeated request was answered with %+v, the first with %+v", again, first)
	}
	id := first.Session
	one.see(first)
	one.await(id, events.SessionIsReady)
	view := one.connect(id)
	one.await(id, events.SessionIsActive)
	view.press("Space")
	stream := streamOf(t, id)
	eventually(t, "a window of quality", func() (bool, any) {
		return len(find[events.QualityReported](facts(t, p.log()), stream)) > 0, view.frames.Load()
	})
	one.steer(id, "pause")
	one.await(id, events.SessionIsPaused)
	one.steer(id, "resume")
	one.await(id, events.SessionIsActive)
	view.await(30)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	done := one.awaitBilled(id)
	if done.PlayedMs < 5000 || done.EndReason != "player" {
		t.Errorf("the session has ended as %+v, want 5 s of play at least, and the player's wish", done)
	}

	slotsHeld(t, p, 0)
	log := p.log()
	launched := find[events.SessionReady](facts(t, log), stream)[0].At.Sub(done.RequestedAt)
	t.Logf("ready after %s, %d frames in %d ms of play", launched, view.frames.Load(), done.PlayedMs)
	t.Run("streams", func(t *testing.T) { checkStreams(t, facts(t, log), stream) })
	t.Run("quality", func(t *testing.T) { checkQuality(t, of(facts(t, log), stream)) })
	t.Run("read models", func(t *testing.T) {
		database.follows(t, p.log)
	})
	history := one.history()
	t.Logf("stopped in %s", p.stop().Round(time.Millisecond))

	before := database.dump()
	database.exec("DROP SCHEMA read CASCADE")
	p = up(t, data, "--postgres", database.url())
	t.Logf("start with the read models to be built again: %s", p.took.Round(time.Millisecond))
	if diff := cmp.Diff(before, database.dump()); diff != "" {
		t.Errorf("the rows that were built again differ (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(history, p.signIn("player1").history()); diff != "" {
		t.Errorf("the history that was built again differs (-before +after):\n%s", diff)
	}
	p.stop()
}

// told is what a fact has to say of itself: what happened, who did it, and the
// type of the event that it follows from; none where somebody just wished it.
type told struct{ Type, Actor, Because string }

func checkStreams(t *testing.T, all []fact, stream events.Stream) {
	const player, worker, allocation, metering = "player:player1", "worker:worker-1", "policy:allocation", "policy:metering"
	id := stream[len("session-"):]
	for _, want := range []struct {
		stream events.Stream
		own    bool // the first event is of a correlation of its own
		facts  []told
	}{
		{stream: stream, facts: []told{
			{"SessionRequested", player, ""},
			{"SessionAllocated", allocation, "SlotReserved"},
			{"SessionLaunched", worker, ""},
			{"SessionReady", worker, ""},
			{"SessionActivated", worker, ""},
			{"SessionPaused", player, ""},
			{"SessionResumed", player, ""},
			{"SessionEnding", player, ""},
			{"SessionEnded", worker, ""},
		}},
		{stream: "worker-worker-1", own: true, facts: []told{
			{"WorkerRegistered", worker, ""},
			{"SlotReserved", allocation, "SessionRequested"},
			{"SlotReleased", allocation, "SessionEnded"},
		}},
		{stream: "account-player1", facts: []told{
			{"AccountOpened", metering, "SessionPaused"},
			{"PlaytimeMetered", metering, "SessionPaused"},
			{"PlaytimeMetered", metering, "SessionEnding"},
		}},
		{stream: "game-freedoom1", own: true, facts: []told{{"GamePublished", "system:catalog", ""}}},
	} {
		var got []told
		for i, f := range of(all, want.stream) {
			checkOrigin(t, f)
			if i > 0 || !want.own {
				if f.meta.Correlation != string(id) {
					t.Errorf("%s@%d %s is of correlation %s, want the session's, %s", f.Stream, f.Revision, f.Type, f.meta.Correlation, id)
				}
			}
			if !f.beside() {
				got = append(got, told{f.Type, string(f.meta.Actor), because(t, all, f)})
			}
		}
		if diff := cmp.Diff(want.facts, got); diff != "" {
			t.Errorf("%s is not as it should be (-want +got):\n%s", want.stream, diff)
		}
	}
	for _, f := range all {
		kind, _, _ := strings.Cut(string(f.Stream), "-")
		if f.Stream != stream && f.Stream != "worker-worker-1" && f.Stream != "account-player1" && f.Stream != "presence-player1" &&
			kind != "game" && kind != "gateway" {
			t.Errorf("%s@%d: nothing was to be in this stream", f.Stream, f.Revision)
		}
	}
}

// checkOrigin wants the event's id to follow from its command's, so that the
// store knows it again.
func checkOrigin(t *testing.T, f fact) {
	t.Helper()
	for index := range 2 {
		if events.DeriveEventID(f.meta.Command, index) == f.ID {
			return
		}
	}
	t.Errorf("%s@%d %s: its id does not follow from the command %s", f.Stream, f.Revision, f.Type, f.meta.Command)
}

// because is the type of the earlier event that a fact names as its cause, or
// nothing where it names its own command.
func because(t *testing.T, all []fact, f fact) string {
	t.Helper()
	if f.meta.Causation == f.meta.Command.String() {
		return ""
	}
	for _, cause := range all {
		if cause.ID.String() == f.meta.Causation && cause.Position < f.Position {
			return cause.Type
		}
	}
	t.Errorf("%s@%d %s: its cause %s is no earlier event, nor its command", f.Stream, f.Revision, f.Type, f.meta.Causation)
	return "?"
}

// checkQuality wants every window of quality to begin in play, after the one
// before, and to tell of a picture. The last one of a stretch of play is told
// when that has ended.
func checkQuality(t *testing.T, story []fact) {
	playing, stopped, last, windows := false, time.Time{}, time.Time{}, 0
	for _, f := range story {
		switch e := f.event.(type) {
		case events.SessionActivated, events.SessionResumed:
			playing = true
		case events.SessionPaused, events.SessionEnding, events.SessionEnded:
			if playing {
				stopped = f.Time
			}
			playing = false
		case events.QualityReported:
			windows++
			if !playing && !e.From.Before(stopped) || e.From.Before(last) || !e.To.After(e.From) || e.At.Before(e.To) {
				t.Errorf("%s is out of place", f)
			}
			if q := e.Quality; q.Sent.FrameRate <= 0 || q.Sent.BitRate <= 0 || q.Stages.Total.P50 <= 0 || q.Sent.KeyFrames < 0 {
				t.Errorf("%s tells of no picture", f)
			}
			last = e.To
			t.Logf("%s of %.1f frames/s, %d kbit/s, encoded in %.1f ms (p50)", e.To.Sub(e.From), e.Quality.Sent.FrameRate, e.Quality.Sent.BitRate/1000, e.Quality.Stages.Encode.P50)
		}
	}
	if windows == 0 {
		t.Error("there is no window of quality")
	}
}
