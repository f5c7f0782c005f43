package congestion

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// path10 is a path of 10 Mb/s.
func path10() scenario {
	return scenario{name: "steady", link: link{rate: steady(10e6), delay: 12 * ms, hold: 300 * ms}}
}

func TestTwoFlowsShare(t *testing.T) {
	w := path10().world(3)
	first, second := newFlow("first", New(simBounds), 3), newFlow("second", New(simBounds), 4)
	second.begin = 10 * time.Second
	w.flows = []*flow{first, second}
	w.run(60 * time.Second)
	a, b := first.received(30*time.Second, 60*time.Second), second.received(30*time.Second, 60*time.Second)
	t.Logf("%.1f and %.1f Mb/s, queue %v", a/1e6, b/1e6, w.queued(30*time.Second, 60*time.Second, 0.5))
	if a < 2.5e6 || b < 2.5e6 || a+b < 8.5e6 {
		t.Errorf("%.1f and %.1f Mb/s", a/1e6, b/1e6)
	}
	if q := w.queued(30*time.Second, 60*time.Second, 0.5); q > 40*ms {
		t.Errorf("queue %v", q)
	}
}

func TestLittleToSend(t *testing.T) {
	w := path10().world(1)
	c := New(simBounds)
	f := newFlow("idle", c, 1)
	f.source.most = 500e3 // a quiet picture
	w.flows = []*flow{f}
	w.run(20 * time.Second)
	// The probes of the beginning have shown what is there, and nothing since
	// that it is more or less.
	if got := c.Target(); got < 7e6 || got > 11e6 {
		t.Errorf("target %d in a quiet picture", got)
	}
	if got := f.received(10*time.Second, 20*time.Second); got > 800e3 {
		t.Errorf("%.0f kb/s are sent for a picture of 500", got/1e3)
	}
	f.source.most = 40e6
	w.run(22 * time.Second)
	if got := f.received(21*time.Second, 22*time.Second); got < 7e6 {
		t.Errorf("%.1f Mb/s a second after the picture moves", got/1e6)
	}
}

func TestProbeOnDemand(t *testing.T) {
	w := path10().world(1)
	c := New(Bounds{Start: 1e6, Min: 300e3, Max: 30e6})
	c.probes.stop(0)
	f := newFlow("low", c, 1)
	f.source.most = 900e3
	w.flows = []*flow{f}
	w.run(3 * time.Second)
	if got := c.Target(); got > 2e6 {
		t.Fatalf("target %d with nothing proven", got)
	}
	c.Ask(6e6)
	w.run(5 * time.Second)
	if got := c.Target(); got < 5.5e6 {
		t.Errorf("target %d after a probe for 6 Mb/s", got)
	}
}

func TestOutage(t *testing.T) {
	s := path10()
	s.link.out = between(5*time.Second, 8*time.Second)
	w := s.world(1)
	c := New(simBounds)
	w.flows = []*flow{newFlow("cut", c, 1)}
	w.run(5 * time.Second)
	before := c.Target()
	w.run(7900 * ms)
	if got := c.Target(); got != before/2 {
		t.Errorf("target %d in the outage, %d before", got, before)
	}
	w.run(8500 * ms)
	if got := c.Target(); got < before*9/10 {
		t.Errorf("target %d half a second after the outage, %d before", got, before)
	}
}

func TestBoundsAreKept(t *testing.T) {
	s := path10()
	s.link.rate = steady(100e3)
	b := Bounds{Start: 500e3, Min: 400e3, Max: 600e3}
	for name, rate := range map[string]float64{"far too little": 100e3, "more than enough": 50e6} {
		s.link.rate = steady(rate)
		w := s.world(1)
		f := newFlow(name, New(b), 1)
		w.flows = []*flow{f}
		w.run(10 * time.Second)
		for _, target := range f.targets {
			if target < float64(b.Min) || target > float64(b.Max) {
				t.Fatalf("%s: target %.0f", name, target)
			}
		}
	}
}

func TestARouteOfMoreDelayIsNoQueue(t *testing.T) {
	s := path10()
	w := s.world(1)
	c := New(simBounds)
	w.flows = []*flow{newFlow("moved", c, 1)}
	w.run(10 * time.Second)
	w.link.delay += 60 * ms
	w.run(20 * time.Second)
	if got := w.flows[0].received(15*time.Second, 20*time.Second); got < 8.5e6 {
		t.Errorf("%.1f Mb/s on the longer route", got/1e6)
	}
}

// FuzzReports has a receiver say anything at all.
func FuzzReports(f *testing.F) {
	good, _ := write([]Arrival{{Number: 3, Received: true, At: time.Second}, {Number: 4}}).Marshal()
	f.Add(append([]byte{0, byte(len(good))}, good...))
	f.Add([]byte{0, 24, 0xaf, 0xcd, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 0, 0, 0, 1, 0x20, 9, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		c, r, now := New(simBounds), new(Reader), time.Duration(0)
		for len(data) >= 2 {
			n := min(int(binary.BigEndian.Uint16(data)%256), len(data)-2)
			body := data[2 : 2+n]
			data = data[2+n:]
			for range 20 {
				c.Sent(now, 1200, 0)
				now += ms
			}
			if p, ok := c.Probe(now); ok {
				c.Sent(now, p.Bytes, p.ID)
			}
			report := new(rtcp.TransportLayerCC)
			if report.Unmarshal(body) != nil {
				continue
			}
			arrivals, err := r.Read(report)
			if err != nil {
				continue
			}
			c.Report(now, arrivals)
			if got := c.Target(); got < simBounds.Min || got > simBounds.Max {
				t.Fatalf("target %d", got)
			}
			if c.Loss() < 0 || c.Loss() > 1 {
				t.Fatalf("loss %v", c.Loss())
			}
		}
	})
}

// BenchmarkReport is a report each 50 ms at 10 Mb/s, with what is sent between.
func BenchmarkReport(b *testing.B) {
	c, now := New(simBounds), time.Duration(0)
	arrivals := make([]Arrival, 50)
	b.ReportAllocs()
	for b.Loop() {
		for i := range arrivals {
			now += ms
			arrivals[i] = Arrival{Number: c.Sent(now, 1250, 0), Received: true, At: now + 20*ms}
		}
		c.Report(now+25*ms, arrivals)
	}
}
