package projections

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Rows is a Table as its runner has it: what it knows comes from the database
// and goes there.
type Rows interface {
	shape() *layout
	// certain says that all that is there is known.
	certain() bool
	// rehearse has the table note the keys that a fold asks for, and change
	// nothing, until prepare.
	rehearse()
	// prepare loads the rows of those keys.
	prepare(ctx context.Context, in storage) error
	// failure is why a row could not be loaded in the midst of a fold.
	failure() error
	// changes is how many rows the batch has changed so far.
	changes() int
	// drain returns what the batch has changed. It has to be followed by keep,
	// once that is committed, or by forget.
	drain() changes
	keep()
	// forget drops what is known.
	forget()
	// begin says that the database has no row.
	begin()
}

// storage is where the rows of a view lie.
type storage struct {
	query  func(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	schema string
}

// changes are rows as they are written.
type changes struct {
	gone    []condition
	deleted [][]any // keys
	added   [][]any // certainly not there yet
	put     [][]any
}

func (t *Table[K, R]) shape() *layout { return t.layout }

func (t *Table[K, R]) certain() bool { return t.complete }

func (t *Table[K, R]) rehearse() { t.rehearsed = map[K]bool{} }

func (t *Table[K, R]) prepare(ctx context.Context, in storage) error {
	t.fetch = func(keys []K) error { return t.load(ctx, in, keys) }
	var keys []K
	for key, wanted := range t.rehearsed {
		if wanted {
			keys = append(keys, key)
		}
	}
	t.rehearsed = nil
	if len(keys) == 0 {
		return nil
	}
	return t.fetch(keys)
}

func (t *Table[K, R]) failure() error { return t.broken }

// load reads rows into what is known. Those that the batch has deleted by a
// column are not there any more.
func (t *Table[K, R]) load(ctx context.Context, in storage, keys []K) error {
	found, err := in.query(ctx, t.layout.selectKeys(in.schema), keyLists(t.layout, keys)...)
	if err != nil {
		return fmt.Errorf("load rows of %s: %w", t.layout.table, err)
	}
	for _, key := range keys {
		t.recent[key] = &entry[K, R]{key: key}
	}
	defer found.Close()
	for found.Next() {
		row := new(R)
		into, take := t.layout.scanned(row)
		if err := found.Scan(into...); err != nil {
			return fmt.Errorf("read a row of %s: %w", t.layout.table, err)
		}
		take()
		if slices.ContainsFunc(t.gone, func(c condition) bool { return t.layout.meets(row, c) }) {
			continue
		}
		e := t.recent[t.key(row)]
		if e == nil {
			return fmt.Errorf("%w: the key of %s %v is kept as another one", errUnwritable, t.layout.table, t.key(row))
		}
		e.row = row
	}
	return found.Err()
}

func (t *Table[K, R]) changes() int { return len(t.changed) + len(t.gone) }

func (t *Table[K, R]) drain() changes {
	out := changes{gone: t.gone}
	for _, e := range t.changed {
		switch {
		case e.row == nil && e.fresh:
		case e.row == nil:
			out.deleted = append(out.deleted, t.layout.keyArguments(e.key))
		case e.fresh:
			out.added = append(out.added, t.layout.arguments(nil, e.row))
		default:
			out.put = append(out.put, t.layout.arguments(nil, e.row))
		}
	}
	return out
}

func (t *Table[K, R]) keep() {
	for _, e := range t.changed {
		e.changed, e.fresh = false, e.row == nil
	}
	t.changed, t.gone = t.changed[:0], nil
	if len(t.recent) > t.limit {
		t.complete = t.complete && len(t.older) == 0
		t.older, t.recent = t.recent, map[K]*entry[K, R]{}
	}
}

func (t *Table[K, R]) forget() {
	t.recent, t.older = map[K]*entry[K, R]{}, map[K]*entry[K, R]{}
	t.changed, t.gone, t.rehearsed, t.broken = nil, nil, nil, nil
	t.complete = false
}

func (t *Table[K, R]) begin() {
	t.forget()
	t.complete = true
}

// selectKeys is the statement that reads the rows of keys, given as one list a
// column of the key.
func (l *layout) selectKeys(schema string) string {
	from := "SELECT " + strings.Join(l.names(), ", ") + " FROM " + l.in(schema) + " WHERE "
	if len(l.keys) == 1 {
		key := l.columns[l.keys[0]]
		return fmt.Sprintf("%s%s = ANY($1::%s[])", from, key.name, key.sqlType())
	}
	var keys, lists []string
	for i, k := range l.keys {
		keys = append(keys, l.columns[k].name)
		lists = append(lists, fmt.Sprintf("$%d::%s[]", i+1, l.columns[k].sqlType()))
	}
	return fmt.Sprintf("%s(%s) IN (SELECT * FROM unnest(%s))", from, strings.Join(keys, ", "), strings.Join(lists, ", "))
}

func (l *layout) in(schema string) string { return pgx.Identifier{schema, l.table}.Sanitize() }

// keyLists are keys as one list a column.
func keyLists[K any](l *layout, keys []K) []any {
	lists := make([]any, len(l.keys))
	for _, key := range keys {
		for i, part := range l.keyArguments(key) {
			lists[i] = appended(lists[i], part)
		}
	}
	return lists
}

// appended is a list with one more value, all of one type.
func appended(list, value any) any {
	if list == nil {
		list = reflect.Zero(reflect.SliceOf(reflect.TypeOf(value))).Interface()
	}
	return reflect.Append(reflect.ValueOf(list), reflect.ValueOf(value)).Interface()
}

// keyArguments is a key as its columns are written.
func (l *layout) keyArguments(key any) []any {
	v := reflect.ValueOf(key)
	if len(l.keys) == 1 {
		return []any{written(v)}
	}
	parts := make([]any, len(l.keys))
	for i := range parts {
		parts[i] = written(v.Field(i))
	}
	return parts
}
