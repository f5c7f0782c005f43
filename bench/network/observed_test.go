package network

import (
	"math"
	"testing"
	"time"

	"github.com/playcast/playcast/bench/internal/link"
)

const second = time.Second

// sender sends packets of 1200 bytes through a shaped link: at each instant at
// the rate that it is told.
func sender(legs []timedLeg, rate func(at time.Duration) int) []link.Packet {
	s := link.NewShaper(legs[0].Conditions, 1)
	packet := make([]byte, 1200)
	var budget float64
	for at, next := legs[0].from, 0; at < legs[len(legs)-1].to; at += time.Millisecond {
		if next < len(legs) && at >= legs[next].from {
			s.Set(at, legs[next].Conditions)
			next++
		}
		for budget += float64(rate(at)) / 8000; budget >= 1200; budget -= 1200 {
			s.Push(at, packet)
		}
		for _, ok := s.Pop(at); ok; _, ok = s.Pop(at) {
		}
	}
	return s.Log()
}

// timed are the legs of a scenario, from an instant.
func timed(name string, from time.Duration) []timedLeg {
	chosen, _ := choose([]string{name})
	var legs []timedLeg
	for _, l := range chosen[0].legs {
		legs = append(legs, timedLeg{leg: l, from: from, to: from + time.Duration(l.share*20*float64(second))})
		from = legs[len(legs)-1].to
	}
	return legs
}

func near(t *testing.T, what string, got *float64, want, within float64) {
	t.Helper()
	switch {
	case got == nil:
		t.Errorf("%s is not there, want %g", what, want)
	case math.Abs(*got-want) > within:
		t.Errorf("%s is %g, want %g", what, *got, want)
	}
}

func TestFiguresOfADrop(t *testing.T) {
	legs := timed("drop", 10*second)
	o := observed{legs: legs, packets: sender(legs, func(at time.Duration) int {
		switch {
		case at < 31*second: // notices the drop after 1 s
			return 9_500_000
		case at < 53*second: // and the return after 3 s
			return 1_700_000
		default:
			return 9_500_000
		}
	})}
	f := o.figures()
	// The queue of 300 ms, full after 1 s, takes 1.7 s to fall under 60 ms.
	near(t, "adapt_ms", f.Adapt, 2450, 150)
	near(t, "recovery_90_ms", f.Recovery, 3500, 100)
	near(t, "recovery_before_ms", f.Recovered, 3500, 100)
	near(t, "queue_p50_ms", f.Queue50, 0, 1)
	near(t, "queue_narrow_p95_ms", f.Narrow95, 290, 15)
	near(t, "bitrate_mbps", f.Mbps, (20*9.5+20*1.75+3*1.7+17*9.5)/60, 0.1)
	near(t, "utilisation", f.Utilisation, (20*9.5+20*1.75+3*1.7+17*9.5)/(20*22), 0.01)
	if f.Loss == nil || *f.Loss < 0.01 || *f.Loss != *f.Overflow {
		t.Errorf("loss is %v, of it at the queue %v", f.Loss, f.Overflow)
	}
}

func TestAnEstimateShowsTheRecoveryOfWhoHasLittleToSend(t *testing.T) {
	legs := timed("drop", 0)
	o := observed{legs: legs, packets: sender(legs, func(time.Duration) int { return 1_500_000 })}
	if f := o.figures(); f.Recovery != nil {
		t.Errorf("1.5 Mb/s recover to 9 in %g ms", *f.Recovery)
	}
	near(t, "recovery_before_ms", o.figures().Recovered, 500, 0)
	near(t, "adapt_ms", o.figures().Adapt, 0, 0)
	o.estimates = []estimated{{at: 10 * second, bps: 10_000_000}, {at: 41 * second, bps: 8_000_000}, {at: 42 * second, bps: 9_100_000}}
	if f := o.figures(); f.Recovery != nil {
		t.Errorf("an estimate that never fell recovers in %g ms", *f.Recovery)
	}
	o.estimates = append([]estimated{{at: 10 * second, bps: 10_000_000}, {at: 30 * second, bps: 2_000_000}}, o.estimates[1:]...)
	near(t, "recovery_90_ms", o.figures().Recovery, 2000, 0)
}

func TestWhoNeverAdaptsHasNoFigureForIt(t *testing.T) {
	legs := timed("drop", 0)
	o := observed{legs: legs, packets: sender(legs, func(time.Duration) int { return 5_000_000 })}
	if f := o.figures(); f.Adapt != nil {
		t.Errorf("who sends 5 Mb/s through 2 has adapted in %g ms", *f.Adapt)
	}
}

func TestFiguresOfFrames(t *testing.T) {
	legs := timed("steady", second)
	o := observed{legs: legs, unreadable: []time.Duration{0, 3 * second}}
	number := uint32(0)
	for at := second / 2; at < 21*second; at += 20 * time.Millisecond {
		number++
		if at > 5*second && at < 5300*time.Millisecond || at > 8*second && at < 8150*time.Millisecond {
			continue // freezes
		}
		age := 30 * time.Millisecond
		if at > 15*second {
			age = 45 * time.Millisecond
		}
		o.frames = append(o.frames, seenFrame{number: number, captured: at - age, decoded: at})
		o.frames = append(o.frames, seenFrame{number: number, captured: at - age, decoded: at + 5*time.Millisecond}) // the same once more
	}
	f := o.figures()
	near(t, "longest_freeze_ms", f.Longest, 300, 0)
	near(t, "freezes_over_200ms", f.Over200, 1, 0)
	near(t, "fps_seen", f.FPS, 49, 0.2)
	near(t, "unreadable", f.Unreadable, 1, 0)
	near(t, "latency_p50_ms", f.Latency50, 35, 0)
	near(t, "latency_before_ms", f.Before, 35, 0)
	near(t, "creep_ms", f.Creep, 15, 0)
}

func TestAPictureThatStopsIsFrozenToTheEnd(t *testing.T) {
	o := observed{legs: timed("steady", 0), frames: []seenFrame{{number: 1, decoded: 2 * second}}}
	near(t, "longest_freeze_ms", o.figures().Longest, 18000, 0)
}

func TestRunsArePooledByTheirMedians(t *testing.T) {
	run := func(adapt *float64, longest float64) Figures {
		return Figures{Adapt: adapt, FreezeFigures: FreezeFigures{Longest: figure(longest)}}
	}
	three := []Figures{run(figure(100), 5), run(nil, 70), run(figure(300), 6)}
	near(t, "adapt_ms of 100, never and 300", pool(three).Adapt, 300, 0)
	near(t, "longest_freeze_ms", pool(three).Longest, 70, 0)
	if got := pool([]Figures{run(nil, 1), run(figure(1), 1), run(nil, 1)}).Adapt; got != nil {
		t.Errorf("adapt_ms of never, 1 and never is %g", *got)
	}
	near(t, "adapt_ms of the first", three[0].Adapt, 100, 0)
}

func TestUnknownNamesAreRefused(t *testing.T) {
	for _, cfg := range []Config{{Scenarios: []string{"calm"}}, {Controllers: []string{"bbr"}}} {
		if _, err := Measure(t.Context(), cfg); err == nil {
			t.Errorf("%+v is measured", cfg)
		}
	}
}
