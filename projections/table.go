package projections

import (
	"errors"
	"fmt"
)

// cached bounds the rows that a table keeps in memory between batches: at most
// twice as many, and what one batch touches.
const cached = 32 << 10

// errThere says that an event adds a row whose key is there.
var errThere = errors.New("the row that the event adds is there already")

// Table is one table of a view: rows of R by a key of K. R is a struct whose
// fields have tags:
//
//	ID    events.SessionID `db:"session_id,key"`
//	Ended time.Time        `db:"ended_at,null"`
//
// Those of the key are marked in the order of K's fields, where K is a struct;
// a key's times need not be as they are kept.
// With null, the zero value is NULL; with date, a time is a day. A field is text,
// a number, a truth, a time (kept in microseconds), an array of 16 bytes (uuid),
// bytes (bytea or jsonb) or a list of text. U+0000, which no column takes, is
// written as U+FFFD; the texts of events have none.
//
// A row that is read is the reader's; one that is changed is changed in Change
// only.
type Table[K comparable, R any] struct {
	layout *layout
	key    func(*R) K

	recent, older map[K]*entry[K, R] // what is known; the older half goes first
	changed       []*entry[K, R]     // by this batch, in order
	gone          []condition        // what this batch deletes by a column
	complete      bool               // what is not known is not there
	limit         int                // of recent; see cached

	rehearsed map[K]bool // in a rehearsal: the keys met; true: to be loaded
	fetch     func(keys []K) error
	broken    error // of fetch
}

// entry is what is known of a key.
type entry[K comparable, R any] struct {
	key     K
	row     *R   // nil: there is none
	fresh   bool // certainly not in the database
	changed bool
}

// condition is a value of a column.
type condition struct {
	column int
	value  any
}

// NewTable returns a table. key tells a row's key.
func NewTable[K comparable, R any](name string, key func(*R) K) *Table[K, R] {
	t := &Table[K, R]{layout: layoutOf[K, R](name), key: key, limit: cached}
	t.forget()
	return t
}

// Monthly has the table's rows lie in a partition for each month of a column,
// which is part of its key. The file of the view's tables declares it so.
func (t *Table[K, R]) Monthly(column string) *Table[K, R] {
	t.layout.monthly = t.layout.index(column)
	return t
}

// Passing has no more of the table's rows kept in memory than those of the last
// two batches: they are large, and are not read again.
func (t *Table[K, R]) Passing() *Table[K, R] {
	t.limit = 0
	return t
}

// Get returns the row of a key; false: there is none.
func (t *Table[K, R]) Get(key K) (R, bool) {
	if e := t.find(key); e != nil && e.row != nil {
		return *e.row, true
	}
	var none R
	return none, false
}

// Add puts a row whose key is new, which is not looked for. A key that is there
// stops the view.
func (t *Table[K, R]) Add(row R) { t.put(row, true) }

// Put puts a row in the place of what has its key.
func (t *Table[K, R]) Put(row R) { t.put(row, false) }

func (t *Table[K, R]) put(row R, fresh bool) {
	t.layout.settle(&row)
	key := t.key(&row)
	if t.rehearsed != nil {
		if _, met := t.rehearsed[key]; !met {
			t.rehearsed[key] = false
		}
		return
	}
	e := t.known(key)
	switch {
	case e == nil:
		e = &entry[K, R]{fresh: fresh || t.complete, key: key}
		t.recent[key] = e
	case fresh && e.row != nil:
		t.broken = fmt.Errorf("%w: %s %v", errThere, t.layout.table, key)
		return
	}
	e.row = &row
	t.note(e)
}

// Change changes the row of a key. That there is none is an error.
func (t *Table[K, R]) Change(key K, change func(*R)) error {
	e := t.find(key)
	if t.rehearsed != nil {
		return nil
	}
	if e == nil || e.row == nil {
		return fmt.Errorf("%w: %s %v", errNoRow, t.layout.table, key)
	}
	change(e.row)
	t.layout.settle(e.row)
	t.note(e)
	return nil
}

// Delete deletes the row of a key, if there is one.
func (t *Table[K, R]) Delete(key K) {
	e := t.find(key)
	if t.rehearsed != nil || e == nil || e.row == nil {
		return
	}
	e.row = nil
	t.note(e)
}

// DeleteWhere deletes the rows that have a value in a column. It looks through
// what is known: it is for what is rare.
func (t *Table[K, R]) DeleteWhere(column string, value any) {
	if t.rehearsed != nil {
		return
	}
	where := condition{t.layout.index(column), plain(value)}
	for _, all := range []map[K]*entry[K, R]{t.recent, t.older} {
		for _, e := range all {
			if e.row == nil || !t.layout.meets(e.row, where) {
				continue
			}
			e.row = nil
			t.note(e)
		}
	}
	if !t.complete {
		t.gone = append(t.gone, where)
	}
}

// All calls yield with each row that is known in memory, in no order.
func (t *Table[K, R]) All(yield func(R) bool) {
	for _, all := range []map[K]*entry[K, R]{t.recent, t.older} {
		for _, e := range all {
			if e.row != nil && !yield(*e.row) {
				return
			}
		}
	}
}

// find returns what is known of a key, after having it loaded.
func (t *Table[K, R]) find(key K) *entry[K, R] {
	if len(t.layout.keyed) > 0 {
		kept := key
		t.layout.settleKey(&kept)
		key = kept
	}
	e := t.known(key)
	if e != nil || t.complete {
		return e
	}
	if t.rehearsed != nil {
		if _, met := t.rehearsed[key]; !met {
			t.rehearsed[key] = true
		}
		return nil
	}
	if t.fetch == nil || t.broken != nil {
		return nil
	}
	if t.broken = t.fetch([]K{key}); t.broken != nil {
		return nil
	}
	return t.recent[key]
}

func (t *Table[K, R]) known(key K) *entry[K, R] {
	if e := t.recent[key]; e != nil {
		return e
	}
	e := t.older[key]
	if e != nil {
		t.recent[key] = e
		delete(t.older, key)
	}
	return e
}

func (t *Table[K, R]) note(e *entry[K, R]) {
	if !e.changed {
		e.changed = true
		t.changed = append(t.changed, e)
	}
}
