package projections

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/projections/internal/db"
)

// thing is a row of the table that is tested.
type thing struct {
	Place string    `db:"place,key"`
	No    int       `db:"no,key"`
	At    time.Time `db:"at,key"`
	Kind  string    `db:"kind"`
	N     int       `db:"n,null"`
	Tags  []string  `db:"tags"`
	More  JSON      `db:"more,null"`
}

type thingKey struct {
	Place string
	No    int
	At    time.Time
}

const thingTable = `CREATE SCHEMA read_thing_1;
	CREATE TABLE read_thing_1.thing (
		place text, no bigint, at timestamptz, kind text NOT NULL, n bigint CHECK (n <> 0), tags text[] NOT NULL, more jsonb,
		PRIMARY KEY (place, no, at)
	) PARTITION BY RANGE (at);
	INSERT INTO read.generation (view, generation, version, state) VALUES ('thing', 1, 1, 'live');`

func newThings() *Table[thingKey, thing] {
	return NewTable("thing", func(r *thing) thingKey { return thingKey{r.Place, r.No, r.At} }).Monthly("at")
}

// deed is one step of a fold.
type deed struct {
	What string
	Row  thing
}

// do does a deed to a table, and returns what a fold would see.
func (d deed) do(t *Table[thingKey, thing]) (seen thing, found bool, err error) {
	key := t.key(&d.Row)
	switch d.What {
	case "get":
		seen, found = t.Get(key)
	case "follow": // to a key that depends on a row
		if seen, found = t.Get(key); found {
			seen, found = t.Get(thingKey{key.Place, seen.N, key.At})
		}
	case "put":
		t.Put(d.Row)
	case "add":
		if _, there := t.Get(key); !there {
			t.Add(d.Row)
		}
	case "change":
		err = t.Change(key, func(r *thing) { r.N, r.Tags = r.N+1, append(slices.Clone(r.Tags), "changed") })
	case "delete":
		t.Delete(key)
	case "delete where":
		t.DeleteWhere("kind", d.Row.Kind)
	}
	return seen, found, err
}

// model does a deed to a map.
func (d deed) model(m map[thingKey]thing) (seen thing, found bool) {
	key := thingKey{d.Row.Place, d.Row.No, d.Row.At}
	seen, found = m[key]
	switch d.What {
	case "follow":
		if found {
			seen, found = m[thingKey{key.Place, seen.N, key.At}]
		}
	case "put":
		m[key] = d.Row
	case "add":
		if !found {
			m[key] = d.Row
		}
	case "change":
		if found {
			changed := seen
			changed.N, changed.Tags = seen.N+1, append(slices.Clone(seen.Tags), "changed")
			m[key] = changed
		}
	case "delete":
		delete(m, key)
	case "delete where":
		maps.DeleteFunc(m, func(_ thingKey, r thing) bool { return r.Kind == d.Row.Kind })
	}
	return seen, found
}

func drawDeed(t *rapid.T) deed {
	return deed{
		What: rapid.SampledFrom([]string{"get", "follow", "put", "add", "change", "change", "delete", "delete where"}).Draw(t, "what"),
		Row: thing{
			Place: rapid.SampledFrom([]string{"a", "b", "c\x00"}).Draw(t, "place"), No: rapid.IntRange(0, 3).Draw(t, "no"),
			At:   time.Date(2026, time.Month(rapid.IntRange(1, 2).Draw(t, "month")), 28, 1, 2, 3, 4000, time.UTC),
			Kind: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "kind"), N: rapid.IntRange(0, 2).Draw(t, "n"),
			Tags: rapid.SampledFrom([][]string{{}, {"one"}, {"one", "two"}}).Draw(t, "tags"),
			More: rapid.SampledFrom([]JSON{nil, JSON(`{"a": "b"}`)}).Draw(t, "more"),
		},
	}
}

// TestATableIsAMap: whatever is kept in memory, loaded, lost with a batch that
// failed, or written by the one way or the other, a table does what a map does.
func TestATableIsAMap(t *testing.T) {
	url := Postgres.Database(t)
	pool, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), thingTable); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) { tableIsAMap(t, pool) })
}

