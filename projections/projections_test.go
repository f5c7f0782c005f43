package projections_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/schema/schematest"
)

var postgres *schematest.Server

func TestMain(m *testing.M) {
	os.Exit(schematest.Run(m, func(s *schematest.Server) {
		postgres, projections.Postgres, s.Prepare = s, s, projections.Prepare
	}))
}

const patience = 20 * time.Second

// running is the views of a store at work on a database.
type running struct {
	failures chan error // of views that have stopped
	stop     func()     // waits
}

// stopped waits until a view has ended by itself, and returns why.
func (r *running) stopped(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.failures:
		return err
	case <-time.After(patience):
		t.Fatal("the views go on")
		return nil
	}
}

func run(t *testing.T, url string, store events.Store) *running {
	t.Helper()
	pool := open(t, url)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	r := &running{failures: make(chan error, 2*len(projections.Views()))}
	group.Go(func() {
		projections.NewProjector(pool, store, slog.New(slog.DiscardHandler)).Run(ctx, func(err error) { r.failures <- err })
	})
	r.stop = sync.OnceFunc(func() {
		cancel()
		group.Wait()
		pool.Close()
	})
	t.Cleanup(r.stop)
	return r
}

func open(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := projections.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// settle waits until the named views have passed the store's head.
func settle(t *testing.T, url string, store events.Store, views ...string) {
	t.Helper()
	head, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	deadline := time.Now().Add(patience)
	for {
		var behind int
		if err := conn.QueryRow(t.Context(), "SELECT $3 - count(*) FROM read.checkpoint WHERE view = ANY($1) AND position >= $2",
			views, int64(head), len(views)).Scan(&behind); err != nil {
			t.Fatal(err)
		}
		if behind == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %v have not reached %d: %v", behind, views, head, scanRow(t, url, "SELECT array_agg(g.*::text) FROM read.generation g WHERE state = 'live' AND position < $1", int64(head)))
		}
		time.Sleep(5 * time.Millisecond) // between looks at the condition
	}
}

// allViews are their names.
func allViews() []string {
	var names []string
	for _, view := range projections.Views() {
		names = append(names, view.Name())
	}
	return names
}

