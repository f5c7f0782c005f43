package link

import (
	"math"
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

// offer pushes packets of a size at even distances and pops what leaves, until
// the link is empty.
func offer(s *Shaper, from time.Duration, count, size int, every time.Duration) {
	p := make([]byte, size)
	for i := range count {
		now := from + time.Duration(i)*every
		drain(s, now)
		s.Push(now, p)
	}
}

func drain(s *Shaper, until time.Duration) {
	for {
		next, any := s.Next()
		if !any || next > until {
			return
		}
		s.Pop(next)
	}
}

// fates counts what became of packets.
func fates(log []Packet) map[Fate]int {
	counts := map[Fate]int{}
	for _, p := range log {
		counts[p.Fate]++
	}
	return counts
}

func TestPacketTakesTransmissionAndDelay(t *testing.T) {
	s := NewShaper(Conditions{Rate: 8_000_000, Delay: 10 * ms}, 1) // 1000 bytes: 1 ms
	for range 3 {
		s.Push(5*ms, make([]byte, 1000))
	}
	drain(s, time.Hour)
	want := []Packet{
		{Arrived: 5 * ms, Waited: 0, Left: 16 * ms, Size: 1000, Fate: Delivered},
		{Arrived: 5 * ms, Waited: 1 * ms, Left: 17 * ms, Size: 1000, Fate: Delivered},
		{Arrived: 5 * ms, Waited: 2 * ms, Left: 18 * ms, Size: 1000, Fate: Delivered},
	}
	if !slices.Equal(s.Log(), want) {
		t.Errorf("packets are %v, want %v", s.Log(), want)
	}
}

func TestBytesArriveAsTheyWere(t *testing.T) {
	s := NewShaper(Conditions{Rate: 8_000_000, Delay: 2 * ms}, 1)
	buffer := make([]byte, 100)
	for i := range 50 {
		now := time.Duration(i) * ms
		for j := range buffer {
			buffer[j] = byte(i)
		}
		s.Push(now, buffer)
		for p, ok := s.Pop(now); ok; p, ok = s.Pop(now) {
			if int(p[0]) >= i || p[0] != p[99] {
				t.Fatalf("at %s came %v", now, p)
			}
		}
	}
}

func TestRateAndQueueAreKept(t *testing.T) {
	for _, c := range []struct {
		name      string
		rate      int
		queue     time.Duration
		wantQueue time.Duration
	}{
		{"2 Mb/s", 2_000_000, 0, 300 * ms},
		{"10 Mb/s", 10_000_000, 100 * ms, 100 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewShaper(Conditions{Rate: c.rate, Queue: c.queue}, 1)
			offer(s, 0, 20_000, 1200, 500*time.Microsecond) // 19.2 Mb/s for 10 s
			drain(s, 10*time.Second)
			var delivered int
			var longest time.Duration
			for _, p := range s.Log() {
				if p.Fate == Delivered {
					delivered += p.Size
					longest = max(longest, p.Waited)
				}
			}
			if rate := delivered * 8 / 10; math.Abs(float64(rate-c.rate)) > 0.002*float64(c.rate) {
				t.Errorf("delivers %d b/s, want %d", rate, c.rate)
			}
			if transmission := (Conditions{Rate: c.rate}).transmission(1200); longest > c.wantQueue || longest < c.wantQueue-2*transmission {
				t.Errorf("the longest wait is %s, want %s", longest, c.wantQueue)
			}
		})
	}
}

func TestRateChangesInTheMiddleOfAPacket(t *testing.T) {
	s := NewShaper(Conditions{Rate: 8_000_000}, 1)
	s.Push(0, make([]byte, 1000))            // 1 ms
	s.Push(0, make([]byte, 1000))            // waits
	s.Set(ms/2, Conditions{Rate: 2_000_000}) // the other half takes 2 ms, the second 4 ms
	drain(s, time.Hour)
	if got, want := []time.Duration{s.Log()[0].Left, s.Log()[1].Left}, []time.Duration{ms/2 + 2*ms, ms/2 + 6*ms}; !slices.Equal(got, want) {
		t.Errorf("packets leave at %v, want %v", got, want)
	}
}

