package adapt

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

var fullHD = Source{1920, 1080, 60}

// player feeds a policy at each tick, and keeps what it decided.
type player struct {
	policy Policy
	at     time.Duration
	steps  []step
	probes []time.Duration
	last   Decision
}

type step struct {
	at    time.Duration
	shape Rung
	cause Cause
}

func play(source Source) *player { return &player{policy: New(source)} }

// for feeds the same sample for a while, its time apart.
func (p *player) during(length time.Duration, s Sample) *player {
	for end := p.at + length; p.at < end; p.at += tick {
		s.At = begin.Add(p.at)
		p.policy, p.last = p.policy.Step(s)
		if p.last.Changed {
			p.steps = append(p.steps, step{p.at, p.last.Shape, p.last.Cause})
		}
		if p.last.Probe > 0 {
			p.probes = append(p.probes, p.at)
		}
	}
	return p
}

func (p *player) took(t *testing.T, want ...step) {
	t.Helper()
	if !slices.Equal(p.steps, want) {
		t.Errorf("took the steps %v, want %v", p.steps, want)
	}
}

func carries(mbps float64) Sample { return Sample{Estimate: int(mbps * 1e6)} }

func TestSpectatorsGoFurtherDown(t *testing.T) {
	for _, c := range []struct {
		source Source
		want   []Rung
	}{
		{Source{1280, 720, 30}, []Rung{{1280, 720, 30}, {960, 540, 30}, {640, 360, 30}, {640, 360, 15}}},
		{Source{640, 480, 30}, []Rung{{640, 480, 30}, {480, 360, 30}, {480, 360, 15}}},
		{Source{320, 200, 30}, []Rung{{320, 200, 30}, {320, 200, 15}}},
	} {
		policy := ForSpectators(c.source)
		var got []Rung
		for _, tier := range policy.ladder {
			got = append(got, tier.Rung)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.source, got, c.want)
		}
		now := time.Now()
		for range 100 { // a path of 300 kb/s
			now = now.Add(100 * time.Millisecond)
			policy, _ = policy.Step(Sample{At: now, Estimate: 300_000, Sent: 250_000})
		}
		last := c.want[len(c.want)-1]
		if d := policy.Present(); c.source.Height > 300 && (d.Shape != last || d.BitRate > 300_000 || d.BitRate < 200_000) {
			t.Errorf("%v on 300 kb/s: got %+v", c.source, d)
		}
	}
}

func TestLadder(t *testing.T) {
	for _, c := range []struct {
		source Source
		want   []Rung
	}{
		{fullHD, []Rung{{1920, 1080, 60}, {1600, 900, 60}, {1280, 720, 60}, {1280, 720, 30}, {960, 540, 30}}},
		{Source{1280, 720, 60}, []Rung{{1280, 720, 60}, {1280, 720, 30}, {960, 540, 30}}},
		{Source{960, 720, 35}, []Rung{{960, 720, 35}, {720, 540, 35}}},
		{Source{640, 480, 60}, []Rung{{640, 480, 60}, {640, 480, 30}}},
		{Source{853, 481, 24}, []Rung{{852, 480, 24}}},
		{Source{2560, 1440, 120}, []Rung{{2560, 1440, 120}, {1920, 1080, 120}, {1600, 900, 120},
			{1280, 720, 120}, {1280, 720, 60}, {1280, 720, 30}, {960, 540, 30}}},
		{Source{}, []Rung{{2, 2, 1}}},
	} {
		var got []Rung
		for _, tier := range ladderOf(c.source) {
			got = append(got, tier.Rung)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v has the rungs %v, want %v", c.source, got, c.want)
		}
	}
}

func TestStartTakesWhatFits(t *testing.T) {
	for _, c := range []struct {
		source Source
		mbps   float64
		want   Rung
		rate   int
	}{
		{fullHD, 30, Rung{1920, 1080, 60}, 20_000_000},
		{fullHD, 10, Rung{1920, 1080, 60}, 8_500_000},
		{fullHD, 8, Rung{1600, 900, 60}, 6_800_000},
		{fullHD, 2, Rung{960, 540, 30}, 1_700_000},
		{fullHD, 0.05, Rung{960, 540, 30}, minBitRate},
		{Source{1280, 720, 60}, 8, Rung{1280, 720, 60}, 6_800_000},
		{Source{3840, 2160, 60}, 20, Rung{2560, 1440, 60}, 17_000_000},
	} {
		p := play(c.source).during(tick, carries(c.mbps))
		if p.last.Shape != c.want || p.last.BitRate != c.rate {
			t.Errorf("%v at %v Mb/s starts as %+v", c.source, c.mbps, p.last)
		}
		if p.last.Changed != (c.want != p.policy.ladder[0].Rung) {
			t.Errorf("%v at %v Mb/s: changed is %v", c.source, c.mbps, p.last.Changed)
		}
	}
}

