package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/playcast/playcast/queries"
)

// few are tables that stay small whatever becomes of a platform, and may be read
// from end to end.
var few = map[string]string{
	"game":           "some thousands; searches of a large library are timed where they are asked",
	"queue_length":   "a row for every 15 s of the queue in which somebody waits",
	"worker":         "one a machine",
	"ledger_balance": "one an account of the books and currency",
}

// atMost is how many months of a table a question may touch that knows when what
// it asks about was: its own, and the next one where that ends at the month's end.
var atMost = map[string]int{"Session": 1, "SessionCurve": 1, "SessionQuality": 1, "Audit:of a day": 1, "Journal:of a day": 1, "PlayedSince": 1}

// TestPlans has PostgreSQL explain every statement of every question, with the
// arguments that it came with and without looking at them. Sequential scans are
// turned off as far as they can be: one that is left has no index to go by,
// however large its table will be.
func TestPlans(t *testing.T) {
	t.Parallel()
	r := newReadSide(t)
	asked := &statements{of: map[string][]statement{}}
	db := r.open(queries.Traced(asked))
	all := r.questions()
	r.stop()
	const each = 60
	var group sync.WaitGroup
	work := make(chan question)
	for range 4 {
		group.Go(func() {
			for q := range work {
				for i := range each {
					if _, err := q.ask(context.WithValue(t.Context(), asker{}, q.name), db, i); err != nil {
						t.Errorf("%s: %v", q.name, err)
						break
					}
				}
			}
		})
	}
	for _, q := range all {
		work <- q
	}
	close(work)
	group.Wait()
	e := newExplainer(t, r.url)
	for _, q := range all {
		if len(asked.of[q.name]) == 0 {
			t.Errorf("%s asked the database nothing", q.name)
			continue
		}
		e.explain(q, asked.of[q.name])
	}
}

// asker is the key of a context's question.
type asker struct{}

// statement is one that a question had answered.
type statement struct {
	sql     string
	args    []any
	planned bool // for its arguments each time
}

// name is the statement's, as it begins.
func (s statement) name() string {
	line, _, _ := strings.Cut(s.sql, "\n")
	return strings.TrimPrefix(line, "-- ")
}

// statements notes those of each question: of each text one, and of one that is
// planned for its arguments as many as have others.
type statements struct {
	mu sync.Mutex
	of map[string][]statement
}

var _ pgx.QueryTracer = (*statements)(nil)

// noPlan are what a connection and a snapshot begin and end with.
var noPlan = regexp.MustCompile(`^(SET|begin|commit|rollback)\b`)

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	name, is := ctx.Value(asker{}).(string)
	if !is || noPlan.MatchString(data.SQL) {
		return ctx
	}
	one := statement{sql: data.SQL, args: data.Args}
	if len(one.args) > 0 {
		if mode, is := one.args[0].(pgx.QueryExecMode); is {
			one.args, one.planned = one.args[1:], mode == pgx.QueryExecModeCacheDescribe
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.of[name], func(other statement) bool {
		return other.sql == one.sql && (!one.planned || fmt.Sprint(other.args) == fmt.Sprint(one.args))
	}) {
		s.of[name] = append(s.of[name], one)
	}
	return ctx
}

func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// planNode is a part of a plan, as EXPLAIN tells of it.
type planNode struct {
	Type      string     `json:"Node Type"`
	Schema    string     `json:"Schema"`
	Relation  string     `json:"Relation Name"`
	Index     string     `json:"Index Name"`
	IndexCond string     `json:"Index Cond"`
	Filter    string     `json:"Filter"`
	Loops     float64    `json:"Actual Loops"`
	Plans     []planNode `json:"Plans"`
}

// explainer holds a connection on which sequential scans are the last resort.
type explainer struct {
	t    *testing.T
	conn *pgx.Conn
	lead map[string]index // by name
	told map[string]bool
}

// index is what an index goes by first, and whose it is.
type index struct {
	table string
	by    *regexp.Regexp
}

