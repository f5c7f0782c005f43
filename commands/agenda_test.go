package commands_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
)

// TestAnAgendaIsAListInOrder compares an agenda with a list that is looked
// through as a whole each time.
func TestAnAgendaIsAListInOrder(t *testing.T) {
	type entry struct {
		key     int
		at      time.Time
		name    string
		refused int
	}
	rapid.Check(t, func(t *rapid.T) {
		var agenda commands.Agenda[int]
		var list []entry
		take := func(key int) (old entry) {
			for _, e := range list {
				if e.key == key {
					old = e
				}
			}
			list = slices.DeleteFunc(list, func(e entry) bool { return e.key == key })
			return old
		}
		for n := range rapid.IntRange(1, 200).Draw(t, "steps") {
			key := rapid.IntRange(0, 90).Draw(t, "key")
			at := now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				take(key)
				agenda.Drop(key)
			case 1:
				had := agenda.Has(key)
				e := take(key)
				if e.name != "" {
					e.refused++
					e.at = at.Add(min(time.Hour, time.Second<<(e.refused-1)))
					list = append(list, e)
				}
				if times := agenda.Later(key, at); times != e.refused || had != (times > 0) {
					t.Fatalf("refused %d times, want %d", times, e.refused)
				}
			default:
				take(key)
				name := fmt.Sprint(n)
				list = append(list, entry{key: key, at: at, name: name})
				agenda.Put(key, at, commands.Order{Name: name})
			}
			var want, got []string
			slices.SortStableFunc(list, func(a, b entry) int { return a.at.Compare(b.at) })
			for _, e := range list {
				if !at.Before(e.at) && len(want) < 64 {
					want = append(want, e.name)
				}
			}
			for _, order := range agenda.Due(at) {
				got = append(got, order.Name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("due at %s: (-want +got)\n%s", at, diff)
			}
		}
	})
}