func TestTheBitRateFollowsTheEstimate(t *testing.T) {
	p := play(fullHD).during(time.Second, carries(20))
	for _, c := range []struct {
		mbps float64
		rate int
	}{{19.5, 17_000_000}, {18, 15_300_000}, {12, 10_200_000}, {12.2, 10_200_000}, {13, 11_050_000}, {40, 20_000_000}} {
		if p.during(tick, carries(c.mbps)); p.last.BitRate != c.rate {
			t.Errorf("at %v Mb/s the bit rate is %d, want %d", c.mbps, p.last.BitRate, c.rate)
		}
	}
}

func TestWhatIsLostOrQueuesLeavesLess(t *testing.T) {
	for _, c := range []struct {
		s    Sample
		rate int
	}{
		{Sample{}, 8_500_000},
		{Sample{Loss: 0.05}, 7_250_000},
		{Sample{Loss: 1}, 6_000_000},
		{Sample{QueueDelay: 20 * time.Millisecond}, 8_500_000},
		{Sample{QueueDelay: 70 * time.Millisecond}, 7_500_000},
		{Sample{QueueDelay: time.Minute, Loss: 0.05}, 5_250_000},
	} {
		c.s.Estimate = 10_000_000
		if p := play(Source{1280, 720, 60}).during(tick, c.s); max(p.last.BitRate-c.rate, c.rate-p.last.BitRate) > 1 {
			t.Errorf("with %+v the bit rate is %d, want %d", c.s, p.last.BitRate, c.rate)
		}
	}
}

func TestACollapseReachesAFittingRungAtOnce(t *testing.T) {
	play(fullHD).during(5*time.Second, carries(10)).during(5*time.Second, carries(2)).
		took(t, step{5500 * time.Millisecond, Rung{960, 540, 30}, events.PicturePathNarrow})
	play(fullHD).during(5*time.Second, carries(10)).during(5*time.Second, carries(5)).
		took(t, step{5500 * time.Millisecond, Rung{1280, 720, 60}, events.PicturePathNarrow})
}

// A queue is drained at a lower rate than the path carries: the rung is chosen
// when it is gone, or a second has passed.
func TestADrainIsWaitedFor(t *testing.T) {
	drains := carries(0.8)
	drains.QueueDelay = 100 * time.Millisecond
	play(fullHD).during(5*time.Second, carries(10)).during(700*time.Millisecond, drains).during(time.Second, carries(5)).
		took(t, step{5700 * time.Millisecond, Rung{1280, 720, 60}, events.PicturePathNarrow})
	play(fullHD).during(5*time.Second, carries(10)).during(5*time.Second, drains).
		took(t, step{6 * time.Second, Rung{960, 540, 30}, events.PicturePathNarrow})
}

func TestABurstOfLossIsNoRepairForLong(t *testing.T) {
	lossy := carries(10.5)
	lossy.Loss = 0.2
	play(fullHD).during(5*time.Second, carries(10.5)).during(time.Second, lossy).during(5*time.Second, carries(10.5)).took(t)
	if p := play(fullHD).during(time.Minute, lossy); p.last.BitRate != 6_300_000 {
		t.Errorf("lasting loss leaves %d bit/s", p.last.BitRate)
	}
}

func TestTheFirstSecondsFindTheRungQuickly(t *testing.T) {
	play(fullHD).during(300*time.Millisecond, carries(8)).during(10*time.Second, carries(30)).took(t,
		step{0, Rung{1600, 900, 60}, events.PicturePathNarrow}, step{800 * time.Millisecond, Rung{1920, 1080, 60}, events.PicturePathWide})
	p := play(fullHD).during(300*time.Millisecond, carries(2)).during(time.Second, carries(7)).during(4*time.Second, carries(30))
	if len(p.steps) != 2 || p.last.Shape != (Rung{1280, 720, 60}) {
		t.Errorf("once only: %v", p.steps)
	}
}

func TestADipMovesNothing(t *testing.T) {
	play(fullHD).during(5*time.Second, carries(10)).during(400*time.Millisecond, carries(1)).
		during(5*time.Second, carries(10)).took(t)
	play(fullHD).during(5*time.Second, carries(10)).during(time.Minute, carries(8.8)).took(t) // a little less than it needs
}

func TestUpAfterFiveSecondsOfProof(t *testing.T) {
	low := step{0, Rung{1280, 720, 60}, events.PicturePathNarrow}
	play(fullHD).during(3*time.Second, carries(5)).during(4900*time.Millisecond, carries(12)).took(t, low)
	play(fullHD).during(3*time.Second, carries(5)).during(6*time.Second, carries(12)).
		took(t, low, step{8 * time.Second, Rung{1920, 1080, 60}, events.PicturePathWide})
	play(fullHD).during(3*time.Second, carries(5)).during(time.Minute, carries(7.2)).took(t, low) // no reserve
}

