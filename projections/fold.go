package projections

import (
	"context"
	"errors"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/feed"
)

// take applies a run of events.
func (r *runner) take(ctx context.Context, run feed.Run) error {
	of, err := r.wanted(run)
	var stop *stopped
	if errors.As(err, &stop) {
		if err := r.apply(ctx, of, stop.at.Position-1); err != nil {
			return err
		}
		return stop
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

// wanted counts the events of a run, and returns those that the view wants; up
// to one of a type that nobody knows, which may concern it.
func (r *runner) wanted(run feed.Run) (of []*feed.Event, err error) {
	for _, e := range run.Events {
		if !r.known[e.Type] {
			_, _, err := e.Decode()
			return of, &stopped{at: e, err: err}
		}
		if r.wants[e.Type] {
			of = append(of, e)
		}
		r.quiet.events++
		r.quiet.newest = &e.Time
	}
	return of, nil
}

// apply folds events and commits what comes of it, in smaller parts when there
// is one among them that can't be applied.
func (r *runner) apply(ctx context.Context, of []*feed.Event, reached events.Position) error {
	told, good, err := r.fold(ctx, of)
	var stop *stopped
	switch {
	case errors.As(err, &stop):
		r.forget()
		if good > 0 {
			if err := r.apply(ctx, of[:good], of[good-1].Position); err != nil {
				return err
			}
		}
		return stop
	case err != nil:
		return err
	}
	err = r.commit(ctx, step{reached: reached, told: told})
	if err == nil || ctx.Err() != nil || !refused(err) || len(of) == 0 {
		return err
	}
	r.forget()
	if len(of) == 1 {
		return &stopped{at: of[0], err: err}
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
		err := r.view.Fold(n)
		for _, rows := range r.tables {
			if failure := rows.failure(); failure != nil {
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
		_ = r.view.Fold(&n) // there are no rows yet for it to be right about
	}
	in := storage{query: r.pool.Query, schema: schemaOf(r.g)}
	for _, rows := range r.tables {
		if err := rows.prepare(ctx, in); err != nil {
			return err
		}
	}
	return nil
}
