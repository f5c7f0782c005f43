package main

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// TestReadYourOwnWrites holds every question to what its views have passed: at a
// position it answers as it does once nothing is on its way any more, and at one
// that does not come it is behind after 2 s, whether its views go on or not.
func TestReadYourOwnWrites(t *testing.T) {
	t.Parallel()
	r := newReadSide(t)
	db := r.open()
	all := r.questions()
	before := r.answers(db, all, events.Start)
	april := time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC)
	r.append(newBelongings("written", much, april, false))
	for _, name := range []string{"early", "late"} {
		r.append(changesOf(name, much, april))
	}
	head := r.append(changesOf("written", much, april))
	var group sync.WaitGroup
	group.Go(func() { r.behind(db, all, head+1_000_000) })
	at := r.answers(db, all, head)
	r.level(db)
	after := r.answers(db, all, head)
	group.Wait()
	var same []string
	for i, q := range all {
		if !reflect.DeepEqual(after[i], at[i]) {
			t.Errorf("%s did not show all that was written before it waited (-all +shown):\n%s", q.name, cmp.Diff(after[i], at[i]))
		}
		if reflect.DeepEqual(before[i], at[i]) {
			same = append(same, q.name)
		}
	}
	if len(same) > len(all)/3 {
		t.Errorf("what was written changes nothing of the answers of %d questions of %d: %v", len(same), len(all), same)
	}
	r.stop()
	r.behind(db, all, r.append(newBelongings("unread", much, april.AddDate(0, 1, 0), false)))
}

// answers asks each question of a few things, all side by side, as soon as its
// views have passed a position.
func (r *readSide) answers(db *queries.DB, all []question, at events.Position) [][]any {
	r.t.Helper()
	answers := make([][]any, len(all))
	var group sync.WaitGroup
	for n, q := range all {
		group.Go(func() {
			if err := r.patiently(db, at, q.reads); err != nil {
				r.t.Errorf("%s at %d: %v", q.name, at, err)
				return
			}
			for i := range 4 {
				answer, err := q.ask(r.t.Context(), db, 2*i) // first pages, of lists
				if err != nil {
					answer = fmt.Sprint(err)
				}
				answers[n] = append(answers[n], answer)
			}
		})
	}
	group.Wait()
	return answers
}

// patiently waits as whoever is told that a view is behind, and tries again.
func (r *readSide) patiently(db *queries.DB, at events.Position, views []string) (err error) {
	for began := time.Now(); time.Since(began) < time.Minute; {
		if err = db.At(r.t.Context(), at, views...); !errors.Is(err, queries.ErrBehind) {
			return err
		}
	}
	return err
}

// behind has all questions wait for what does not come, side by side.
func (r *readSide) behind(db *queries.DB, all []question, at events.Position) {
	var group sync.WaitGroup
	for _, q := range all {
		group.Go(func() {
			began := time.Now()
			err := db.At(r.t.Context(), at, q.reads...)
			took := time.Since(began)
			if !errors.Is(err, queries.ErrBehind) {
				r.t.Errorf("%s at %d, which does not come: %v", q.name, at, err)
			}
			if took < 2*time.Second || took > 5*time.Second {
				r.t.Errorf("%s was found behind after %v", q.name, took)
			}
		})
	}
	group.Wait()
}