func tableIsAMap(t *rapid.T, pool *pgxpool.Pool) {
	ctx := context.Background()
	if _, err := pool.Exec(ctx, "TRUNCATE read_thing_1.thing; UPDATE read.generation SET position = 0 WHERE view = 'thing'"); err != nil {
		t.Fatal(err)
	}
	table := newThings()
	table.limit = rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "cached")
	table.begin()
	g, err := db.New(pool).InState(ctx, db.InStateParams{View: "thing", State: live})
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{pool: pool, g: g, tables: []Rows{table}, partitions: map[string]bool{}}
	stored := map[thingKey]thing{}
	for at := events.Position(0); at < events.Position(rapid.IntRange(1, 6).Draw(t, "batches")); {
		deeds := rapid.SliceOfN(rapid.Custom(drawDeed), 1, 12).Draw(t, "deeds")
		now := maps.Clone(stored)
		for i := range deeds { // as it is written
			deeds[i].Row.Place = withoutNUL(deeds[i].Row.Place)
		}
		batch(t, table, storage{query: pool.Query, schema: "read_thing_1"}, deeds, now)
		if rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
			table.forget()
			continue
		}
		if _, err := w.write(ctx, step{after: at, reached: at + 1}); err != nil {
			t.Fatal(err)
		}
		table.keep()
		stored, at = now, at+1
		if diff := gocmp.Diff(listed(slices.Collect(maps.Values(stored))), listed(rowsOf(t, pool, table))); diff != "" {
			t.Fatalf("(-model +table):\n%s", diff)
		}
	}
	if _, err := w.write(ctx, step{after: 1000, reached: 1001}); !errors.Is(err, errMoved) {
		t.Fatalf("from where the checkpoint is not: %v", err)
	}
}

// batch folds deeds as a runner does.
func batch(t *rapid.T, table *Table[thingKey, thing], in storage, deeds []deed, model map[thingKey]thing) {
	if !table.certain() {
		table.rehearse()
		for _, d := range deeds {
			_, _, _ = d.do(table) // for the keys alone
		}
	}
	if err := table.prepare(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	for _, d := range deeds {
		seen, found, err := d.do(table)
		want, there := d.model(model)
		if (d.What == "get" || d.What == "follow") && (found != there || found && gocmp.Diff(alike(want), alike(seen)) != "") {
			t.Fatalf("got %v, %v; want %v, %v", seen, found, want, there)
		}
		if d.What == "change" && (err == nil) != there || err != nil && !errors.Is(err, errNoRow) {
			t.Fatalf("change: %v, and there is one: %v", err, there)
		}
		if err := table.failure(); err != nil {
			t.Fatal(err)
		}
	}
}

func rowsOf(t *rapid.T, pool *pgxpool.Pool, table *Table[thingKey, thing]) []thing {
	rows, err := pool.Query(context.Background(), "SELECT place, no, at, kind, n, tags, more FROM read_thing_1.thing")
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (thing, error) {
		var row thing
		into, take := table.layout.scanned(&row)
		err := r.Scan(into...)
		take()
		return row, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// alike is a row in which nothing and an empty list are the same.
func alike(r thing) thing {
	if len(r.Tags) == 0 {
		r.Tags = nil
	}
	return r
}

func listed(rows []thing) []thing {
	out := make([]thing, 0, len(rows))
	for _, r := range rows {
		out = append(out, alike(r))
	}
	slices.SortFunc(out, func(a, b thing) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.No, b.No), a.At.Compare(b.At))
	})
	return out
}

// TestADeletedRowIsNotLoadedAgain: not by a fold that comes upon its key after
// the rows of its kind were deleted.
func TestADeletedRowIsNotLoadedAgain(t *testing.T) {
	pool, err := Open(t.Context(), Postgres.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	if _, err := pool.Exec(t.Context(), thingTable+`CREATE TABLE read_thing_1.all PARTITION OF read_thing_1.thing DEFAULT;
		INSERT INTO read_thing_1.thing VALUES ('a', 1, '2026-01-02Z', 'x', NULL, '{}', NULL), ('b', 1, '2026-01-02Z', 'y', NULL, '{}', NULL)`); err != nil {
		t.Fatal(err)
	}
	table := newThings()
	if err := table.prepare(t.Context(), storage{query: pool.Query, schema: "read_thing_1"}); err != nil {
		t.Fatal(err)
	}
	table.DeleteWhere("kind", "x")
	if row, found := table.Get(thingKey{"a", 1, at}); found {
		t.Errorf("it is there: %v", row)
	}
	if _, found := table.Get(thingKey{"b", 1, at}); !found || table.failure() != nil {
		t.Errorf("another one is not there: %v", table.failure())
	}
}