func TestProbesAskForTheNextRungAndBackOff(t *testing.T) {
	p := play(fullHD).during(2*time.Minute, carries(6))
	if len(p.probes) < 5 || len(p.probes) > 12 {
		t.Errorf("probed at %v", p.probes)
	}
	for i := 2; i < len(p.probes); i++ {
		if p.probes[i]-p.probes[i-1] < p.probes[i-1]-p.probes[i-2] {
			t.Errorf("did not back off: %v", p.probes)
		}
	}
	p = play(fullHD).during(2*time.Second, carries(6))
	if p.during(tick, carries(6)); p.last.Probe < 7_764_000 || p.last.Probe > 8_100_000 {
		t.Errorf("asked for %d, want what 900p60 needs and a little", p.last.Probe)
	}
	if p.during(time.Second, carries(8)); p.last.Probe != 0 || len(p.probes) != 2 {
		t.Errorf("after the answer it asked %v times", len(p.probes)) // for 1080p60, once
	}
	p = play(fullHD).during(2500*time.Millisecond, carries(5)) // has asked
	for mbps := 5.75; mbps < 7.7; mbps *= 1.15 {
		p.during(1300*time.Millisecond, carries(mbps))
	}
	if len(p.probes) < 4 {
		t.Errorf("gave up while the estimate rose: probed at %v", p.probes)
	}
	if p = play(fullHD).during(time.Minute, Sample{Estimate: 5e6, QueueDelay: 60 * time.Millisecond}); len(p.probes) > 0 {
		t.Errorf("probed a path that queues")
	}
	if p = play(fullHD).during(time.Minute, carries(30)); len(p.probes) > 0 {
		t.Errorf("probed for nothing")
	}
}

func TestARiseThatFailedWaitsLonger(t *testing.T) {
	p := play(fullHD).during(tick, carries(5))
	for range 3 {
		p.during(30*time.Second, carries(12))
		p.during(time.Second, carries(5))
	}
	rises := func() (n int) {
		for _, s := range p.steps {
			if s.cause == events.PicturePathWide {
				n++
			}
		}
		return n
	}
	if n := rises(); n != 3 {
		t.Errorf("rose %d times by rises that held, want 3: %v", n, p.steps)
	}
	p = play(fullHD).during(tick, carries(5))
	for range 10 {
		p.during(6*time.Second, carries(12))
		p.during(6*time.Second, carries(5))
	}
	if n := rises(); n != 1 {
		t.Errorf("rose %d times on a path that swings each 6 s, want 1: %v", n, p.steps)
	}
}

func TestASlowEncoderGetsLess(t *testing.T) {
	slow, fast, spare := carries(30), carries(30), carries(30)
	slow.EncodeP95, fast.EncodeP95, spare.EncodeP95 = 17*time.Millisecond, 12*time.Millisecond, 5*time.Millisecond
	p := play(fullHD).during(10*time.Second, slow)
	first := step{3500 * time.Millisecond, Rung{1600, 900, 60}, events.PictureEncoderSlow}
	second := step{7 * time.Second, Rung{1280, 720, 60}, events.PictureEncoderSlow}
	p.took(t, first, second)
	p.during(time.Minute, fast).took(t, first, second)
	p.during(20*time.Second, spare)
	if last := p.steps[len(p.steps)-1]; last.shape != (Rung{1600, 900, 60}) || last.cause != events.PictureEncoderFast {
		t.Errorf("with time to spare it came to %v", p.steps)
	}

	p = play(Source{640, 480, 24}).during(time.Minute, Sample{Estimate: 1e7, EncodeP95: time.Second})
	p.took(t) // there is nothing lower
}

func TestWhatWasSeenBeforeAGapProvesNothing(t *testing.T) {
	p := play(fullHD).during(2*time.Second, carries(10)).during(400*time.Millisecond, carries(2))
	p.at += 3 * time.Second
	p.during(300*time.Millisecond, carries(2)).took(t)
	p.during(time.Second, carries(2))
	if len(p.steps) != 1 {
		t.Errorf("took %v", p.steps)
	}
}

func TestNonsenseChangesNothing(t *testing.T) {
	p := play(fullHD).during(time.Second, carries(20))
	before := p.last
	for _, s := range []Sample{
		{}, {Estimate: -5}, {Estimate: 20e6, Loss: math.NaN()}, {Estimate: 20e6, Loss: -1},
		{Estimate: 20e6, QueueDelay: -time.Hour, RTT: -1, EncodeP95: -1},
	} {
		if p.during(tick, s); p.last != before {
			t.Errorf("%+v came to %+v", s, p.last)
		}
	}
	p.at -= time.Hour
	if p.during(tick, carries(20)); p.last != before {
		t.Errorf("a clock that went back came to %+v", p.last)
	}
}

func BenchmarkStep(b *testing.B) {
	p, s := New(fullHD), carries(5)
	s.At = begin
	b.ReportAllocs()
	for b.Loop() {
		s.At = s.At.Add(tick)
		p, _ = p.Step(s)
	}
}
