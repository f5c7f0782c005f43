package projections

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// take applies a run of events.
func (r *runner) take(ctx context.Context, run feed.Run) error {
	of, err := r.wanted(run)
	var stop *stopped
	if errors.As(err, &stop) {
		return r.stop(ctx, of, stop)
	}
	if len(of) > 0 {
		return r.apply(ctx, of, run.Position)
	}
	if r.quiet.reached <= r.after {
		r.since = time.Now()
	}
	r.quiet.reached = max(r.quiet.reached, run.Position)
	if time.Since(r.since) >= lazily && r.quiet.reached > r.after {
		return r.rest(ctx)
	}
	return nil
}

// stop applies what comes before the event that can't be applied, and returns
// that it can't.
func (r *runner) stop(ctx context.Context, of []*feed.Event, stop *stopped) error {
	if before := r.before(stop.at.Position); before > r.after {
		if err := r.apply(ctx, of, before); err != nil {
			return err
		}
	}
	return stop
}

// wanted notes the events of a run as seen, and returns those that the view
// wants; up to one of a type that nobody knows, which may concern it.
func (r *runner) wanted(run feed.Run) (of []*feed.Event, err error) {
	r.quiet.count(r.seen)
	r.seen = run.Events
	for _, e := range run.Events {
		if !r.known[e.Type] {
			_, _, err := e.Decode()
			return of, &stopped{at: e, err: err}
		}
		if r.wants[e.Type] {
			of = append(of, e)
		}
	}
	return of, nil
}

// before is the position of what comes before an event of the last run.
func (r *runner) before(position events.Position) events.Position {
	n := upTo(r.seen, position-1)
	if n == 0 {
		return max(r.after, r.quiet.reached)
	}
	return r.seen[n-1].Position
}

// upTo is how many of some events are at a position or before it.
func upTo(all []*feed.Event, position events.Position) int {
	return sort.Search(len(all), func(i int) bool { return all[i].Position > position })
}

// apply folds events and commits what comes of it, in smaller parts when there
// is one among them that can't be applied.
func (r *runner) apply(ctx context.Context, of []*feed.Event, reached events.Position) error {
	told, good, err := r.fold(ctx, of)
	var stop *stopped
	switch {
	case errors.As(err, &stop):
		r.forget()
		return r.stop(ctx, of[:good], stop)
	case err == nil:
		err = r.commit(ctx, step{reached: reached, told: told})
	}
	if err == nil || ctx.Err() != nil || !refused(err) || len(of) == 0 {
		return err
	}
	r.forget()
	if len(of) == 1 {
		return r.stop(ctx, nil, &stopped{at: of[0], err: err})
	}
	half := len(of) / 2
	if err := r.apply(ctx, of[:half], of[half-1].Position); err != nil {
		return err
	}
	return r.apply(ctx, of[half:], reached)
}

// fold has the view change its rows. It returns the streams to tell of, and on
// an error how many events were good.
func (r *runner) fold(ctx context.Context, of []*feed.Event) (told []events.Stream, good int, err error) {
	noted := make([]Noted, len(of))
	for i, e := range of {
		event, meta, err := e.Decode()
		if err != nil {
			return nil, i, &stopped{at: e, err: err}
		}
		noted[i] = Noted{Event: event, ID: e.ID, Meta: meta, Stream: e.Stream, Position: int64(e.Position), At: e.Time}
	}
	if err := r.load(ctx, noted); err != nil {
		return nil, 0, err
	}
	for i := range noted {
		n := &noted[i]
		n.told = append(n.told[:0], n.Stream)
		err := r.one(n)
		for _, rows := range r.tables {
			if failure := rows.failure(); errors.Is(failure, errThere) {
				err = failure
			} else if failure != nil {
				return nil, i, failure
			}
		}
		if err != nil {
			return nil, i, &stopped{at: of[i], err: err}
		}
		told = append(told, n.told...)
	}
	return told, len(of), nil
}

// one folds an event. That the fold panics is an error of the event's: the other
// views go on.
func (r *runner) one(n *Noted) (err error) {
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("the fold panics: %v", failure)
		}
	}()
	return r.view.Fold(n)
}

// load has the rows at hand that a fold will ask for: it folds once for the
// keys alone. A key that it does not come by, since it depends on a row, is
// loaded when it is asked for.
func (r *runner) load(ctx context.Context, noted []Noted) error {
	certain := true
	for _, rows := range r.tables {
		certain = certain && rows.certain()
	}
	if certain {
		return nil
	}
	for _, rows := range r.tables {
		rows.rehearse()
	}
	for i := range noted {
		n := noted[i]
		_ = r.one(&n) // there are no rows yet for it to be right about
	}
	in := storage{query: r.pool.Query, schema: schemaOf(r.g)}
	for _, rows := range r.tables {
		if err := rows.prepare(ctx, in); err != nil {
			return err
		}
	}
	return nil
}
