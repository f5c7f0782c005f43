package commands_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/bench/commands"
	"github.com/playcast/playcast/events"
)

// platform notes what it is asked, and finds steps that are out of their order.
type platform struct {
	mu      sync.Mutex
	workers map[events.WorkerID]int // slots
	at      map[events.SessionID]int
	held    map[events.WorkerID]int
	steps   int
	wrong   []string
	fails   error
}

var _ commands.Platform = (*platform)(nil)

func newPlatform() *platform {
	return &platform{workers: map[events.WorkerID]int{}, at: map[events.SessionID]int{}, held: map[events.WorkerID]int{}}
}

func (p *platform) Begin(_ context.Context, workers []events.WorkerID, slots int) error {
	for _, w := range workers {
		p.workers[w] = slots
	}
	return nil
}

func (p *platform) Do(_ context.Context, s *commands.Session, step commands.Step) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps++
	if step != commands.Life()[p.at[s.ID]] {
		p.wrong = append(p.wrong, string(step))
	}
	p.at[s.ID]++
	switch step {
	case commands.Reserve:
		if p.held[s.Worker]++; p.held[s.Worker] > p.workers[s.Worker] {
			p.wrong = append(p.wrong, "a slot too many of "+string(s.Worker))
		}
	case commands.Release:
		p.held[s.Worker]--
	case commands.Meter:
		if s.Segment < 1 || s.Segment > 2 {
			p.wrong = append(p.wrong, "a segment")
		}
	}
	return p.fails
}

func (p *platform) Conflicts() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(p.steps / 2)
}

func (p *platform) Life(*commands.Session) func() error { return func() error { return p.fails } }

func TestEveryFigureIsMeasured(t *testing.T) {
	p := newPlatform()
	figures, err := commands.Measure(t.Context(), p, commands.Config{Sessions: 60, Writers: 8, Phase: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.wrong) > 0 {
		t.Errorf("sessions live otherwise than they should: %v", p.wrong)
	}
	text, err := json.Marshal(figures)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]float64
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"commands_per_s", "command_p50_ms", "command_p99_ms", "conflict_retry_rate", "decide_ns"} {
		if fields[name] <= 0 {
			t.Errorf("%s is %v", name, fields[name])
		}
	}
	if _, there := fields["allocs"]; !there || len(fields) != 6 {
		t.Errorf("the figures are %v", fields)
	}
	if rate := fields["conflict_retry_rate"]; rate < 0.45 || rate > 0.55 {
		t.Errorf("every second decision was made again, and the rate is %v", rate)
	}
}

func TestAFailureEndsTheMeasurement(t *testing.T) {
	p := newPlatform()
	p.fails = errors.New("the disk is full")
	if _, err := commands.Measure(t.Context(), p, commands.Config{Phase: 10 * time.Millisecond}); !errors.Is(err, p.fails) {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	for name, cfg := range map[string]commands.Config{
		"more writers than sessions": {Sessions: 2, Writers: 3},
		"no rate":                    {Rate: -1},
	} {
		if _, err := commands.Measure(t.Context(), newPlatform(), cfg); err == nil {
			t.Errorf("%s: it was measured", name)
		}
	}
}
