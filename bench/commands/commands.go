// Package commands measures how fast a platform takes commands: many sessions
// are lived through at once, from the request to the freed slot, by whoever
// issues commands in a running platform. It knows no command: what carries a
// step out is behind the Platform interface, which main joins to the write side.
//
//	1,000 sessions ─▶ writers, each with its share ─▶ Platform.Do ─▶ the store
//	     as fast as they go: commands_per_s · at a rate: p50, p99 · no store: decide_ns
package commands

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Platform carries out what is measured. It is safe for concurrent use; the
// steps of one session come one after the other.
type Platform interface {
	// Begin prepares workers with enough slots for all sessions.
	Begin(ctx context.Context, workers []events.WorkerID, slots int) error
	// Do carries out a step, durably.
	Do(ctx context.Context, session *Session, step Step) error
	// Conflicts is how many decisions had to be made again so far.
	Conflicts() int64
	// Life prepares a function that makes all decisions of a session's life,
	// each on the state that the earlier ones led to, without a store.
	Life(session *Session) func() error
}

// Figures is what a run measures.
type Figures struct {
	PerSecond    float64 `json:"commands_per_s"`
	P50          float64 `json:"command_p50_ms"`
	P99          float64 `json:"command_p99_ms"`
	ConflictRate float64 `json:"conflict_retry_rate"` // decisions made again, of a command
	DecideNs     float64 `json:"decide_ns"`
	Allocs       float64 `json:"allocs"` // of a decision
}

// Config says how to measure. The zero value of a field is its default.
type Config struct {
	Sessions int           // at once; 1,000
	Writers  int           // commands on their way at once; 64
	Rate     int           // commands a second where the time of each is measured; 500
	Phase    time.Duration // of each measurement; 5 s
	Progress func(string)  // told what begins; nil tells nobody
}

func (c Config) withDefaults() (Config, error) {
	for _, field := range []struct {
		value   *int
		usually int
	}{{&c.Sessions, 1000}, {&c.Writers, 64}, {&c.Rate, 500}} {
		if *field.value == 0 {
			*field.value = field.usually
		}
		if *field.value < 0 {
			return c, errors.New("sessions, writers and rate are positive numbers")
		}
	}
	if c.Writers > c.Sessions {
		return c, fmt.Errorf("%d writers need at least as many sessions, not %d", c.Writers, c.Sessions)
	}
	if c.Phase == 0 {
		c.Phase = 5 * time.Second
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	return c, nil
}

// Measure leaves the sessions that it has lived in the platform's store.
func Measure(ctx context.Context, platform Platform, cfg Config) (Figures, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Figures{}, err
	}
	r := &run{Config: cfg, platform: platform, sessions: Sessions(cfg.Sessions)}
	for _, phase := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"the decisions alone", r.decide},
		{"workers, and sessions at every step of their life", r.begin},
		{fmt.Sprintf("%d sessions, %d commands at once", cfg.Sessions, cfg.Writers), r.flatOut},
		{fmt.Sprintf("%d commands a second", cfg.Rate), r.paced},
	} {
		cfg.Progress(phase.name)
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
	sessions []*Session
	figures  Figures
}

// next carries out the next step of a session.
func (r *run) next(ctx context.Context, s *Session) error {
	step := s.Step()
	if err := r.platform.Do(ctx, s, step); err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	s.Advance()
	return nil
}

// decide lives one life again and again, on one processor.
func (r *run) decide(ctx context.Context) error {
	whole := r.platform.Life(r.sessions[0])
	live := func(lasts time.Duration) (decisions int, err error) {
		for began := time.Now(); time.Since(began) < lasts && ctx.Err() == nil; decisions += len(life) {
			if err := whole(); err != nil {
				return 0, err
			}
		}
		return decisions, ctx.Err()
	}
	if _, err := live(r.Phase / 10); err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	decisions, err := live(r.Phase / 5)
	if err != nil {
		return err
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	r.figures.DecideNs = float64(took) / float64(decisions)
	r.figures.Allocs = float64(after.Mallocs-before.Mallocs) / float64(decisions)
	return nil
}

// begin brings the sessions to where those of a platform are: each somewhere
// else in its life.
func (r *run) begin(ctx context.Context) error {
	if err := r.platform.Begin(ctx, Workers(r.Sessions), SlotsEach); err != nil {
		return err
	}
	return r.share(func(mine []*Session, first int) error {
		for i, s := range mine {
			for range (first + i*r.Writers) % len(life) {
				if err := r.next(ctx, s); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// share gives each writer its part of the sessions, and the number of the first
// of them, of which it has every Writers-th.
func (r *run) share(write func(mine []*Session, first int) error) error {
	failed := make([]error, r.Writers)
	var group sync.WaitGroup
	for w := range r.Writers {
		group.Go(func() {
			var mine []*Session
			for i := w; i < len(r.sessions); i += r.Writers {
				mine = append(mine, r.sessions[i])
			}
			failed[w] = write(mine, w)
		})
	}
	group.Wait()
	return errors.Join(failed...)
}

// flatOut has every writer issue its next command when the last is done. The
// first fifth of the time is not counted.
func (r *run) flatOut(ctx context.Context) error {
	warm := time.Now().Add(r.Phase / 5)
	end := warm.Add(r.Phase)
	counts := make([]int, r.Writers)
	conflicts := r.platform.Conflicts()
	all := make([]int, r.Writers)
	err := r.share(func(mine []*Session, w int) error {
		for i := 0; ; i++ {
			if err := r.next(ctx, mine[i%len(mine)]); err != nil {
				return err
			}
			now := time.Now()
			if now.After(end) {
				return nil
			}
			all[w]++
			if now.After(warm) {
				counts[w]++
			}
		}
	})
	if err != nil {
		return err
	}
	r.figures.PerSecond = float64(sum(counts)) / r.Phase.Seconds()
	r.figures.ConflictRate = float64(r.platform.Conflicts()-conflicts) / float64(max(1, sum(all)))
	return nil
}

// paced issues commands at a rate, whatever becomes of the earlier ones, and
// measures each from the time at which it was to begin (open loop).
func (r *run) paced(ctx context.Context) error {
	every := time.Second / time.Duration(r.Rate)
	due := make(chan time.Time, int(r.Phase/every)+1) // holds all: a slow platform does not slow the clock
	go func() {
		defer close(due)
		began := time.Now()
		for at := began; at.Before(began.Add(r.Phase)); at = at.Add(every) {
			time.Sleep(time.Until(at))
			due <- at
		}
	}()
	took := make([][]time.Duration, r.Writers)
	err := r.share(func(mine []*Session, w int) error {
		i := 0
		for at := range due {
			if err := r.next(ctx, mine[i%len(mine)]); err != nil {
				for range due { // the clock runs to its end
				}
				return err
			}
			took[w] = append(took[w], time.Since(at))
			i++
		}
		return nil
	})
	if err != nil {
		return err
	}
	whole := slices.Concat(took...)
	slices.Sort(whole)
	if len(whole) == 0 {
		return errors.New("the phase is too short for a command")
	}
	r.figures.P50 = milliseconds(whole[len(whole)/2])
	r.figures.P99 = milliseconds(whole[len(whole)*99/100])
	return nil
}

func sum(counts []int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
