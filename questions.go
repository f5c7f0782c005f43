package main

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/queries"
)

// question is one that queries.DB answers, asked of things that the read models
// have: those for which it is hard come first.
type question struct {
	name  string   // its method, and after a colon what is asked for by it
	reads []string // the views that its answer is made of: who waits for these reads their own writes
	ask   func(ctx context.Context, db *queries.DB, i int) (answer any, err error)
}

func (q question) method() string {
	method, _, _ := strings.Cut(q.name, ":")
	return method
}

// questions are all that queries.DB answers, of what its read models have.
func questions(ctx context.Context, s *samples) ([]question, error) {
	var all []question
	for _, of := range []func(context.Context, *samples) []question{
		sessionQuestions, machineQuestions, libraryQuestions, peopleQuestions, lobbyQuestions, playerQuestions,
		accountQuestions, invoiceQuestions, ledgerQuestions, figureQuestions,
	} {
		all = append(all, of(ctx, s)...)
	}
	return all, s.err
}

// about asks a question of one thing after the other.
func about[T, A any](name string, reads []string, of []T, ask func(*queries.DB, context.Context, T) (A, error)) question {
	return question{name, reads, func(ctx context.Context, db *queries.DB, i int) (any, error) {
		return ask(db, ctx, of[i%len(of)])
	}}
}

// once asks a question that is about nothing in particular.
func once[A any](name string, reads []string, ask func(*queries.DB, context.Context) (A, error)) question {
	return question{name, reads, func(ctx context.Context, db *queries.DB, _ int) (any, error) { return ask(db, ctx) }}
}

// pageful is the size of the pages that are asked for, and far how many pages
// down a list those are that are not the first.
const pageful, far = 50, 20

// paged asks for pages of lists: in turn for the first one of one thing's, and
// for one far down the list of the first thing, which has the longest.
func paged[T, P any](name string, reads []string, of []T, page func(db *queries.DB, ctx context.Context, of T, cursor string, size int) (P, error)) question {
	var mu sync.Mutex
	deep := map[*queries.DB]string{}
	down := func(ctx context.Context, db *queries.DB) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if cursor, known := deep[db]; known {
			return cursor, nil
		}
		cursor := ""
		for range far {
			p, err := page(db, ctx, of[0], cursor, pageful)
			if err != nil {
				return "", err
			}
			next := reflect.ValueOf(p).FieldByName("Next").String()
			if next == "" {
				break
			}
			cursor = next
		}
		deep[db] = cursor
		return cursor, nil
	}
	return question{name, reads, func(ctx context.Context, db *queries.DB, i int) (any, error) {
		if i%2 == 0 {
			return page(db, ctx, of[i/2%len(of)], "", pageful)
		}
		cursor, err := down(ctx, db)
		if err != nil {
			return nil, err
		}
		return page(db, ctx, of[0], cursor, pageful)
	}}
}

// everything is paged, of a list that there is one of.
func everything[P any](name string, reads []string, page func(db *queries.DB, ctx context.Context, cursor string, size int) (P, error)) question {
	return paged(name, reads, []struct{}{{}}, func(db *queries.DB, ctx context.Context, _ struct{}, cursor string, size int) (P, error) {
		return page(db, ctx, cursor, size)
	})
}

// views names what a question reads.
func views(names ...string) []string { return names }

// The times between which everything is that a question with a range asks for.
var longAgo, farAhead = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
