package streamer

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/playcast/playcast/events"
)

func TestMeasured(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	must(t, b.control.SendText("hello")) // is refused, and does no harm
	must(t, b.control.SendText(`{"type":"report","totals":{"presented":30,"freezes":2}}`))
	got := report[Measured](t, h.reports, session).Window
	if got.Session != session || got.To.Sub(got.From) < 5*time.Second || got.To.Sub(got.From) > bound {
		t.Errorf("the window is %v to %v of %v", got.From, got.To, got.Session)
	}
	q := got.Quality
	if q.Sent.FrameRate < 1 || q.Sent.BitRate <= 0 || q.Stages.Encode.P50 <= 0 || q.Stages.Send.P99 <= 0 ||
		q.Stages.Total.P50 < q.Stages.Encode.P50 || q.Path.RoundTrip < 0 || q.Path.Estimate <= 0 {
		t.Errorf("measured %+v", q)
	}
	if c := q.Client; c == nil || c.Reports != 1 || c.Freezes != 2 || c.FrameRate <= 0 {
		t.Errorf("the client's part is %+v", c)
	}
}

// What was played since the last window is told of too: when the session
// pauses, when the player is gone, and at the end.
func TestMeasuredToTheEnd(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	const aWhile = 10 // frames of 33 ms
	watch := func(b *browser) {
		t.Helper()
		for range aWhile {
			b.frame(t)
		}
	}
	watch(b)
	played := func(what string) {
		t.Helper()
		for next := soon(t, "report", h.reports.reports); ; next = soon(t, "report", h.reports.reports) {
			if measured, ok := next.report.(Measured); !ok {
				t.Fatalf("%s: %T is reported, want the figures first", what, next.report)
			} else if w := measured.Window; w.To.Sub(w.From) < 5*time.Second {
				if w.Quality.Sent.FrameRate <= 0 {
					t.Errorf("%s: measured %+v", what, w)
				}
				return
			}
		}
	}
	h.tell(t, events.SessionPaused{Session: session})
	played("paused")
	h.tell(t, events.SessionResumed{Session: session})
	watch(b)
	must(t, h.worker.Disconnect(t.Context(), hosts(session, b.peer)))
	played("left")
	report[Disconnected](t, h.reports, session)
	watch(h.join(t, session))
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	played("ended")
	report[Finished](t, h.reports, session)
}

// While nothing can be recorded, sessions are played all the same.
func TestStoreDown(t *testing.T) {
	h := newHouse(t)
	open := h.reports.shut()
	session := h.allocate(t, "draws")
	b := newBrowser(t)
	offer := b.offer(t)
	var answer string
	eventually(t, "the game draws", func() (drawn bool) {
		var err error
		b.peer, answer, err = h.worker.Connect(t.Context(), session, asHost, offer)
		if err != nil && !errors.Is(err, ErrNotReady) {
			t.Fatal(err)
		}
		return err == nil
	})
	b.accept(t, answer)
	b.frame(t)
	h.tell(t, events.SessionPaused{Session: session})
	eventually(t, "the game is stopped", func() bool { return h.stopped(t, session) })
	h.tell(t, events.SessionResumed{Session: session})
	eventually(t, "the game runs", func() bool { return !h.stopped(t, session) })
	must(t, h.worker.Disconnect(t.Context(), hosts(session, b.peer)))
	h.tell(t, events.SessionEnding{Session: session, Reason: events.EndedByPlayer})
	eventually(t, "the session is stopped", func() bool { return h.media.Peers() == 0 && len(h.left(t)) == 0 })
	h.checkFreed(t)
	open()
	report[Launched](t, h.reports, session)
	report[Drawing](t, h.reports, session)
	report[Connected](t, h.reports, session)
	report[Disconnected](t, h.reports, session)
	report[Finished](t, h.reports, session)
	h.freed(t, session)
}

func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		var got []Report
		o := openOutbox(t.Context(), func(_ context.Context, r Report) error {
			<-open
			got = append(got, r)
			return errors.New("refused for good") // goes on with the next
		}, slog.New(slog.DiscardHandler))
		o.put(Launched{})
		synctest.Wait() // it is being delivered
		o.put(Drawing{})
		o.put(Connected{})
		const lost = 10
		for range outboxSize - 2 + lost {
			o.put(Measured{})
		}
		for range 100 { // comes and goes, and is there in the end
			o.put(Disconnected{Cause: "x"})
			o.put(Disconnected{Cause: "y"})
			o.put(Connected{})
			o.put(Roused{})
			o.put(Idled{For: time.Minute})
		}
		o.put(Finished{Reason: events.EndedByPlayer})
		if n := len(o.waiting); n > outboxSize+2 { // that and the outcome beside
			t.Errorf("%d reports wait", n)
		}
		close(open)
		o.close()
		if o.dropped != lost {
			t.Errorf("%d measurements were dropped, want %d", o.dropped, lost)
		}
		got = slices.DeleteFunc(got, func(r Report) bool { return r == Report(Measured{}) })
		want := []Report{Launched{}, Drawing{}, Connected{}, Idled{For: time.Minute}, Finished{Reason: events.EndedByPlayer}}
		if !slices.Equal(got, want) {
			t.Errorf("reported is %+v, want %+v", got, want)
		}
	})
}

func TestOutboxGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		o := openOutbox(ctx, func(ctx context.Context, _ Report) error {
			<-ctx.Done()
			return ctx.Err()
		}, slog.New(slog.DiscardHandler))
		o.put(Launched{})
		o.put(Finished{})
		time.AfterFunc(time.Minute, cancel)
		o.close()
	})
}
