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
	want   bounds
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

// fall is 10 Mb/s, and after 20 s 500 kb/s.
func fall(now time.Duration) float64 {
	if now >= 20*time.Second {
		return 500e3
	}
	return 10e6
}

func scenarios() []scenario {
	all := []scenario{
		{"steady", link{rate: steady(10e6), delay: 12 * ms}, 0, bounds{80 * ms, 20 * ms, 40 * ms, 1500 * ms, 0.92}},
		{"drop", link{rate: dip, delay: 12 * ms}, 60 * time.Second, bounds{500 * ms, 20 * ms, 50 * ms, 4 * time.Second, 0.88}},
		{"loss2", link{rate: steady(10e6), delay: 12 * ms, loss: 0.02}, 0, bounds{300 * ms, 20 * ms, 45 * ms, 2 * time.Second, 0.82}},
		{"loss5", link{rate: steady(10e6), delay: 12 * ms, loss: 0.05}, 0, bounds{300 * ms, 20 * ms, 45 * ms, 2 * time.Second, 0.74}},
		{"rtt100", link{rate: steady(10e6), delay: 50 * ms}, 0, bounds{80 * ms, 20 * ms, 45 * ms, 1500 * ms, 0.92}},
		{"jitter", link{rate: steady(10e6), delay: 12 * ms, jitter: 15 * ms}, 0, bounds{100 * ms, 30 * ms, 55 * ms, 3 * time.Second, 0.9}},
		{"burst", link{rate: steady(10e6), delay: 12 * ms, burst: 0.003}, 0, bounds{350 * ms, 25 * ms, 90 * ms, 2 * time.Second, 0.88}},
		{"outage", link{rate: steady(10e6), delay: 12 * ms, out: between(20*time.Second, 21*time.Second)}, 0, bounds{1300 * ms, 20 * ms, 45 * ms, 2 * time.Second, 0.88}},
		{"shallow", link{rate: steady(10e6), delay: 12 * ms, hold: 25 * ms}, 0, bounds{350 * ms, 20 * ms, 30 * ms, 1500 * ms, 0.88}},
		{"slow", link{rate: steady(1e6), delay: 20 * ms}, 0, bounds{120 * ms, 30 * ms, 70 * ms, 2 * time.Second, 0.88}},
		{"fast", link{rate: steady(25e6), delay: 10 * ms}, 0, bounds{80 * ms, 20 * ms, 40 * ms, 2 * time.Second, 0.92}},
		{"pauses", link{rate: steady(10e6), delay: 12 * ms, pause: 120 * ms}, 0, bounds{200 * ms, 20 * ms, 45 * ms, 3 * time.Second, 0.8}},
		{"deep", link{rate: fall, delay: 12 * ms}, 0, bounds{1500 * ms, 40 * ms, 150 * ms, 4 * time.Second, 0.8}},
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
		g.recover = f.recovered(0, s.length, 0.9*(1-4*s.link.loss)*s.link.rate(0))
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

// TestScenarios holds the control to what it promises, and prints it beside
// what the library's does (-v: in all scenarios).
func TestScenarios(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(3) {
				g := s.ours(seed)
				t.Log(s.row("ours", g))
				s.want.check(t, g)
			}
			compared := s.name == "drop" || s.name == "loss5"
			if !compared && !testing.Verbose() {
				return
			}
			g, other := s.ours(1), s.stock(t, 1)
			t.Log(s.row("gcc", other))
			if compared && (other.recover >= 0 && g.recover > other.recover+200*ms || g.use < other.use-0.05 || g.freeze > other.freeze+100*ms) {
				t.Error("the library's control does better")
			}
		})
	}
}

// bounds are the worst that is accepted.
type bounds struct {
	freeze, queue50, queue95, recover time.Duration
	use                               float64
}

func (b bounds) check(t *testing.T, g figures) {
	t.Helper()
	if g.freeze > b.freeze || g.queue50 > b.queue50 || g.queue95 > b.queue95 || g.use < b.use ||
		g.recover < 0 || g.recover > b.recover || g.adapt > 1200*ms {
		t.Errorf("worse than %+v", b)
	}
}

func (s scenario) row(who string, g figures) string {
	return fmt.Sprintf("%-8s %-5s adapt %6v recover %6v freeze %4d queue %3d %3d latency %3d %3d use %.2f", s.name, who,
		g.adapt, g.recover, g.freeze.Milliseconds(), g.queue50.Milliseconds(), g.queue95.Milliseconds(),
		g.late50.Milliseconds(), g.late95.Milliseconds(), g.use)
}
