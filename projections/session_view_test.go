package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

// requests is a session of anna's, who wants to play Doom.
func requests(id events.SessionID, at time.Time, terms events.SessionTerms) events.Event {
	return events.SessionRequested{Session: id, Player: "anna", Game: "doom", Title: "Doom", Terms: terms, At: at}
}

func TestTheQueueIsCountedByItsSteps(t *testing.T) {
	one, two, three := events.SessionID{1}, events.SessionID{2}, events.SessionID{3}
	v, f := folded[*sessionView](t, newSessionView,
		requests(one, noon.Add(14*time.Second), events.SessionTerms{}), requests(two, noon.Add(16*time.Second), events.SessionTerms{}),
		requests(three, noon.Add(2*time.Minute+time.Second), events.SessionTerms{Priority: 1, Needs: events.Needs{Region: "eu", Encoder: "nvenc", GPU: true}}))
	lengths := func(want ...queueLengthRow) {
		t.Helper()
		all := map[queueStep]queueLengthRow{}
		for _, row := range want {
			all[queueStep{row.Step, row.Priority}] = row
		}
		if diff := cmp.Diff(all, rows(v.queue)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	first, second := noon, noon.Add(15*time.Second)
	lengths(queueLengthRow{first, 0, 1}, queueLengthRow{first, 1, 1}, queueLengthRow{second, 0, 1})
	row, _ := v.sessions.Get(three)
	if row.Priority != 1 || row.NeededRegion != "eu" || row.NeededEncoder != "nvenc" || !row.NeedsGPU || !row.QueuedAs.Equal(noon.Add(time.Second)) {
		t.Errorf("%+v", row)
	}
	f.take("", events.SessionQueued{Session: one, At: noon}, events.SessionQueued{Session: two, At: noon})
	lengths(queueLengthRow{first, 0, 1}, queueLengthRow{first, 1, 1}, queueLengthRow{second, 0, 1})
	// By whatever way it leaves, a session leaves the queue once.
	f.take("", events.SessionAllocated{Session: one, Worker: "w", Slot: 1, At: noon}, events.SessionFailed{Session: one, At: noon},
		events.SessionEnding{Session: two, At: noon}, events.SessionEnded{Session: two, At: noon})
	lengths(queueLengthRow{first, 1, 1})
	f.take("", events.SessionFailed{Session: three, At: noon})
	lengths()
}

func TestTheSumsOfASessionsQuality(t *testing.T) {
	id := events.SessionID{1}
	window := func(from time.Duration, q events.Quality) events.Event {
		return events.QualityReported{Session: id, From: noon.Add(from), To: noon.Add(from + 5*time.Second), Quality: q, At: noon}
	}
	v, f := folded[*sessionView](t, newSessionView, requests(id, noon, events.SessionTerms{}))
	if row, _ := v.qualities.Get(id); row.Windows != 0 || row.Position != 1 {
		t.Errorf("before any window: %+v", row)
	}
	f.take("",
		window(0, events.Quality{
			Stages: events.StageQuality{Encode: events.Percentiles{P95: 3}, Send: events.Percentiles{P95: 4}}, // of the first version
			Sent:   events.SentQuality{FrameRate: 60, BitRate: 1000}, Path: events.PathQuality{Lost: 0.25, RoundTrip: 30},
		}),
		events.PictureAdapted{Session: id, Width: 480, Height: 360, Cause: events.PicturePathNarrow, At: noon},
		window(5*time.Second, events.Quality{
			Stages: events.StageQuality{Total: events.Percentiles{P95: 9}},
			Sent:   events.SentQuality{FrameRate: 60, BitRate: 3000}, Path: events.PathQuality{RoundTrip: 10},
			Client: &events.ClientQuality{FrameRate: 20, Freezes: 2, FreezeTime: 700, InputToPresent: events.Percentiles{P95: 80}},
		}))
	row, _ := v.qualities.Get(id)
	want := qualityRow{
		Session: id, ToldFrom: noon.Add(time.Second), ToldTo: noon.Add(4 * time.Second), LastAt: noon.Add(4 * time.Second), LastPosition: 4, Windows: 2,
		FrameRateSum: 80, FrameRateWorst: 20, BitRateSum: 4000, LostSum: 0.25, LostWorst: 0.25, RoundTripSum: 40, RoundTripWorst: 30,
		DelaySum: 16, DelayWorst: 9, Answered: 1, AnswerSum: 80, AnswerWorst: 80, Freezes: 2, FreezeMs: 700, Position: 4,
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if history := rows(v.history); len(history) != 3 {
		t.Errorf("the history has %d parts", len(history))
	}
	if session, _ := v.sessions.Get(id); session.Width != 480 || session.PictureCause != events.PicturePathNarrow || session.Position != 3 {
		t.Errorf("%+v", session)
	}
}

// TestAWindowThatEndsBeforeItBegins is kept as one without a length.
func TestAWindowThatEndsBeforeItBegins(t *testing.T) {
	id := events.SessionID{1}
	v, _ := folded[*sessionView](t, newSessionView, requests(id, noon, events.SessionTerms{}),
		events.QualityReported{Session: id, From: noon, To: noon.Add(-time.Hour), At: noon})
	for _, row := range rows(v.history) {
		if !row.BeganAt.Equal(noon) || !row.EndedAt.Equal(noon) {
			t.Errorf("%+v", row)
		}
	}
}

func TestWhatIsKeptOfSaves(t *testing.T) {
	one, two := events.SessionID{1}, events.SessionID{2}
	v, f := folded[*sessionView](t, newSessionView, requests(one, noon, events.SessionTerms{}), requests(two, noon, events.SessionTerms{}),
		events.SavesTroubled{Session: one, Trouble: events.SavesBehind, Detail: "no answer", At: noon},
		events.SavesKept{Session: one, Version: "v1", Bytes: 10, Files: 1, At: noon},
		events.SavesKept{Session: two, Version: "v2", Bytes: 20, Files: 2, Skipped: 1, At: noon.Add(time.Hour)})
	want := map[savesKey]savesRow{{"anna", "doom"}: {
		Player: "anna", Game: "doom", KeptAt: noon.Add(time.Hour), KeptSession: two, Version: "v2", Bytes: 20, Files: 2, Skipped: 1, TimesKept: 2,
		TroubledAt: noon, TroubleSession: one, Trouble: events.SavesBehind, Detail: "no answer", TimesTroubled: 1, Position: 5,
	}}
	if diff := cmp.Diff(want, rows(v.saves)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if session, _ := v.sessions.Get(one); session.SavesTrouble != events.SavesBehind {
		t.Errorf("%+v", session)
	}
	f.take("", events.PlayerErased{Player: "bert", At: noon})
	if len(rows(v.saves)) != 1 {
		t.Error("another one's erasure has taken them")
	}
	f.take("", events.PlayerErased{Player: "anna", At: noon})
	if left := rows(v.saves); len(left) != 0 {
		t.Errorf("after the erasure there is %v", left)
	}
}

// TestASessionThatIsNotThere: each event of one that was never requested stops
// the view, and none is passed over.
func TestASessionThatIsNotThere(t *testing.T) {
	for _, e := range (&sessionView{}).Wants() {
		v, _ := folded[*sessionView](t, newSessionView)
		switch e.(type) {
		case events.SessionRequested, events.PlayerErased:
			continue
		}
		n := Noted{Event: e, Position: 1, At: noon}
		if err := v.Fold(&n); err == nil {
			t.Errorf("%s of a session that was never requested is passed over", e.EventType())
		}
	}
}
