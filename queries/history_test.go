package queries_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// played appends a session of a player on a worker, which failed or ended.
func (p *projected) played(player events.PlayerID, game events.GameID, worker events.WorkerID, failed bool) events.SessionID {
	p.t.Helper()
	id := events.NewSessionID()
	all := []events.Event{
		events.SessionRequested{Session: id, Player: player, Game: game, Title: "T", At: noon},
		events.SessionAllocated{Session: id, Player: player, Game: game, Worker: worker, Slot: 1, At: noon},
	}
	if failed {
		all = append(all, events.SessionFailed{Session: id, Cause: events.FailedGame, At: noon})
	} else {
		all = append(all, events.SessionEnding{Session: id, Reason: events.EndedByPlayer, At: noon},
			events.SessionEnded{Session: id, Reason: events.EndedByPlayer, At: noon})
	}
	p.happened(queries.ViewSession, events.SessionStream(id), all...)
	return id
}

func TestSessionHistory(t *testing.T) {
	p := newProjected(t)
	var all []queries.SessionFilter
	ids := map[queries.SessionFilter][]events.SessionID{}
	for i := range 16 {
		of := queries.SessionFilter{State: events.SessionIsEnded,
			Player: []events.PlayerID{"anna", "bert"}[i&1], Game: []events.GameID{"doom", "quake"}[i>>1&1], Worker: []events.WorkerID{"v", "w"}[i>>2&1]}
		if i>>3&1 == 1 {
			of.State = events.SessionIsFailed
		}
		id := p.played(of.Player, of.Game, of.Worker, of.State == events.SessionIsFailed)
		// It is found by each part of what it is.
		for part := range 16 {
			by := of
			if part&1 == 0 {
				by.Player = ""
			}
			if part&2 == 0 {
				by.Game = ""
			}
			if part&4 == 0 {
				by.Worker = ""
			}
			if part&8 == 0 {
				by.State = ""
			}
			if ids[by] == nil {
				all = append(all, by)
			}
			ids[by] = append(ids[by], id)
		}
	}
	for _, by := range all {
		var got []events.SessionID
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := p.db.SessionHistory(t.Context(), by, cursor, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Sessions {
				got = append(got, s.ID)
			}
			cursor = page.Next
		}
		want := slices.Clone(ids[by])
		order := func(a, b events.SessionID) int { return slices.Compare(b[:], a[:]) } // all are of one moment
		if slices.SortFunc(want, order); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", by, got, want)
		}
	}
	var live []events.SessionID
	for range 4 {
		id := events.NewSessionID()
		live = append(live, id)
		p.happened(queries.ViewSession, events.SessionStream(id), events.SessionRequested{Session: id, Player: "cora", Game: "doom", At: noon})
	}
	first, err := p.db.LiveSessions(t.Context(), "", 3)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := p.db.LiveSessions(t.Context(), first.Next, 3)
	if err != nil || rest.Next != "" {
		t.Fatal(rest, err)
	}
	for _, s := range append(first.Sessions, rest.Sessions...) {
		live = slices.DeleteFunc(live, func(id events.SessionID) bool { return id == s.ID })
	}
	if len(first.Sessions) != 3 || len(rest.Sessions) != 1 || len(live) != 0 {
		t.Errorf("of those that are not over: %+v, %+v", first, rest)
	}
	page, err := p.db.SessionHistory(t.Context(), queries.SessionFilter{Player: "anna"}, "", 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.SessionHistory(t.Context(), queries.SessionFilter{Player: "bert"}, page.Next, 3); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("another filter's cursor: %v", err)
	}
	if _, err := p.db.SessionHistory(t.Context(), queries.SessionFilter{Worker: "anna"}, page.Next, 3); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("the cursor of another part of the filter: %v", err)
	}
	for _, text := range []string{"\x00", "an\xffna"} {
		if _, err := p.db.SessionHistory(t.Context(), queries.SessionFilter{Player: events.PlayerID(text)}, "", 3); !errors.Is(err, queries.ErrText) {
			t.Errorf("sessions of %q: %v", text, err)
		}
		if _, err := p.db.Worker(t.Context(), events.WorkerID(text)); !errors.Is(err, queries.ErrText) {
			t.Errorf("worker %q: %v", text, err)
		}
	}
	if none, err := p.db.SessionHistory(t.Context(), queries.SessionFilter{State: "no such state"}, "", 3); err != nil || len(none.Sessions) > 0 {
		t.Errorf("a state that there is not: %+v, %v", none, err)
	}
}

func TestTheQueue(t *testing.T) {
	p := newProjected(t)
	queued := func(player events.PlayerID, at time.Duration, terms events.SessionTerms) events.SessionID {
		id := events.NewSessionID()
		p.happened(queries.ViewSession, events.SessionStream(id),
			events.SessionRequested{Session: id, Player: player, Game: "doom", Title: "Doom", Terms: terms, At: noon.Add(at)})
		return id
	}
	needs := events.Needs{Region: "eu", Encoder: "nvenc", GPU: true}
	var want []events.SessionID
	for i := range 7 {
		want = append(want, queued("anna", time.Duration(i)*7*time.Second, events.SessionTerms{}))
	}
	early := queued("bert", time.Minute+30*time.Second, events.SessionTerms{Priority: 1, Needs: needs})
	want = slices.Insert(want, 0, early)
	read := func() (all []queries.Waiting) {
		t.Helper()
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := p.db.Queue(t.Context(), cursor, 3)
			if err != nil {
				t.Fatal(err)
			}
			all, cursor = append(all, page.Waiting...), page.Next
		}
		return all
	}
	places := func() {
		t.Helper()
		all := read()
		if len(all) != len(want) {
			t.Fatalf("%d wait, want %d", len(all), len(want))
		}
		for i, w := range all {
			s, err := p.db.Session(t.Context(), w.Session)
			if err != nil || w.Session != want[i] || w.Place != int64(i+1) || s.Place != w.Place {
				t.Errorf("at place %d: %+v; its session's is %d, %v", i+1, w, s.Place, err)
			}
		}
	}
	places()
	if first := read()[0]; first != (queries.Waiting{Session: early, Player: "bert", Game: "doom", Title: "Doom", State: events.SessionIsRequested,
		Place: 1, Priority: 1, Since: noon.Add(time.Minute + 30*time.Second), Needs: needs}) {
		t.Errorf("%+v", first)
	}
	lengths := func(want ...queries.QueueLength) {
		t.Helper()
		if got, err := p.db.QueueLengths(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	lengths(queries.QueueLength{Priority: 1, Waiting: 1}, queries.QueueLength{Waiting: 7})
	p.happened(queries.ViewSession, events.SessionStream(early), events.SessionAllocated{Session: early, Worker: "w", At: noon})
	p.happened(queries.ViewSession, events.SessionStream(want[4]), events.SessionEnding{Session: want[4], At: noon})
	want = slices.Delete(slices.Delete(want, 4, 5), 0, 1)
	places()
	lengths(queries.QueueLength{Waiting: 6})
	if _, err := p.db.Queue(t.Context(), "forged", 3); !errors.Is(err, queries.ErrCursor) {
		t.Errorf("a forged cursor: %v", err)
	}
}
