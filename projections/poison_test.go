package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections/internal/db"
)

// scripted is a view whose events say what it does.
type scripted struct {
	things *Table[thingKey, thing]
	fold   func(v *scripted, said events.Game, at time.Time) error
}

func (v *scripted) Name() string          { return "thing" }
func (v *scripted) Version() int          { return 1 }
func (v *scripted) Tables() []Rows        { return []Rows{v.things} }
func (v *scripted) Wants() []events.Event { return []events.Event{events.GamePublished{}} }
func (v *scripted) Fold(n *Noted) error {
	e := n.Event.(events.GamePublished)
	return v.fold(v, e.Game, e.At)
}

// adds has each event add a row.
func adds(v *scripted, said events.Game, at time.Time) error {
	v.things.Add(thing{Place: said.Title, No: said.Width, At: at, Kind: said.Genre, N: said.Height, Tags: []string{}})
	return nil
}

const scriptedTable = `CREATE SCHEMA read_thing_1;
	CREATE TABLE read_thing_1.thing (
		place text, no integer, at timestamptz, kind text NOT NULL, n bigint CHECK (n <> 7), tags text[] NOT NULL, more jsonb,
		PRIMARY KEY (place, no, at)
	) PARTITION BY RANGE (at);
	INSERT INTO read.generation (view, generation, version, state) VALUES ('thing', 1, 1, 'live');`

// say appends events of a scripted view to a store.
func say(t *testing.T, store events.Store, games ...events.Game) {
	t.Helper()
	for _, g := range games {
		data, err := json.Marshal(events.GamePublished{Game: g, At: time.Date(2026, 3, 1, 0, 0, 0, 1500, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Append(t.Context(), "game-x", events.AnyRevision(), []events.Proposed{{
			ID: events.EventID(uuid.New()), Type: "GamePublished", Data: data, Metadata: []byte("{}"),
		}}); err != nil {
			t.Fatal(err)
		}
	}
}

// scriptedRunner is a runner of a scripted view on a database of its own.
func scriptedRunner(t *testing.T, fold func(*scripted, events.Game, time.Time) error) (*runner, *pgxpool.Pool) {
	t.Helper()
	pool, err := Open(t.Context(), Postgres.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), scriptedTable); err != nil {
		t.Fatal(err)
	}
	return anotherRunner(t, pool, fold), pool
}

func anotherRunner(t *testing.T, pool *pgxpool.Pool, fold func(*scripted, events.Game, time.Time) error) *runner {
	t.Helper()
	g, err := db.New(pool).Generation(t.Context(), db.GenerationParams{View: "thing", Generation: 1})
	if err != nil {
		t.Fatal(err)
	}
	return newRunner(pool, &scripted{things: newThings(), fold: fold}, g, slog.New(slog.DiscardHandler))
}

// runUntil runs until the runner ends by itself, or the database says yes.
func runUntil(t *testing.T, r *runner, store events.Store, question string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- r.run(ctx, feed.NewFan(store, false), func() {}) }()
	for yes := false; !yes; {
		select {
		case err := <-ended:
			if ctx.Err() != nil {
				t.Fatal("it neither ends nor gets there")
			}
			return err
		case <-time.After(2 * time.Millisecond): // between looks at the condition
		}
		if question != "" && ctx.Err() == nil {
			if err := r.pool.QueryRow(ctx, question).Scan(&yes); err != nil && ctx.Err() == nil {
				t.Fatal(err)
			}
		}
	}
	cancel()
	return <-ended
}

// TestAnEventThatCanNotBeAppliedIsNamed: whatever it is that can't be, where
// it stands in its batch, and whether the server, the driver, or the fold finds out.
func TestAnEventThatCanNotBeAppliedIsNamed(t *testing.T) {
	_, pool := scriptedRunner(t, adds)
	for name, c := range map[string]struct {
		bad  events.Game
		says string
	}{
		"a constraint":              {events.Game{Width: 500, Height: 7}, "thing_n_check"},
		"a number for the driver":   {events.Game{Width: 1 << 40}, "int4"},
		"a key that no index takes": {events.Game{Width: 500, Title: incompressible(9000)}, "index row"},
		"a key that is there":       {events.Game{Width: 3, Height: 9}, "thing"},
		"a fold that panics":        {events.Game{Width: 500, Genre: "panic"}, "out of range"},
	} {
		for _, before := range []int{0, 2 * bulk} {
			t.Run(fmt.Sprintf("%s after %d", name, before), func(t *testing.T) {
				if _, err := pool.Exec(t.Context(), "DROP SCHEMA read_thing_1 CASCADE; DELETE FROM read.generation WHERE view = 'thing';"+scriptedTable); err != nil {
					t.Fatal(err)
				}
				r := anotherRunner(t, pool, func(v *scripted, said events.Game, at time.Time) error {
					if said.Genre == "panic" {
						var none []int
						none[said.Width]++
					}
					return adds(v, said, at)
				})
				store := memstore.New(time.Now)
				for i := range max(before, 4) {
					say(t, store, events.Game{Width: i})
				}
				if before == 0 { // in a batch of its own
					if err := runUntil(t, r, store, "SELECT position = 4 FROM read.generation WHERE view = 'thing'"); err != nil {
						t.Fatal(err)
					}
				}
				say(t, store, c.bad, events.Game{Width: 1000}, events.Game{Width: 1001})
				err := runUntil(t, r, store, "")
				where := fmt.Sprintf("GamePublished of game-x@%d", max(before, 4))
				if !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("stopped with %v", err)
				}
				var failed string
				var rows, position, seen int
				if err := pool.QueryRow(t.Context(), `SELECT coalesce(failed, ''), position, seen, (SELECT count(*) FROM read_thing_1.thing)
					FROM read.generation WHERE view = 'thing'`).Scan(&failed, &position, &seen, &rows); err != nil {
					t.Fatal(err)
				}
				if n := max(before, 4); failed != where || rows != n || position != n || seen != n {
					t.Errorf("stopped at %q, with %d rows, at %d, after %d events", failed, rows, position, seen)
				}
			})
		}
	}
}

func incompressible(n int) string {
	var s strings.Builder
	for i := uint32(1); s.Len() < n; i++ {
		fmt.Fprintf(&s, "%08x", i*2654435761)
	}
	return s.String()
}
