package congestion

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

type scenario struct {
	name   string
	link   link
	length time.Duration
}

func steady(rate float64) func(time.Duration) float64 {
	return func(time.Duration) float64 { return rate }
}

func between(from, to time.Duration) func(time.Duration) bool {
	return func(now time.Duration) bool { return now >= from && now < to }
}

// dip is 10 Mb/s, from 20 s to 40 s 2 Mb/s.
func dip(now time.Duration) float64 {
	if now >= 20*time.Second && now < 40*time.Second {
		return 2e6
	}
	return 10e6
}

func scenarios() []scenario {
	all := []scenario{
		{"steady", link{rate: steady(10e6), delay: 12 * ms}, 0},
		{"drop", link{rate: dip, delay: 12 * ms}, 60 * time.Second},
		{"loss2", link{rate: steady(10e6), delay: 12 * ms, loss: 0.02}, 0},
		{"loss5", link{rate: steady(10e6), delay: 12 * ms, loss: 0.05}, 0},
		{"rtt100", link{rate: steady(10e6), delay: 50 * ms}, 0},
		{"jitter", link{rate: steady(10e6), delay: 12 * ms, jitter: 15 * ms}, 0},
		{"burst", link{rate: steady(10e6), delay: 12 * ms, burst: 0.003}, 0},
		{"outage", link{rate: steady(10e6), delay: 12 * ms, out: between(20*time.Second, 21*time.Second)}, 0},
		{"shallow", link{rate: steady(10e6), delay: 12 * ms, hold: 25 * ms}, 0},
		{"slow", link{rate: steady(1e6), delay: 20 * ms}, 0},
		{"fast", link{rate: steady(25e6), delay: 10 * ms}, 0},
	}
	for i := range all {
		if all[i].length == 0 {
			all[i].length = 40 * time.Second
		}
		if all[i].link.hold == 0 {
			all[i].link.hold = 300 * ms
		}
	}
	return all
}

func (s scenario) world(seed uint64) *world {
	l := s.link
	l.random = rand.New(rand.NewPCG(seed, 1))
	return &world{link: &l}
}

type figures struct {
	adapt, recover, freeze, queue50, queue95, late50, late95 time.Duration
	use                                                      float64
}

func (s scenario) measure(w *world) (g figures) {
	f := w.flows[0]
	from := 5 * time.Second
	g.queue50, g.queue95 = w.queued(from, s.length, 0.5), w.queued(from, s.length, 0.95)
	g.freeze = f.freeze(from, s.length)
	g.late50, g.late95 = f.latency(from, s.length, 0.5), f.latency(from, s.length, 0.95)
	sum := 0.0
	for at := from; at < s.length; at += 10 * ms {
		sum += s.link.rate(at) * (10 * ms).Seconds()
	}
	g.use = f.received(from, s.length) * (s.length - from).Seconds() / sum
	switch s.name {
	case "drop":
		g.adapt = -1
		for at := 20 * time.Second; at < 40*time.Second; at += 50 * ms {
			if w.queued(at, at+time.Second, 0.9) < 60*ms {
				g.adapt = at - 20*time.Second
				break
			}
		}
		g.recover = f.recovered(40*time.Second, s.length, 9e6)
	case "outage":
		g.recover = f.recovered(21*time.Second, s.length, 9e6)
	default:
		g.recover = f.recovered(0, s.length, 0.9*s.link.rate(0))
	}
	return g
}

// recovered is how long until half a second's rate reaches so much.
func (f *flow) recovered(from, to time.Duration, rate float64) time.Duration {
	for at := from; at < to; at += 50 * ms {
		if f.received(at, at+500*ms) >= rate {
			return at - from
		}
	}
	return -1
}

var simBounds = Bounds{Start: 8e6, Min: 300e3, Max: 30e6}

func (s scenario) ours(seed uint64) figures {
	w := s.world(seed)
	w.flows = []*flow{newFlow("ours", New(simBounds), seed)}
	w.run(s.length)
	return s.measure(w)
}

func TestScenarios(t *testing.T) {
	for _, s := range scenarios() {
		for seed := range uint64(2) {
			t.Log(s.row("ours", s.ours(seed)))
		}
		t.Log(s.row("gcc", s.stock(t, 1)))
	}
}

func (s scenario) row(who string, g figures) string {
	return fmt.Sprintf("%-8s %-5s adapt %6v recover %6v freeze %4d queue %3d %3d latency %3d %3d use %.2f", s.name, who,
		g.adapt, g.recover, g.freeze.Milliseconds(), g.queue50.Milliseconds(), g.queue95.Milliseconds(),
		g.late50.Milliseconds(), g.late95.Milliseconds(), g.use)
}
