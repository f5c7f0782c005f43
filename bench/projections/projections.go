// Package projections measures the read side of a platform that has a history:
// how long after a command its row is visible, how many events a second all
// views keep up with, how fast they are built again, and how long the slowest
// question takes.
//
//	history ─▶ views level ─▶ rebuild ─▶ questions ─▶ events as fast as all views follow ─▶ commands at a rate
package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Platform is what is measured. Its views follow the log by themselves.
type Platform interface {
	// Level returns when every view has passed what is in the log.
	Level(ctx context.Context) error
	// Rebuild builds every view again, and returns how many events the log has.
	Rebuild(ctx context.Context) (events int64, err error)
	// Questions are all that can be asked, on what the history has.
	Questions(ctx context.Context) ([]Question, error)
	// More appends about n further events of a platform's life, and returns how
	// many it has been and what waits until all views have passed them.
	More(ctx context.Context, n int) (events int, passed func(context.Context) error, err error)
	// Command carries out the next command of one of a number of sessions. It
	// returns once it is acknowledged; seen waits until a reader sees what came of it.
	Command(ctx context.Context, session int) (seen func(context.Context) error, err error)
}

// Question is one that is asked, of one of the things that the history has.
type Question struct {
	Name string
	Ask  func(ctx context.Context, i int) error // i chooses the thing
}

// Figures is what a run measures.
type Figures struct {
	VisibleP50 float64 `json:"visible_p50_ms"` // a command acknowledged to its row visible, at the rate
	VisibleP99 float64 `json:"visible_p99_ms"`
	Sustained  float64 `json:"sustained_events_per_s"` // live, all views
	Rebuild    float64 `json:"rebuild_events_per_s"`   // all views, from the start of the log
	Events     int64   `json:"history_events"`
	QueryP99   float64 `json:"query_p99_ms"` // of the slowest question
	Worst      string  `json:"query_worst"`
	// Questions are the p99 of each, in milliseconds.
	Questions map[string]float64 `json:"questions_p99_ms"`
}

// Config says how to measure. The zero value of a field is its default.
type Config struct {
	Rate     int           // commands a second where visibility is measured; 500
	Sessions int           // they are spread over; 500
	Phase    time.Duration // of a measurement; 10 s
	Asked    int           // times that each question is; 200
	Progress func(string)  // told what begins; nil tells nobody
}

func (c Config) withDefaults() Config {
	for _, field := range []struct {
		value   *int
		usually int
	}{{&c.Rate, 500}, {&c.Sessions, 500}, {&c.Asked, 200}} {
		if *field.value <= 0 {
			*field.value = field.usually
		}
	}
	if c.Phase <= 0 {
		c.Phase = 10 * time.Second
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	return c
}

// Measure leaves what it has appended in the platform's log.
func Measure(ctx context.Context, platform Platform, cfg Config) (Figures, error) {
	r := &run{Config: cfg.withDefaults(), platform: platform}
	for _, phase := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"the views follow the history", platform.Level},
		{"every view is built again", r.rebuild},
		{"questions", r.ask},
		{"events, as many as all views follow", r.sustain},
		{fmt.Sprintf("%d commands a second", r.Rate), r.visible},
	} {
		r.Progress(phase.name)
		if err := phase.measure(ctx); err != nil {
			return r.figures, fmt.Errorf("%s: %w", phase.name, err)
		}
	}
	return r.figures, nil
}

// run is one measurement as far as it has come.
type run struct {
	Config
	platform Platform
	figures  Figures
}

func (r *run) rebuild(ctx context.Context) error {
	began := time.Now()
	events, err := r.platform.Rebuild(ctx)
	r.figures.Events, r.figures.Rebuild = events, float64(events)/time.Since(began).Seconds()
	return err
}

// ask asks each question by itself, after a few that are not counted.
func (r *run) ask(ctx context.Context) error {
	questions, err := r.platform.Questions(ctx)
	if err != nil {
		return err
	}
	r.figures.Questions = map[string]float64{}
	for _, q := range questions {
		var took []time.Duration
		for i := range r.Asked + r.Asked/10 {
			began := time.Now()
			if err := q.Ask(ctx, i); err != nil {
				return fmt.Errorf("%s: %w", q.Name, err)
			}
			if i >= r.Asked/10 {
				took = append(took, time.Since(began))
			}
		}
		p99 := percentile(took, 99)
		if r.figures.Questions[q.Name] = p99; p99 > r.figures.QueryP99 {
			r.figures.QueryP99, r.figures.Worst = p99, q.Name
		}
	}
	return nil
}

// behind bounds the events that are appended before the views have passed them.
const behind, atOnce = 8000, 1000

// sustain appends as long as the views are not too far behind (closed loop).
func (r *run) sustain(ctx context.Context) error {
	var waiting []func(context.Context) error
	began, all := time.Now(), 0
	for time.Since(began) < r.Phase {
		events, passed, err := r.platform.More(ctx, atOnce)
		if err != nil {
			return err
		}
		all += events
		if waiting = append(waiting, passed); len(waiting) > behind/atOnce {
			if err := waiting[0](ctx); err != nil {
				return err
			}
			waiting = waiting[1:]
		}
	}
	for _, passed := range waiting {
		if err := passed(ctx); err != nil {
			return err
		}
	}
	r.figures.Sustained = float64(all) / time.Since(began).Seconds()
	return nil
}

// visible issues commands at a rate, whatever becomes of the earlier ones (open
// loop). A session's commands come one after the other.
func (r *run) visible(ctx context.Context) error {
	every := time.Second / time.Duration(r.Rate)
	due := make(chan int, int(r.Phase/every)) // holds all: a slow platform does not slow the clock
	var group sync.WaitGroup
	group.Go(func() {
		defer close(due)
		began := time.Now()
		for i := range cap(due) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(began.Add(time.Duration(i) * every))):
				due <- i % r.Sessions
			}
		}
	})
	var mu sync.Mutex
	var took []time.Duration
	failed := make([]error, 64)
	turns := make([]sync.Mutex, r.Sessions)
	for w := range failed {
		group.Go(func() {
			for session := range due {
				turns[session].Lock()
				seen, err := r.platform.Command(ctx, session)
				turns[session].Unlock()
				acknowledged := time.Now()
				if err == nil {
					err = seen(ctx)
				}
				if err != nil {
					failed[w] = err
					continue
				}
				mu.Lock()
				took = append(took, time.Since(acknowledged))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if err := errors.Join(append(failed, ctx.Err())...); err != nil {
		return err
	}
	r.figures.VisibleP50, r.figures.VisibleP99 = percentile(took, 50), percentile(took, 99)
	return nil
}

// percentile is in milliseconds.
func percentile(took []time.Duration, p int) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[(len(took)-1)*p/100]) / float64(time.Millisecond)
}