func newExplainer(t *testing.T, url string) *explainer {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET cpu_tuple_cost = 1; SET cpu_index_tuple_cost = 1; SET pg_trgm.word_similarity_threshold = 0.4"); err != nil {
		t.Fatal(err)
	}
	e := &explainer{t: t, conn: conn, lead: map[string]index{}, told: map[string]bool{}}
	rows, err := conn.Query(t.Context(), `SELECT (SELECT relname FROM pg_class x WHERE x.oid = i.indexrelid), c.relname, pg_get_indexdef(i.indexrelid, 1, true)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace::regnamespace::text LIKE 'read\_%'`)
	if err != nil {
		t.Fatal(err)
	}
	var name, table, column string
	if _, err := pgx.ForEachRow(rows, []any{&name, &table, &column}, func() error {
		e.lead[name] = index{partition.ReplaceAllString(table, ""), regexp.MustCompile(`\b` + regexp.QuoteMeta(column) + `\b`)}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return e
}

// explain checks the plans of one question, and that they are of the views that
// it says it reads.
func (e *explainer) explain(q question, all []statement) {
	reads := map[string]bool{}
	for i, s := range all {
		plan := e.plan(q, "EXPLAIN (ANALYZE, VERBOSE, TIMING off, FORMAT JSON) "+s.sql, s.args...)
		e.check(q, s, plan)
		months := map[string]int{}
		plan.walk(func(n planNode) {
			if view := viewOf(n.Schema); view != "" {
				reads[view] = true
			}
			if table := partition.ReplaceAllString(n.Relation, ""); table != n.Relation && n.Loops > 0 {
				months[table]++
			}
		})
		for table, n := range months {
			if most, knows := atMost[q.name]; knows && n > most {
				e.t.Errorf("%s touches %d months of %s, and knows its time: give the planner a range (%s)", q.name, n, table, s.name())
			}
		}
		if s.planned {
			continue
		}
		name := fmt.Sprintf("q%d", i)
		prepared, err := e.conn.Prepare(e.t.Context(), name, s.sql)
		if err != nil {
			e.t.Fatalf("%s: %v", q.name, err)
		}
		execute := "EXECUTE " + name
		if n := len(prepared.ParamOIDs); n > 0 {
			execute += "(" + strings.Repeat("NULL, ", n-1) + "NULL)"
		}
		if _, err := e.conn.Exec(e.t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
			e.t.Fatal(err)
		}
		e.check(q, s, e.plan(q, "EXPLAIN (VERBOSE, FORMAT JSON) "+execute))
		if _, err := e.conn.Exec(e.t.Context(), "RESET plan_cache_mode"); err != nil {
			e.t.Fatal(err)
		}
		if err := e.conn.Deallocate(e.t.Context(), name); err != nil {
			e.t.Fatal(err)
		}
	}
	if got, want := slices.Sorted(maps.Keys(reads)), slices.Sorted(slices.Values(q.reads)); !slices.Equal(got, want) {
		e.t.Errorf("%s reads the views %v, and says that it reads %v", q.name, got, want)
	}
}

func (e *explainer) plan(q question, sql string, args ...any) planNode {
	e.t.Helper()
	var text []byte
	if err := e.conn.QueryRow(e.t.Context(), sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...).Scan(&text); err != nil {
		e.t.Fatalf("%s: explain %s: %v", q.name, sql, err)
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal(text, &plans); err != nil {
		e.t.Fatal(err)
	}
	return plans[0].Plan
}

// check tells of a table that is read from end to end: without an index, or along
// one from its beginning, with nothing that ends it early or with rows on the way
// that are none of the answer's.
func (e *explainer) check(q question, s statement, plan planNode) {
	plan.bounded(false, func(n planNode, ends bool) {
		table := partition.ReplaceAllString(n.Relation, "")
		by, indexed := e.lead[n.Index]
		if table == "" {
			table = by.table
		}
		problem := ""
		switch {
		case n.Type == "Seq Scan" && viewOf(n.Schema) != "":
			problem = "a sequential scan"
		case indexed && !by.by.MatchString(n.IndexCond) && (!ends || n.Filter != "" || n.IndexCond != ""):
			problem = "a scan of the whole index " + n.Index
		}
		if _, small := few[table]; small || problem == "" || e.told[q.name+problem] {
			return
		}
		e.told[q.name+problem] = true
		e.t.Errorf("%s makes %s of %s: it needs an index, or another shape (%s)", q.name, problem, table, s.name())
	})
}

func (n planNode) walk(visit func(planNode)) {
	visit(n)
	for _, p := range n.Plans {
		p.walk(visit)
	}
}

// bounded visits a plan, with whether something above takes no more of its rows
// than it needs.
func (n planNode) bounded(ends bool, visit func(planNode, bool)) {
	visit(n, ends)
	switch n.Type {
	case "Limit":
		ends = true
	case "Sort", "Aggregate", "Hash", "WindowAgg", "Materialize", "Hash Join", "Merge Join":
		ends = false
	}
	for _, p := range n.Plans {
		p.bounded(ends, visit)
	}
}

// partition is what the name of a month's table ends in.
var partition = regexp.MustCompile(`_(\d{4}_?\d{2}|default|other)$`)

var generation = regexp.MustCompile(`^read_(.+)_\d+$`)

// viewOf is the view whose tables a schema holds.
func viewOf(schema string) string {
	if match := generation.FindStringSubmatch(schema); match != nil {
		return match[1]
	}
	return ""
}
