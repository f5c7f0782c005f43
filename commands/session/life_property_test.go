package session_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// life is one session as it is lived, and what was played of it by the clock on
// the wall.
type life struct {
	t      *rapid.T
	now    time.Time
	state  session.State
	past   []events.Event
	states []session.State // after each of them
	played time.Duration   // by the wall
	heard  time.Time       // of it last
	closed []events.Segment
}

// TestALifeKeepsItsInvariants drives a session by any commands in any order,
// each twice, by a clock that goes back at times, too. Segments are numbered,
// follow each other without overlap, and are what was played; nothing is decided
// after the end; and the state is what its history says.
func TestALifeKeepsItsInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &life{t: t, now: Now}
		for range rapid.IntRange(10, 80).Draw(t, "commands") {
			l.now = l.now.Add(time.Duration(rapid.IntRange(-20, 100).Draw(t, "seconds")) * time.Second)
			l.do(l.anyCommand())
		}
		l.check()
	})
}

func (l *life) do(command commands.Command[session.State]) {
	decided, err := command.Decide(l.state, l.now)
	if err != nil && len(decided) > 0 {
		l.t.Fatalf("%+v is refused with %v, and comes to %+v", command, err, decided)
	}
	for _, e := range decided {
		l.take(command, e)
	}
	if again, _ := command.Decide(l.state, l.now); len(again) > 0 && !additive(command) {
		l.t.Fatalf("%+v comes to %+v, and a second time to %+v", command, decided, again)
	}
}

// additive says that a report is of something new each time.
func additive(command commands.Command[session.State]) bool {
	switch command.(type) {
	case session.ReportQuality, session.KeepSaves:
		return true
	}
	return false
}

func (l *life) take(command commands.Command[session.State], e events.Event) {
	_, kept := e.(events.SavesKept)
	if l.state.Phase.Over() && !kept {
		l.t.Fatalf("after the end comes %+v", e)
	}
	played := l.state.Phase == events.SessionIsActive
	before := l.state
	l.state = l.state.Evolve(e)
	closing, _ := events.ClosingOf(e)
	switch closed := closing.Segment; {
	case closed != nil:
		if !played {
			l.t.Fatalf("nothing is played, and %+v closes it", e)
		}
		l.close(command, before, *closed)
	case played && l.state.Phase != events.SessionIsActive:
		l.t.Fatalf("%+v ends play and closes nothing", e)
	}
	if !played && l.state.Phase == events.SessionIsActive && l.state.Segment != len(l.closed)+1 {
		l.t.Fatalf("segment %d begins after %d", l.state.Segment, len(l.closed))
	}
	if window, ok := e.(events.QualityReported); ok {
		l.heard = earlier(window.To, l.now)
	} else if l.state.Phase != before.Phase {
		l.heard = l.now
	}
	l.past, l.states = append(l.past, e), append(l.states, l.state)
}

// close holds a segment to what the wall's clock says of it: from when play
// began, or the last segment ended, to when the player was last there.
func (l *life) close(command commands.Command[session.State], before session.State, s events.Segment) {
	to := l.now
	switch c := command.(type) {
	case session.Interrupt:
		to = earlier(l.now, l.now.Add(-c.Silence))
	case session.Fail:
		if c.Cause == events.FailedWorker {
			to = earlier(l.now, l.heard)
		}
	}
	if to.Before(before.Since) {
		to = before.Since
	}
	l.played += to.Sub(before.Since)
	if want := (events.Segment{Number: len(l.closed) + 1, From: before.Since, To: to}); s != want {
		l.t.Fatalf("%+v closes %+v, want %+v", command, s, want)
	}
	if n := len(l.closed); n > 0 && s.From.Before(l.closed[n-1].To) {
		l.t.Fatalf("%+v begins in %+v", s, l.closed[n-1])
	}
	l.closed = append(l.closed, s)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// check replays the history as it is stored, and compares it with every state
// that there was.
func (l *life) check() {
	var again session.State
	var sum time.Duration
	for i, e := range l.past {
		proposed, err := events.Encode(events.EventID{}, e, events.Metadata{})
		if err != nil {
			l.t.Fatal(err)
		}
		stored, _, err := events.Decode(events.Recorded{Type: proposed.Type, Data: proposed.Data, Metadata: proposed.Metadata})
		if err != nil {
			l.t.Fatal(err)
		}
		again = again.Evolve(stored)
		if diff := cmp.Diff(l.states[i], again); diff != "" {
			l.t.Fatalf("after %d events, %+v, a replay differs (-lived +replayed):\n%s", i+1, e, diff)
		}
		if closing, _ := events.ClosingOf(stored); closing.Segment != nil {
			sum += closing.Segment.Duration()
		}
	}
	if sum != l.played {
		l.t.Fatalf("%s is billed, and %s was played", sum, l.played)
	}
}

// anyCommand is mostly what could follow.
func (l *life) anyCommand() commands.Command[session.State] {
	t := l.t
	by := rapid.SampledFrom([]events.PlayerID{"anna", "anna", "anna", "bert"}).Draw(t, "by")
	span := time.Duration(rapid.IntRange(-10, 90).Draw(t, "span")) * time.Second
	left := rapid.SampledFrom([]events.Seconds{300, 60}).Draw(t, "left")
	guests := rapid.SampledFrom([]events.PlayerID{"bert", "cora"}).Draw(t, "guest")
	recording := events.RecordingID{0: byte(rapid.IntRange(1, 2).Draw(t, "recording"))}
	likely := []commands.Command[session.State]{
		session.Request{Session: id, Player: "anna", Game: "doom", Title: "Doom", Terms: events.SessionTerms{Priority: 1, Idle: 600}},
		session.Queue{Session: id},
		session.Allocate{Session: id, Worker: "w", Slot: 1},
		session.Launch{Session: id},
		session.Ready{Session: id, Width: 640, Height: 480, FrameRate: 35, Encoder: "x264"},
		session.Activate{Session: id},
	}
	if l.state.Segment == 0 && rapid.IntRange(0, 9).Draw(t, "as usual") > 0 {
		return likely[rapid.IntRange(0, len(likely)-1).Draw(t, "next")]
	}
	if rapid.IntRange(0, 29).Draw(t, "the end") == 0 {
		likely = []commands.Command[session.State]{
			session.End{Session: id, By: by, Reason: events.EndedByPlayer},
			session.End{Session: id, Reason: events.EndedLongest},
			session.Finish{Session: id, Reason: events.EndedByGame},
			session.Fail{Session: id, Cause: events.FailedGame},
			session.Fail{Session: id, Cause: events.FailedWorker},
		}
	}
	all := append(likely,
		session.Activate{Session: id}, session.Activate{Session: id},
		session.Interrupt{Session: id, Cause: "silence", Silence: span}, session.Interrupt{Session: id, Cause: "silence", Silence: span},
		session.Pause{Session: id, By: by}, session.Resume{Session: id, By: by}, session.Resume{Session: id, By: by},
		session.ReportQuality{Session: id, From: l.now.Add(-span - time.Second), To: l.now.Add(-span)},
		session.Idle{Session: id, For: span}, session.Active{Session: id},
		session.Warn{Session: id, Reason: events.EndedLongest, Left: left, Ends: l.now.Add(time.Minute)},
		session.Admit{Session: id, Player: guests}, session.Leave{Session: id, By: by, Player: guests},
		session.Record{Session: id, By: by, Recording: recording, Consent: true}, session.StopRecording{Session: id, By: by},
		session.KeepSaves{Worker: "w", Kept: events.SavesKept{Session: id, Version: "1"}},
	)
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "command")]
}