func scanRow(t *testing.T, url, sql string, args ...any) []any {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	rows, err := conn.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestTheViewsOfAPlayedSession(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	id := h.play()
	run(t, url, store)
	settle(t, url, store, allViews()...)

	got := scanRow(t, url, `SELECT state, player_id, game_id, worker_id, slot, end_reason, played_ms, active_since, width, encoder, picture_cause, h.quality->'sent'->>'bitRate', windows, bit_rate_sum
		FROM read.session s JOIN read.session_quality q USING (session_id)
		JOIN read.picture_history h ON (h.session_id, h.position, h.at) = (q.session_id, q.last_position, q.last_at) WHERE s.session_id = $1`, id.String())
	want := []any{"ended", "anna", "doom", "w", int32(0), "player", int64(90_000), nil, int32(480), "openh264", "encoder-failed", "1000", int64(1), 1000.0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	got = scanRow(t, url, `SELECT count(*), count(quality), count(picture), max(picture->>'height') FROM read.picture_history WHERE session_id = $1`, id.String())
	if diff := cmp.Diff([]any{int64(2), int64(1), int64(1), "360"}, got); diff != "" {
		t.Errorf("picture history (-want +got):\n%s", diff)
	}
	got = scanRow(t, url, `SELECT count(*), sum(played_ms)::bigint FROM read.playtime WHERE player_id = 'anna'`)
	if diff := cmp.Diff([]any{int64(2), int64(90_000)}, got); diff != "" {
		t.Errorf("playtime (-want +got):\n%s", diff)
	}
	got = scanRow(t, url, `SELECT player_id, keyboard, pads FROM read.guest WHERE session_id = $1`, id.String())
	if diff := cmp.Diff([]any{"bert", false, int32(1)}, got); diff != "" {
		t.Errorf("guest (-want +got):\n%s", diff)
	}
	got = scanRow(t, url, `SELECT kind, encode(code_hash, 'hex') = encode(sha256('stays'), 'hex') FROM read.invitation WHERE session_id = $1`, id.String())
	if diff := cmp.Diff([]any{"play", true}, got); diff != "" {
		t.Errorf("invitation (-want +got):\n%s", diff)
	}
	got = scanRow(t, url, `SELECT title, published, reason FROM read.game WHERE game_id = 'doom'`)
	if diff := cmp.Diff([]any{"Doom II", true, "not installed"}, got); diff != "" {
		t.Errorf("game (-want +got):\n%s", diff)
	}
}

func TestTheViewOfAnEndThatIsNear(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	id := events.NewSessionID()
	longest, idle := h.now.Add(time.Hour), h.now.Add(2*time.Minute)
	warned := func(reason events.EndReason, left events.Seconds, ends time.Time) events.SessionWarned {
		return events.SessionWarned{Session: id, Reason: reason, Left: left, Ends: ends, At: h.now}
	}
	h.put(events.SessionStream(id),
		events.SessionRequested{Session: id, Player: "anna", Game: "doom", Title: "Doom", Terms: events.SessionTerms{Priority: 2}, At: h.now},
		events.SessionAllocated{Session: id, Player: "anna", Game: "doom", Worker: "w", At: h.now},
		events.SessionActivated{Session: id, Segment: 1, At: h.now},
		warned(events.EndedLongest, 3600, longest), warned(events.EndedByGuardian, 900, longest),
		warned(events.EndedIdle, 60, idle), warned(events.EndedAllowance, 300, idle))
	run(t, url, store)
	shows := func(want ...string) {
		t.Helper()
		settle(t, url, store, allViews()...)
		row := scanRow(t, url, `SELECT (SELECT array_agg(key || ' ' || (value->>'left') ORDER BY key) FROM jsonb_each(warnings)),
			queued_as, allocated_at FROM read.session WHERE session_id = $1`, id.String())
		var got []string
		for _, each := range row[0].([]any) {
			got = append(got, each.(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("warnings (-want +got):\n%s", diff)
		}
		if queued := row[1].(time.Time); !queued.Equal(h.now.Add(-2 * events.Ageing)) {
			t.Errorf("a session of priority 2 is queued as one of %s", queued)
		}
		if allocated := row[2].(time.Time); !allocated.Equal(h.now) {
			t.Errorf("allocated at %s", allocated)
		}
	}
	shows("daily-allowance 300", "guardian 900", "idle 60", "longest-session 3600")
	h.put(events.SessionStream(id), events.SessionRoused{Session: id, At: h.now}, warned(events.EndedLongest, 1800, longest))
	shows("daily-allowance 300", "guardian 900", "longest-session 1800")
	h.put(events.SessionStream(id), events.SessionPaused{Session: id, At: h.now})
	shows("longest-session 1800")
}

func TestAPoisonedEventStopsItsViewAlone(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	h := newHistory(t, store)
	h.play()
	// A session that was never requested: only the session view minds.
	ghost := events.NewSessionID()
	h.put(events.SessionStream(ghost), events.SessionQueued{Session: ghost, At: h.now})
	h.put(events.GameStream("quake"), events.GamePublished{Game: events.Game{ID: "quake", Title: "Quake"}, At: h.now})
	r := run(t, url, store)
	settle(t, url, store, slices.DeleteFunc(allViews(), func(name string) bool { return name == "session" })...)
	if got := scanRow(t, url, "SELECT count(*) FROM read.game WHERE game_id = 'quake'"); got[0] != int64(1) {
		t.Error("another view has stopped too")
	}
	err := r.stopped(t)
	if !errors.Is(err, projections.ErrStopped) || !strings.Contains(err.Error(), "view session") || !strings.Contains(err.Error(), "SessionQueued of session-"+ghost.String()+"@0") {
		t.Errorf("the failure does not name the event: %v", err)
	}
	r.stop()
	select {
	case err := <-r.failures:
		t.Errorf("another view has stopped: %v", err)
	default:
	}
	// What came before it is there.
	if got := scanRow(t, url, "SELECT count(*) FROM read.session WHERE state = 'ended'"); got[0] != int64(1) {
		t.Error("what came before the event is not in the rows")
	}
	for _, s := range list(t, url, store) {
		if failed := s.Failed == "SessionQueued of session-"+ghost.String()+"@0"; failed != (s.View == "session") || failed != (s.Failure != "") || failed != (s.Lag > 0) {
			t.Errorf("listed as %+v", s)
		}
	}
	lag, failed := gathered(t, url, store, "playcast_projection_lag_seconds"), gathered(t, url, store, "playcast_projection_failed")
	for _, view := range allViews() {
		if is := view == "session"; is != (lag[view] > 0) || is != (failed[view] == 1) {
			t.Errorf("the metrics of %s: a lag of %f s, failed %f", view, lag[view], failed[view])
		}
	}
}

// gathered are the figures of a name, by view.
func gathered(t *testing.T, url string, store events.Store, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(projections.NewMetrics(open(t, url), store))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, family := range families {
		for _, m := range family.Metric {
			if family.GetName() != name {
				continue
			}
			for _, label := range m.Label {
				if label.GetName() == "view" {
					found[label.GetValue()] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
				}
			}
		}
	}
	return found
}

func list(t *testing.T, url string, store events.Store) []projections.Status {
	t.Helper()
	all, err := projections.List(t.Context(), open(t, url), store, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnEventOfANewerPlaycastStopsTheViews(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	if _, err := store.Append(t.Context(), "session-x", events.NoStream(), []events.Proposed{
		{Type: "SessionTeleported", Data: []byte("{}"), Metadata: []byte("{}")},
	}); err != nil {
		t.Fatal(err)
	}
	r := run(t, url, store)
	for range projections.Views() {
		err := r.stopped(t)
		if !errors.Is(err, projections.ErrStopped) || !errors.Is(err, events.ErrUnknownType) || !strings.Contains(err.Error(), "SessionTeleported of session-x@0") {
			t.Error(err)
		}
	}
}

func TestANotificationFollowsTheCommit(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), "LISTEN read_model"); err != nil {
		t.Fatal(err)
	}
	run(t, url, store)
	h := newHistory(t, store)
	id := h.play()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	want := map[string]bool{"account-anna": true, "session-" + id.String(): true}
	for len(want) > 0 { // in one batch or in several
		raw, err := conn.WaitForNotification(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var n projections.Notification
		if err := json.Unmarshal([]byte(raw.Payload), &n); err != nil {
			t.Fatal(err)
		}
		at := scanRow(t, url, "SELECT position FROM read.checkpoint WHERE view = $1", n.View)[0].(int64)
		if at < n.Position {
			t.Errorf("told of %s at %d while it was at %d", n.View, n.Position, at)
		}
		for _, key := range n.Keys {
			if n.View == "account" && key != "account-anna" && key != "session-"+id.String() {
				t.Errorf("told of %s in %s", key, n.View)
			}
			if n.View == "account" {
				delete(want, key)
			}
		}
	}
}

// TestLimitsOfTimeAreForOthers: not for what builds and follows.
func TestLimitsOfTimeAreForOthers(t *testing.T) {
	url := postgres.Database(t)
	name := open(t, url).Config().ConnConfig.Database
	if _, err := open(t, url).Exec(t.Context(), "ALTER DATABASE "+name+" SET statement_timeout = '50ms'; ALTER DATABASE "+name+" SET idle_session_timeout = '1h'"); err != nil {
		t.Fatal(err)
	}
	var statement, idle string
	if err := open(t, url).QueryRow(t.Context(), "SELECT current_setting('statement_timeout'), current_setting('idle_session_timeout')").Scan(&statement, &idle); err != nil {
		t.Fatal(err)
	}
	if statement != "0" || idle != "0" {
		t.Errorf("a statement has %s, and a connection %s", statement, idle)
	}
}

// TestAServerThatOnlyFollows is waited for, or for another one in its place.
func TestAServerThatOnlyFollows(t *testing.T) {
	url, store := postgres.Database(t), memstore.New(time.Now)
	pool := open(t, url)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	readOnly := "ALTER DATABASE " + conn.Conn().Config().Database + " SET default_transaction_read_only = "
	r := run(t, url, store)
	for _, is := range []string{"on", "off"} {
		if _, err := conn.Exec(t.Context(), readOnly+is); err != nil {
			t.Fatal(err)
		}
		if is == "on" {
			if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
				t.Fatal(err)
			}
			newHistory(t, store).play()
			select {
			case err := <-r.failures:
				t.Fatal(err)
			case <-time.After(200 * time.Millisecond): // in which it takes no changes
			}
		}
	}
	settle(t, url, store, allViews()...)
}
