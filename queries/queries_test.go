package queries_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema/schematest"
)

var postgres *schematest.Server

func TestMain(m *testing.M) {
	os.Exit(schematest.Run(m, func(s *schematest.Server) { postgres, s.Prepare = s, projections.Prepare }))
}

const patience = 20 * time.Second

// fixture is a database with rows as the projections would write them.
type fixture struct {
	t    *testing.T
	db   *queries.DB
	conn *pgx.Conn
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	url := postgres.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	db, err := queries.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return &fixture{t: t, db: db, conn: conn}
}

func (f *fixture) exec(sql string, args ...any) {
	f.t.Helper()
	if _, err := f.conn.Exec(f.t.Context(), sql, args...); err != nil {
		f.t.Fatal(err)
	}
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// session adds a session in a state, requested at a minute past noon and with
// that position.
func (f *fixture) session(player string, state events.SessionState, minute int) events.SessionID {
	f.t.Helper()
	id := events.NewSessionID()
	var ended *time.Time
	if state.Over() {
		ended = &noon
	}
	f.exec(`INSERT INTO read.session (session_id, player_id, game_id, title, state, requested_at, queued_as, requested_pos, ended_at, position)
		VALUES ($1, $2, 'doom', 'Doom', $3, $4, $4, $5, $6, $5)`,
		uuid.UUID(id), player, string(state), noon.Add(time.Duration(minute)*time.Minute), minute, ended)
	f.exec(`INSERT INTO read.session_quality (session_id, told_from, told_to, position) VALUES ($1, $2, $2, $3)`,
		uuid.UUID(id), noon.Add(time.Duration(minute)*time.Minute), minute)
	if state == events.SessionIsRequested || state == events.SessionIsQueued {
		f.exec(`INSERT INTO read.queue_length VALUES ($1, 0, 1)`, noon.Add(time.Duration(minute)*time.Minute))
	}
	return id
}

// bill puts so much of a session on the player's account.
func (f *fixture) bill(player string, session events.SessionID, ms int) {
	f.t.Helper()
	f.exec(`INSERT INTO read.account (player_id, opened_at, played_ms, sessions, limit_amount, limit_reached, position) VALUES ($1, $2, 0, 0, 0, false, 1)`, player, noon)
	f.exec(`INSERT INTO read.session_bill VALUES ($1, $2, 'doom', 1, $3, 0, 0, 0, 0, 0)`, uuid.UUID(session), player, ms)
}

func TestSession(t *testing.T) {
	f := newFixture(t)
	id := f.session("anna", events.SessionIsEnded, 1)
	f.exec(`UPDATE read.session SET played_ms = 90000, end_reason = 'player', width = 640, height = 480, frame_rate = 35, encoder = 'x264',
		picture_cause = 'path-narrow', worker_id = 'w', slot = 1 WHERE session_id = $1`, uuid.UUID(id))
	f.exec(`UPDATE read.session_quality SET last_at = $2, last_position = 9, windows = 2,
		frame_rate_sum = 90, frame_rate_worst = 30, bit_rate_sum = 3000, lost_sum = 0.5, lost_worst = 0.5, round_trip_sum = 30, round_trip_worst = 20,
		delay_sum = 12, delay_worst = 8, answered = 1, answer_sum = 70, answer_worst = 70, freezes = 3, freeze_ms = 1500, position = 9
		WHERE session_id = $1`, uuid.UUID(id), noon)
	f.months("2026-01")
	f.moment(id, 8, noon, noon, "'{}'", "NULL")
	f.moment(id, 9, noon, noon, `'{"sent":{"bitRate":1000},"stages":{"encode":{"p50":3}}}'`, "NULL")
	f.bill("anna", id, 90_000)

	got, err := f.db.Session(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := queries.Session{
		ID: id, Player: "anna", Game: "doom", Title: "Doom", State: events.SessionIsEnded,
		RequestedAt: noon.Add(time.Minute), EndedAt: &noon, EndReason: "player",
		Picture: &queries.Picture{Width: 640, Height: 480, FrameRate: 35, Encoder: "x264", Cause: events.PicturePathNarrow},
		Worker:  "w", Slot: 1,
		Played: 90 * time.Second, Billed: 90 * time.Second,
		Quality: &events.Quality{
			Sent: events.SentQuality{BitRate: 1000}, Stages: events.StageQuality{Encode: events.Percentiles{P50: 3}},
		},
		Summary: &queries.Figures{
			Windows: 2, FrameRate: queries.Figure{Mean: 45, Worst: 30}, BitRate: 1500, Lost: queries.Figure{Mean: 0.25, Worst: 0.5},
			RoundTrip: queries.Figure{Mean: 15, Worst: 20}, Delay: queries.Figure{Mean: 6, Worst: 8}, Answer: queries.Figure{Mean: 70, Worst: 70},
			Freezes: 3, FreezeTime: 1500 * time.Millisecond,
		},
		Position: 9,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := f.db.Session(t.Context(), events.NewSessionID()); !errors.Is(err, queries.ErrSessionUnknown) {
		t.Errorf("an unknown session: %v", err)
	}
}

func TestPlaceInTheQueue(t *testing.T) {
	f := newFixture(t)
	second := f.session("bert", events.SessionIsQueued, 20)
	first := f.session("anna", events.SessionIsQueued, 10)
	f.session("cora", events.SessionIsActive, 5)
	third := f.session("anna", events.SessionIsRequested, 30)
	active := f.session("dora", events.SessionIsActive, 40)
	for id, want := range map[events.SessionID]int64{first: 1, second: 2, third: 3, active: 0} {
		if got, err := f.db.Session(t.Context(), id); err != nil || got.Place != want {
			t.Errorf("place %d, %v; want %d", got.Place, err, want)
		}
	}
	earlier := noon.Add(15 * time.Minute) // by its priority
	f.exec(`UPDATE read.session SET queued_as = $2 WHERE session_id = $1`, uuid.UUID(third), earlier)
	f.exec(`UPDATE read.queue_length SET step = $2 WHERE step = $1`, noon.Add(30*time.Minute), earlier)
	for id, want := range map[events.SessionID]int64{first: 1, third: 2, second: 3} {
		if got, err := f.db.Session(t.Context(), id); err != nil || got.Place != want {
			t.Errorf("with a priority, place %d, %v; want %d", got.Place, err, want)
		}
	}
}

func TestPace(t *testing.T) {
	f := newFixture(t)
	if got, err := f.db.Pace(t.Context(), 2); err != nil || got != (queries.Pace{}) {
		t.Errorf("before any slot was given: %+v, %v", got, err)
	}
	for minute := range 4 {
		id := f.session("anna", events.SessionIsEnded, minute)
		f.exec(`UPDATE read.session SET allocated_at = $2 WHERE session_id = $1`, uuid.UUID(id), noon.Add(time.Duration(minute)*time.Minute))
	}
	f.session("bert", events.SessionIsQueued, 9)
	want := queries.Pace{First: noon.Add(2 * time.Minute), Last: noon.Add(3 * time.Minute), Slots: 2}
	if got, err := f.db.Pace(t.Context(), 2); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestWarnings(t *testing.T) {
	f := newFixture(t)
	active, over := f.session("anna", events.SessionIsActive, 1), f.session("anna", events.SessionIsEnded, 2)
	for _, id := range []events.SessionID{active, over} {
		f.exec(`UPDATE read.session SET warnings = '{"longest-session":{"left":300,"ends":"2026-01-02T12:05:00Z"},
			"guardian":{"left":900,"ends":"2026-01-02T12:04:00Z"},"idle":{"left":60,"ends":"2026-01-02T12:05:00Z"}}' WHERE session_id = $1`, uuid.UUID(id))
	}
	got, err := f.db.Session(t.Context(), active)
	want := []queries.Warning{{Reason: "guardian", Left: 900, Ends: noon.Add(4 * time.Minute)},
		{Reason: "idle", Left: 60, Ends: noon.Add(5 * time.Minute)}, {Reason: "longest-session", Left: 300, Ends: noon.Add(5 * time.Minute)}}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if got, err := f.db.Session(t.Context(), over); err != nil || got.Warnings != nil {
		t.Errorf("of what is over: %+v, %v", got.Warnings, err)
	}
}

func TestSessionsPageByPage(t *testing.T) {
	f := newFixture(t)
	var want []events.SessionID
	for minute := range 11 {
		want = append([]events.SessionID{f.session("anna", events.SessionIsEnded, minute/2)}, want...) // pairs of one time
		f.session("bert", events.SessionIsEnded, minute)
	}
	seen := map[events.SessionID]bool{}
	var times []time.Time
	cursor := ""
	for pages := 1; ; pages++ {
		page, err := f.db.Sessions(t.Context(), "anna", cursor, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Sessions {
			if seen[s.ID] || s.Player != "anna" {
				t.Fatalf("%v comes twice, or is %s's", s.ID, s.Player)
			}
			seen[s.ID] = true
			times = append(times, s.RequestedAt)
		}
		if cursor = page.Next; cursor == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d sessions, want %d", len(seen), len(want))
	}
	for i := 1; i < len(times); i++ {
		if times[i].After(times[i-1]) {
			t.Errorf("%v follows %v", times[i], times[i-1])
		}
	}
}

func TestForgedCursors(t *testing.T) {
	f := newFixture(t)
	for _, cursor := range []string{
		"x", "!!!", "'; DROP TABLE read.session", base64.RawURLEncoding.EncodeToString([]byte("\x02too short")),
		base64.RawURLEncoding.EncodeToString(append([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, make([]byte, 16)...)),
		base64.RawURLEncoding.EncodeToString(append([]byte{9}, make([]byte, 24)...)),
	} {
		if _, err := f.db.Sessions(t.Context(), "anna", cursor, 4); !errors.Is(err, queries.ErrCursor) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

func (f *fixture) notify(view string, position int, keys string) {
	f.t.Helper()
	f.exec("SELECT pg_notify('read_model', $1)", fmt.Sprintf(`{"view":%q,"position":%d,"keys":%s}`, view, position, keys))
}

func TestAwait(t *testing.T) {
	f := newFixture(t)
	if err := f.db.Await(t.Context(), queries.ViewSession, events.Start); err != nil {
		t.Fatal(err)
	}
	reached := make(chan error, 1)
	go func() { reached <- f.db.Await(t.Context(), queries.ViewSession, 7) }()
	// A listener that has not begun yet hears of it by the checkpoint.
	f.exec(`UPDATE read.generation SET position = CASE view WHEN 'session' THEN 7 ELSE 9 END WHERE view IN ('session', 'account')`)
	f.notify("account", 9, `["account-anna"]`)
	f.notify("session", 7, `[]`)
	if err := <-reached; err != nil {
		t.Fatal(err)
	}
	if err := f.db.At(t.Context(), 7, queries.ViewAccount, queries.ViewSession); err != nil {
		t.Errorf("both views have passed it: %v", err)
	}
	go func() { reached <- f.db.At(t.Context(), 8, queries.ViewAccount, queries.ViewSession) }()
	if err := f.db.Await(t.Context(), queries.ViewSession, 8); !errors.Is(err, queries.ErrBehind) {
		t.Errorf("a position that never comes: %v", err)
	}
	if err := <-reached; !errors.Is(err, queries.ErrBehind) {
		t.Errorf("a position that one of two views has passed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.db.Await(ctx, queries.ViewSession, 8); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits any more: %v", err)
	}
}

func TestWatch(t *testing.T) {
	f := newFixture(t)
	watch := f.db.Watch()
	defer watch.Close()
	next := func(want string) queries.Change {
		t.Helper()
		for {
			select {
			case c := <-watch.C:
				if c.Touches(want) && c.Keys != nil {
					return c
				}
			case <-time.After(patience):
				t.Fatalf("nothing was heard of %s", want)
			}
		}
	}
	f.exec(`UPDATE read.generation SET position = 3 WHERE view = 'session'`)
	if err := f.db.Await(t.Context(), queries.ViewSession, events.Start); err != nil {
		t.Fatal(err)
	}
	f.untilListening()
	f.notify("session", 4, `["session-a"]`)
	if c := next("session-a"); c.View != "session" || c.Position != 4 || c.Touches("session-b") {
		t.Errorf("%+v", c)
	}
}

// untilListening returns when a notification is heard.
func (f *fixture) untilListening() {
	f.t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		var listening bool
		if err := f.conn.QueryRow(f.t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM read.checkpoint%')`).Scan(&listening); err != nil {
			f.t.Fatal(err)
		}
		if listening {
			return
		}
	}
	f.t.Fatal("the listener has not begun")
}

// TestALostListenerComesBack: watchers are told that anything may have changed.
func TestALostListenerComesBack(t *testing.T) {
	f := newFixture(t)
	f.exec(`UPDATE read.generation SET position = 3 WHERE view = 'session'`)
	f.untilListening()
	watch := f.db.Watch()
	defer watch.Close()
	f.exec(`UPDATE read.generation SET position = 5 WHERE view = 'session'`)
	f.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	select {
	case c := <-watch.C:
		if !c.Touches("session-a") {
			t.Errorf("the change is of %+v alone", c)
		}
	case <-time.After(patience):
		t.Fatal("the listener did not come back")
	}
	if err := f.db.Await(t.Context(), queries.ViewSession, 5); err != nil {
		t.Error(err)
	}
}

func TestASlowWatcherIsToldThatAnythingMayHaveChanged(t *testing.T) {
	f := newFixture(t)
	f.exec(`UPDATE read.generation SET position = 3 WHERE view = 'session'`)
	f.untilListening()
	watch := f.db.Watch()
	defer watch.Close()
	for position := 4; position < 300; position++ {
		f.notify("session", position, `["session-a"]`)
	}
	if err := f.db.Await(t.Context(), queries.ViewSession, 299); err != nil {
		t.Fatal(err)
	}
	var last queries.Change
	for len(watch.C) > 0 {
		last = <-watch.C
	}
	if last.View != "" || !last.Touches("session-b") {
		t.Errorf("last heard of %+v", last)
	}
}
