package main

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/playcast/playcast/commands/simulation"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
	"github.com/playcast/playcast/projections"
	"github.com/playcast/playcast/queries"
	"github.com/playcast/playcast/schema"
	"github.com/playcast/playcast/schema/local"
)

// TestQuestionsAreAll finds what can be asked of queries.DB and is not among the
// questions that are measured, explained, and held to what was written.
func TestQuestionsAreAll(t *testing.T) {
	t.Parallel()
	all, _ := questions(t.Context(), &samples{err: context.Canceled}) // which are asked about is not asked
	var named []string
	for _, q := range all {
		named = append(named, q.method())
		if len(q.reads) == 0 {
			t.Errorf("%s reads no view: name those that it reads", q.name)
		}
	}
	asks := reflect.TypeFor[context.Context]()
	waits := []string{"Await", "At"}
	db := reflect.TypeFor[*queries.DB]()
	for i := range db.NumMethod() {
		m := db.Method(i)
		if m.Type.NumIn() < 2 || m.Type.In(1) != asks || slices.Contains(waits, m.Name) {
			continue
		}
		if !slices.Contains(named, m.Name) {
			t.Errorf("queries.DB answers %s, and nobody measures it: add it to questions", m.Name)
		}
	}
}

// readSide is a history with its views, in a database of its own.
type readSide struct {
	t     *testing.T
	url   string
	pool  *pgxpool.Pool
	store *memstore.Store
	now   time.Time // the store's
	stop  func()    // the views
}

// much is how much belongs to a read side, each time.
const much = 80

// newReadSide has a day of a small platform, and what belongs to it in two months.
func newReadSide(t *testing.T) *readSide {
	t.Helper()
	r := &readSide{t: t}
	r.store = memstore.New(func() time.Time { return r.now })
	r.database()
	_, recorded, err := simulation.Run(t.Context(), simulation.Config{Seed: 1, Players: 60, Workers: 3, Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	for e, err := range recorded.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		r.now = e.Time
		if _, err := r.store.Append(t.Context(), e.Stream, events.AnyRevision(), []events.Proposed{{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata}}); err != nil {
			t.Fatal(err)
		}
	}
	r.append(newBelongings("early", much, time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC), true))
	r.append(newBelongings("late", much, time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC), false))
	r.project()
	return r
}

// append appends belongings, and returns the position of the last event.
func (r *readSide) append(b *belongings) events.Position {
	r.t.Helper()
	r.now = b.at
	head, err := b.lots.append(r.t.Context(), r.store)
	if err != nil {
		r.t.Fatal(err)
	}
	return head
}

func (r *readSide) database() {
	dir, err := os.MkdirTemp("", "pc")
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	server, err := local.Start(r.t.Context(), local.Config{Dir: dir, Throwaway: true})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := server.Close(); err != nil {
			r.t.Error(err)
		}
	})
	r.url = server.URL()
	if err := schema.Apply(r.t.Context(), r.url); err != nil {
		r.t.Fatal(err)
	}
	if err := projections.Prepare(r.t.Context(), r.url); err != nil {
		r.t.Fatal(err)
	}
	if r.pool, err = projections.Open(r.t.Context(), r.url); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(r.pool.Close)
}

// project has the views follow the log until stop.
func (r *readSide) project() {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		projections.NewProjector(r.pool, r.store, slog.New(slog.DiscardHandler)).Run(ctx, func(err error) {
			r.t.Errorf("a view has stopped: %v", err)
		})
	})
	r.stop = sync.OnceFunc(func() {
		cancel()
		group.Wait()
	})
	r.t.Cleanup(r.stop)
}

// open returns a DB whose views have passed what is recorded.
func (r *readSide) open(with ...queries.Option) *queries.DB {
	r.t.Helper()
	db, err := queries.Open(r.t.Context(), r.url, slog.New(slog.DiscardHandler), with...)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(db.Close)
	r.level(db)
	return db
}

// level waits until every view has passed what is recorded.
func (r *readSide) level(db *queries.DB) {
	r.t.Helper()
	head, err := r.store.Head(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, view := range projections.Views() {
		names = append(names, view.Name())
	}
	if err := r.patiently(db, head, names); err != nil {
		r.t.Fatalf("the views have not reached %d: %v", head, err)
	}
}

// questions are all, of what there is.
func (r *readSide) questions() []question {
	r.t.Helper()
	if _, err := r.pool.Exec(r.t.Context(), "ANALYZE"); err != nil {
		r.t.Fatal(err)
	}
	all, err := questions(r.t.Context(), &samples{pool: r.pool})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}