func TestLossIsAsLargeAsSaid(t *testing.T) {
	const count = 200_000
	for _, c := range []struct {
		name string
		with Conditions
		fate Fate
		want float64
	}{
		{"2 % at random", Conditions{Loss: 0.02}, Random, 0.02},
		{"5 % at random", Conditions{Loss: 0.05}, Random, 0.05},
		{"bursts", Conditions{Burst: Burst{Begin: 0.002, End: 0.1}}, Bursts, 0.002 / 0.102},
		{"outage", Conditions{Down: true}, Outage, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewShaper(c.with, 1)
			offer(s, 0, count, 1200, ms)
			drain(s, time.Hour)
			got := fates(s.Log())
			share := float64(got[c.fate]) / count
			if math.Abs(share-c.want) > 0.1*c.want {
				t.Errorf("%.4f are lost, want %.4f", share, c.want)
			}
			if got[Delivered] != count-got[c.fate] {
				t.Errorf("the fates are %v", got)
			}
		})
	}
}

func TestBurstsAreAsLongAsSaid(t *testing.T) {
	s := NewShaper(Conditions{Burst: Burst{Begin: 0.002, End: 0.1}}, 1)
	offer(s, 0, 400_000, 1200, ms)
	var bursts, lost int
	before := Delivered
	for _, p := range s.Log() {
		if p.Fate == Bursts {
			lost++
			if before != Bursts {
				bursts++
			}
		}
		before = p.Fate
	}
	if mean := float64(lost) / float64(bursts); mean < 9 || mean > 11 {
		t.Errorf("bursts are %.1f packets long, want 10", mean)
	}
}

func TestJitterIsBoundedVariesAndKeepsTheOrder(t *testing.T) {
	s := NewShaper(Conditions{Delay: 10 * ms, Jitter: 30 * ms}, 1)
	offer(s, 0, 50_000, 1200, ms)
	drain(s, time.Hour)
	var sum, last time.Duration
	low, high := time.Hour, time.Duration(0)
	for i, p := range s.Log() {
		if p.Left < last {
			t.Fatalf("packet %d overtakes", i)
		}
		last = p.Left
		took := p.Left - p.Arrived
		low, high, sum = min(low, took), max(high, took), sum+took
	}
	mean := sum / time.Duration(len(s.Log()))
	if low < 10*ms || low > 12*ms || high > 40*ms || high < 38*ms || mean < 23*ms || mean > 28*ms {
		t.Errorf("delays are from %s to %s with mean %s, want 10 to 40 with 25 ms", low, high, mean)
	}
}

func TestOutageEnds(t *testing.T) {
	s := NewShaper(Conditions{Rate: 8_000_000}, 1)
	offer(s, 0, 100, 1000, 10*ms)
	s.Set(time.Second, Conditions{Rate: 8_000_000, Down: true})
	offer(s, time.Second, 100, 1000, 10*ms)
	s.Set(2*time.Second, Conditions{Rate: 8_000_000})
	offer(s, 2*time.Second, 100, 1000, 10*ms)
	drain(s, time.Hour)
	if got := fates(s.Log()); got[Delivered] != 200 || got[Outage] != 100 {
		t.Errorf("the fates are %v, want 100 lost of 300", got)
	}
}

func TestSameSeedSameFates(t *testing.T) {
	run := func() []Packet {
		s := NewShaper(Conditions{Rate: 5_000_000, Delay: 10 * ms, Jitter: 10 * ms, Loss: 0.1, Burst: Burst{Begin: 0.01, End: 0.2}}, 7)
		offer(s, 0, 5_000, 1200, ms)
		return s.Log()
	}
	if !slices.Equal(run(), run()) {
		t.Error("two runs differ")
	}
}

// BenchmarkShaper is a packet's way, at 50 Mb/s.
func BenchmarkShaper(b *testing.B) {
	s := NewShaper(Conditions{Rate: 50_000_000, Delay: 20 * ms}, 1)
	p := make([]byte, 1200)
	s.log = make([]Packet, 0, b.N)
	b.ReportAllocs()
	for i := range b.N {
		now := time.Duration(i) * 200 * time.Microsecond
		s.Push(now, p)
		for _, ok := s.Pop(now); ok; _, ok = s.Pop(now) {
		}
	}
}
