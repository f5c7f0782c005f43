package simulation

import (
	"context"
	"errors"
	"time"
)

// Report is what a simulation came to. Durations are in seconds of the virtual
// time, but for the hours.
type Report struct {
	Seed          uint64             `json:"seed"`
	Players       int                `json:"players"`
	Workers       int                `json:"workers"`
	Days          int                `json:"days"`
	Events        int                `json:"events"`
	Orders        int                `json:"orders"` // of people and machines; policies' are not counted
	Sessions      int                `json:"sessions"`
	Ends          map[string]int     `json:"ends"` // by reason or cause
	PlayedHours   float64            `json:"played_hours"`
	MeteredHours  float64            `json:"metered_hours"`
	LongestWait   map[string]float64 `json:"longest_wait_s"` // by priority
	GaveUp        int                `json:"gave_up"`        // in the queue
	PastDeadlines float64            `json:"past_deadlines_s"`
	Books         BooksReport        `json:"books"`
	Together      TogetherReport     `json:"together"`
	Trouble       Trouble            `json:"trouble"`
}

// BooksReport is what was charged, and what became of that. Amounts are in minor
// units, by currency.
type BooksReport struct {
	Invoices  int              `json:"invoices"` // issued
	Notes     int              `json:"credit_notes"`
	Payments  int              `json:"payments"`
	Refunds   int              `json:"refunds"`
	Exhausted int              `json:"exhausted"` // dunnings
	Renewals  int              `json:"renewals"`
	Charged   map[string]int64 `json:"charged"` // net
	Received  map[string]int64 `json:"received"`
	Open      map[string]int64 `json:"open"`
}

// TogetherReport is what players have to do with others.
type TogetherReport struct {
	Lobbies       int     `json:"lobbies"`
	Starts        int     `json:"starts"` // of lobbies
	Friendships   int     `json:"friendships"`
	Wards         int     `json:"wards"`            // players with a guardian
	PastAllowance float64 `json:"past_allowance_s"` // the longest that one played on
}

// Trouble is what went wrong, and had to be borne.
type Trouble struct {
	Faults    map[string]int `json:"faults"`
	Refusals  map[string]int `json:"refusals"`  // of people's and machines' orders, by code
	Held      int            `json:"held"`      // orders that the store refused, and that were issued again
	Conflicts int            `json:"conflicts"` // appends that came too late
	Shifts    int            `json:"shifts"`    // of those who run the policies
}

// Run simulates what a configuration says, until everybody has gone home, and
// returns the report and the history. Where something is found that must never
// be, the error is a *Failure; other errors are of the configuration, of the
// context, or say that the simulation itself is broken.
func Run(ctx context.Context, config Config) (Report, History, error) {
	if err := config.Validate(); err != nil {
		return Report{}, History{}, err
	}
	w, err := simulate(ctx, scenarioOf(config))
	var violation *Violation
	if errors.As(err, &violation) {
		return Report{}, History{}, shrink(ctx, w.planned(), violation)
	}
	if err != nil {
		return Report{}, History{}, err
	}
	return w.report(), w.history(), nil
}

// simulate lives a scenario through.
func simulate(ctx context.Context, s scenario) (*world, error) {
	end := s.until
	w := newWorld(s)
	w.schedule(0)
	for w.until = opening; w.until.Before(end); {
		if w.until = w.until.Add(day); w.until.Before(start) {
			w.until = start
		}
		if w.until.After(end) {
			w.until = end
		}
		if err := w.live(ctx); err != nil {
			return w, err
		}
		if w.Progress != nil && w.until.After(start) {
			w.Progress(int(w.until.Sub(start)/day), len(w.log))
		}
	}
	for w.Events > len(w.log) {
		known := len(w.faults)
		w.scenario = w.extended()
		w.schedule(known)
		if err := w.live(ctx); err != nil {
			return w, err
		}
		if w.Progress != nil {
			w.Progress(w.Days, len(w.log))
		}
	}
	return w, w.close(ctx)
}

// planned is the scenario that a world has come through so far.
func (w *world) planned() scenario {
	s := w.scenario
	s.until = start.Add(time.Duration(s.Days) * day)
	return s
}

func (w *world) history() History { return History{store: w.store.Store, Events: len(w.log)} }

func (w *world) report() Report {
	r := Report{
		Seed: w.Seed, Players: w.Players, Workers: w.Workers, Days: w.Days, Events: len(w.log), Orders: w.counts.orders,
		Trouble: Trouble{Faults: map[string]int{}, Refusals: w.counts.refusals, Held: w.counts.held, Conflicts: w.store.conflicts, Shifts: w.shift.changes},
	}
	for kind, count := range w.counts.faults {
		r.Trouble.Faults[string(kind)] = count
	}
	for _, i := range w.invariants {
		i.tell(&r)
	}
	return r
}
