package streamer

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

func TestSession(t *testing.T) {
	h := newHouse(t)
	session := h.allocate(t, "draws")
	report[Launched](t, h.reports, session)
	drawing := report[Drawing](t, h.reports, session)
	if drawing.Encoder == "" || drawing.Width != 640 || drawing.Height != 360 || drawing.FrameRate != 30 {
		t.Errorf("drawing is reported as %+v", drawing)
	}
	b := h.join(t, session)
	if !b.frame(t).key {
		t.Error("the first frame is no key frame")
	}
	s := h.screen(t, session)
	b.hold(t, "KeyA")
	s.inputs(t, 1)
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	if got := report[Finished](t, h.reports, session); got.Reason != events.EndedByPlayer {
		t.Errorf("finished because of %q", got.Reason)
	}
	h.freed(t, session)
	h.tell(t, events.SessionEnded{Session: session, Reason: events.EndedByPlayer})
	h.reports.none(t)
}

func TestGameEnds(t *testing.T) {
	for _, c := range []struct {
		name, what string
		game       events.GameID
		signal     syscall.Signal
		want       Report // Detail: a part of it
	}{
		{"left by the player", "game", "draws", syscall.SIGUSR1, Finished{Reason: events.EndedByGame}},
		{"crash", "game", "draws", syscall.SIGUSR2, Broken{Cause: events.FailedGame, Detail: "exit status 3; it said last: a monster has no head"}},
		{"killed", "game", "draws", syscall.SIGKILL, Broken{Cause: events.FailedGame, Detail: "killed"}},
		{"display killed", "display", "draws", syscall.SIGKILL, Broken{Cause: events.FailedPicture}},
		{"display killed, game stays", "display", "clings", syscall.SIGKILL, Broken{Cause: events.FailedPicture}},
	} {
		for _, watched := range []string{"watched", "unwatched"} {
			t.Run(c.name+", "+watched, func(t *testing.T) {
				h := newHouse(t)
				session := h.draw(t, c.game)
				if watched == "watched" {
					h.join(t, session).frame(t)
				}
				h.signal(t, session, c.what, c.signal)
				h.over(t, session, c.want)
			})
		}
	}
}

// over expects the report of an end, and that all is freed then.
func (h *house) over(t *testing.T, session events.SessionID, want Report) {
	t.Helper()
	switch want := want.(type) {
	case Finished:
		if got := report[Finished](t, h.reports, session); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	case Broken:
		got := report[Broken](t, h.reports, session)
		if got.Cause != want.Cause || got.Detail == "" || !strings.Contains(got.Detail, want.Detail) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	h.checkFreed(t)
	h.freed(t, session)
	h.reports.none(t)
}

func TestLaunchFails(t *testing.T) {
	for _, c := range []struct {
		game     events.GameID
		launched bool
		detail   string
	}{
		{"chess", false, `no game "chess"`},
		{"broken", true, "ended before it drew anything: broken ended: exit status 3; it said last: no level here"},
		{"leaves", true, "ended before it drew anything: it left of itself"},
	} {
		t.Run(string(c.game), func(t *testing.T) {
			h := newHouse(t)
			session := h.allocate(t, c.game)
			if c.launched {
				report[Launched](t, h.reports, session)
			}
			h.over(t, session, Broken{Cause: events.FailedLaunch, Detail: c.detail})
		})
	}
	t.Run("display killed", func(t *testing.T) {
		h := newHouse(t)
		session := h.allocate(t, "blank")
		report[Launched](t, h.reports, session)
		h.signal(t, session, "display", syscall.SIGKILL)
		h.over(t, session, Broken{Cause: events.FailedLaunch})
	})
}

func TestNeverDraws(t *testing.T) {
	h := newHouse(t)
	abandoned, ended := h.allocate(t, "blank"), events.NewSessionID()
	report[Launched](t, h.reports, abandoned)
	h.tell(t, allocated(ended, "blank"))
	report[Launched](t, h.reports, ended)
	h.tell(t, events.SessionFailed{Session: abandoned, Cause: events.FailedLaunchTime})
	h.tell(t, events.SessionEnding{Session: ended, Reason: events.EndedByPlayer})
	if got := report[Finished](t, h.reports, ended); got.Reason != events.EndedByPlayer {
		t.Errorf("finished because of %q", got.Reason)
	}
	h.freed(t, abandoned, ended)
	h.reports.none(t)
}

func TestEndedAtOnce(t *testing.T) {
	h := newHouse(t)
	session := h.allocate(t, "draws")
	h.tell(t, events.SessionEnded{Session: session, Reason: events.EndedByPlayer})
	h.freed(t, session)
}

func TestDeafGame(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "deaf")
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedPausedLong})
	h.over(t, session, Finished{Reason: events.EndedPausedLong})
}

func TestOthersEvents(t *testing.T) {
	h := newHouse(t)
	e := allocated(events.NewSessionID(), "draws")
	e.Worker = "elsewhere"
	h.tell(t, e)
	for _, event := range []events.Event{
		events.SessionPaused{Session: e.Session}, events.SessionResumed{Session: e.Session},
		events.SessionEnding{Session: e.Session, Reason: events.EndedByPlayer}, events.SessionEnded{Session: e.Session},
	} {
		h.tell(t, event)
	}
	if h.worker.slot(e.Session) != nil {
		t.Error("a session of another worker was started")
	}
	h.reports.none(t)
}

func TestAllocatedTwice(t *testing.T) {
	h := newHouse(t)
	session := h.allocate(t, "draws")
	first := h.worker.slot(session)
	h.tell(t, allocated(session, "draws"))
	if h.worker.slot(session) != first {
		t.Error("the session has another slot")
	}
	report[Launched](t, h.reports, session)
	report[Drawing](t, h.reports, session)
	h.reports.none(t)
}

// The feed may bring again what was handled, also when it is over.
func TestHeardAgain(t *testing.T) {
	h := newHouse(t)
	session := h.allocate(t, "chess")
	report[Broken](t, h.reports, session)
	h.freed(t, session)
	unfollow := h.follow(t)
	soon(t, "event that is handled again", h.handled)
	unfollow()
	must(t, h.worker.Close(t.Context()))
	h.reports.none(t)
}

func TestClose(t *testing.T) {
	h := newHouse(t)
	one, other := h.draw(t, "draws"), h.draw(t, "draws")
	b := h.join(t, one)
	b.frame(t)
	launching := h.allocate(t, "blank")
	report[Launched](t, h.reports, launching)
	must(t, h.worker.Close(t.Context()))
	h.checkFreed(t)
	finished := map[events.SessionID]bool{}
	for range 3 {
		last := h.reports.next(t)
		if last.report != (Finished{Reason: events.EndedByShutdown}) {
			t.Errorf("%+v is reported", last.report)
		}
		finished[last.session] = true
	}
	if !finished[one] || !finished[other] || !finished[launching] {
		t.Errorf("finished are %v", finished)
	}
	h.tell(t, allocated(events.NewSessionID(), "draws"))
	h.reports.none(t)
	must(t, h.worker.Close(t.Context()))
}

func TestCloseWithoutStore(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	defer h.reports.shut()()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := h.worker.Close(ctx); err == nil {
		t.Error("nobody is told that the last report was not recorded")
	}
	h.freed(t, session)
}
