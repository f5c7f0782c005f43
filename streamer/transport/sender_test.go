package transport

import (
	"testing"
	"time"
)

func TestFullQueueDropsUpToTheNextKeyFrame(t *testing.T) {
	asked := 0
	s := newSender(newVideoTrack([]Codec{H264}, PlayoutDelay{}), func() int { return 1_000_000 })
	s.onDrop = func() { asked++ }
	push := func(unit []byte) {
		t.Helper()
		must(t, s.push(H264, unit, time.Now(), time.Now()))
	}
	push(keyUnit(100))
	for range frameQueue - 1 {
		push(deltaUnit(100))
	}
	push(deltaUnit(100)) // does not fit
	<-s.queue
	push(deltaUnit(100)) // would fit, but refers to the lost one
	if len(s.queue) != frameQueue-1 || s.dropped.Load() != 2 || asked != 1 {
		t.Fatalf("%d queued, %d dropped, asked %d times", len(s.queue), s.dropped.Load(), asked)
	}
	push(keyUnit(100))
	push(keyUnit(100)) // finds it full again, and makes the others obsolete
	if len(s.queue) != 1 || s.dropped.Load() != 2+frameQueue {
		t.Errorf("%d queued, %d dropped", len(s.queue), s.dropped.Load())
	}
	if f := <-s.queue; !f.key {
		t.Error("what is left is no key frame")
	}
}

func TestPacer(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	// send is when the last byte of a frame leaves, after waiting as told.
	send := func(p *pacer, size, target int) time.Duration {
		p.target = func() int { return target }
		start := now
		p.frame(now, size)
		for sent := 0; sent < size; sent += 1000 {
			now = now.Add(p.reserve(now, 1000))
		}
		return now.Sub(start)
	}
	const target, average = 8_000_000, 16_000 // bytes a frame at about 60 fps
	var p pacer
	if took := send(&p, average, target); took != 0 {
		t.Errorf("an average frame took %v", took)
	}
	now = now.Add(time.Second)
	// 10 ms of burst are 25 kB at 2.5 times the target; the rest of 100 kB
	// follows at 2.5 MB/s.
	if took := send(&p, 100_000, target); took < 27*time.Millisecond || took > 31*time.Millisecond {
		t.Errorf("a key frame took %v", took)
	}
	now = now.Add(time.Second)
	if took := send(&p, 1_000_000, target); took > paceLimit {
		t.Errorf("a huge frame took %v", took)
	}
}

func TestRTPClock(t *testing.T) {
	epoch := time.Now()
	c := rtpClock{base: 1<<32 - 100}
	if got := c.frame(epoch); got != c.base {
		t.Errorf("first frame at %d", got)
	}
	if got := c.frame(epoch.Add(time.Second)); got != 90_000-100 {
		t.Errorf("a second later at %d", got)
	}
	if got := c.frame(epoch.Add(time.Second / 2)); got != 90_001-100 {
		t.Errorf("a frame from before the last at %d", got)
	}
	day := 24 * time.Hour
	if got, want := c.frame(epoch.Add(400*day)), c.base+uint32(uint64(400*86400*90_000)&0xffffffff); got != want {
		t.Errorf("400 days later at %d, want %d", got, want)
	}
}

func BenchmarkWriteFrame(b *testing.B) {
	s := newSender(newVideoTrack([]Codec{H264}, PlayoutDelay{}), func() int { return 1 << 40 })
	key, w := keyUnit(20_000), newSending(s, nil, time.NewTimer(time.Hour))
	b.ReportAllocs()
	for b.Loop() {
		now := time.Now()
		_ = s.push(H264, key, now, now)
		f := <-s.queue
		w.send(f)
		s.give(f)
	}
}
