package commands

import (
	"cmp"
	"slices"
	"time"
)

// Agenda is what a policy is to order: at most one thing for each subject, in
// the order in which they are due, and of equals in that in which they were put
// down. The zero value is empty.
type Agenda[K comparable] struct {
	entries map[K]*entry[K]
	order   []*entry[K]
	put     uint64
}

type entry[K comparable] struct {
	key     K
	at      time.Time
	nth     uint64
	order   Order
	refused int // so many times
}

// atOnce bounds what is due at once. The rest follows as the log shows what was
// done, so that not all that waits is gone through after every event.
const atOnce = 64

// Put has something ordered at a time, or at once where that is zero, instead of
// what there was to order for the subject.
func (a *Agenda[K]) Put(key K, at time.Time, order Order) {
	a.insert(entry[K]{key: key, at: at, order: order})
}

// Drop is for a subject of which there is nothing to order any more.
func (a *Agenda[K]) Drop(key K) {
	e := a.entries[key]
	if e == nil {
		return
	}
	delete(a.entries, key)
	i := a.find(e)
	a.order = slices.Delete(a.order, i, i+1)
}

// Has says whether there is something to order for a subject.
func (a *Agenda[K]) Has(key K) bool { return a.entries[key] != nil }

// Due returns what is to be ordered at a time, what has been due for longest
// first, and no more than 64 orders.
func (a *Agenda[K]) Due(now time.Time) []Order {
	var due []Order
	for _, e := range a.order {
		if now.Before(e.at) || len(due) == atOnce {
			break
		}
		due = append(due, e.order)
	}
	return due
}

// Later puts off what was refused, each time for twice as long, up to an hour,
// and says how often that was.
func (a *Agenda[K]) Later(key K, now time.Time) (times int) {
	e := a.entries[key]
	if e == nil {
		return 0
	}
	again := *e
	again.refused++
	again.at = now.Add(min(time.Hour, time.Second<<min(e.refused, 12)))
	a.insert(again)
	return again.refused
}

func (a *Agenda[K]) insert(e entry[K]) {
	a.Drop(e.key)
	if a.entries == nil {
		a.entries = map[K]*entry[K]{}
	}
	a.put++
	e.nth = a.put
	a.entries[e.key] = &e
	a.order = slices.Insert(a.order, a.find(&e), &e)
}

// find returns the place of an entry, or where it belongs.
func (a *Agenda[K]) find(e *entry[K]) int {
	i, _ := slices.BinarySearchFunc(a.order, e, func(x, y *entry[K]) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.nth, y.nth))
	})
	return i
}
