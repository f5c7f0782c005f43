package projections

import (
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// noon is when the first event of a fold happens.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// folding is a view and where it is in its history.
type folding struct {
	t        *testing.T
	view     View
	rehearse View
	position int64
	told     []events.Stream // by the last event, besides its own
}

// folded returns a new view that has folded events. Their positions count from 1.
func folded[V View](t *testing.T, make func() View, all ...events.Event) (V, *folding) {
	t.Helper()
	f := &folding{t: t, view: make(), rehearse: make()}
	for _, rows := range f.view.Tables() {
		rows.begin()
	}
	for _, rows := range f.rehearse.Tables() {
		rows.rehearse()
	}
	f.take(events.BySystem("test"), all...)
	return f.view.(V), f
}

// take folds further events, which an actor has caused.
func (f *folding) take(by events.Actor, all ...events.Event) {
	f.t.Helper()
	for _, e := range all {
		f.position++
		n := Noted{Event: e, ID: events.EventID{15: byte(f.position)}, Meta: events.Metadata{Actor: by}, Position: f.position, At: noon.Add(time.Duration(f.position) * time.Second)}
		again := n
		_ = f.rehearse.Fold(&again) // it has no rows to be right about
		if err := f.view.Fold(&n); err != nil {
			f.t.Fatalf("%s: %v", e.EventType(), err)
		}
		f.told = n.told
	}
}

// rows are those of a table, by their keys.
func rows[K comparable, R any](t *Table[K, R]) map[K]R {
	all := map[K]R{}
	t.All(func(r R) bool {
		all[t.key(&r)] = r
		return true
	})
	return all
}
