// Package quality sums a session's raw statistics into windows, so that one
// event in five seconds tells what thousands of samples said.
//
//	frames, drops ────┐
//	transport counters ├─▶ Meter ──Roll──▶ Window
//	client reports ───┘
//
// It starts no goroutine and reads no clock: instants come with the samples.
// Counters of the transport and of the client are running totals, of which the
// meter takes the differences, so that a lost report costs detail and never
// truth. A total that has become smaller (the client reloaded its page, a new
// peer took over) counts from zero.
package quality

import (
	"sync"
	"time"
)

// Length is how long a window is.
const Length = 5 * time.Second

// Frame tells a frame's way through the server, by one clock.
type Frame struct {
	Captured, EncodeStart, EncodeEnd, Sent time.Time
	Bytes                                  int
}

// NetworkTotals are a peer's running totals and its present measures.
type NetworkTotals struct {
	Packets, Lost, Resent, KeyFrames uint64

	RTT, Jitter time.Duration
	QueueDelay  time.Duration
	Estimate    int // bits a second
}

// Meter gathers one session's window. It is safe for concurrent use.
type Meter struct {
	mu     sync.Mutex
	from   time.Time
	stages struct{ wait, encode, send, total histogram }
	frames int
	bytes  uint64
	drops  int

	refused int // of the client's messages

	network samples[NetworkTotals]
	client  samples[ClientTotals]
}

// samples of running totals: the last of the window before, and the newest.
type samples[T any] struct {
	base, last T
	count      int // in this window
}

func (s *samples[T]) add(v T) {
	s.last = v
	s.count++
}

func (s *samples[T]) roll() {
	s.base, s.count = s.last, 0
}

// NewMeter begins a window at now.
func NewMeter(now time.Time) *Meter { return &Meter{from: now} }

// AddFrame counts a frame that was sent.
func (m *Meter) AddFrame(f Frame) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stages.wait.record(f.EncodeStart.Sub(f.Captured))
	m.stages.encode.record(f.EncodeEnd.Sub(f.EncodeStart))
	m.stages.send.record(f.Sent.Sub(f.EncodeEnd))
	m.stages.total.record(f.Sent.Sub(f.Captured))
	m.frames++
	m.bytes += uint64(max(f.Bytes, 0))
}

// AddDropped counts frames that were captured and given up.
func (m *Meter) AddDropped(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drops += max(n, 0)
}

// AddRefused counts messages of the client that were not taken.
func (m *Meter) AddRefused(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused += max(n, 0)
}

// AddNetwork takes the transport's counters; a few times a window will do.
func (m *Meter) AddNetwork(t NetworkTotals) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.network.add(t)
}

// AddClient takes a client's report. What can't be true (see sane) is refused.
func (m *Meter) AddClient(t ClientTotals) bool {
	if !t.sane() {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.client.add(t)
	q := t.InputToPresent
	return q.P50 <= q.P95 && q.P95 <= q.P99
}

// Roll ends the window when it has lasted Length, and begins the next one at
// now. Before that it returns false and changes nothing.
func (m *Meter) Roll(now time.Time) (Window, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.from) < Length {
		return Window{}, false
	}
	return m.end(now), true
}

// End ends the window however short it is, for a session that is over. It
// returns false when no time has passed.
func (m *Meter) End(now time.Time) (Window, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !now.After(m.from) {
		return Window{}, false
	}
	return m.end(now), true
}

func (m *Meter) end(now time.Time) Window {
	seconds := now.Sub(m.from).Seconds()
	w := Window{
		From: m.from,
		To:   now,
		Stages: Stages{
			Wait:   quantiles(&m.stages.wait),
			Encode: quantiles(&m.stages.encode),
			Send:   quantiles(&m.stages.send),
			Total:  quantiles(&m.stages.total),
		},
		Sent: Sent{
			Frames:    m.frames,
			FPS:       float64(m.frames) / seconds,
			Dropped:   m.drops,
			KeyFrames: int(since(m.network.base.KeyFrames, m.network.last.KeyFrames)),
			Bitrate:   float64(m.bytes) * 8 / seconds,
		},
		Network: networkBetween(m.network),
		Client:  clientBetween(m.client, seconds),
		Refused: m.refused,
	}
	m.from, m.frames, m.bytes, m.drops, m.refused = now, 0, 0, 0, 0
	m.stages.wait, m.stages.encode, m.stages.send, m.stages.total = histogram{}, histogram{}, histogram{}, histogram{}
	m.network.roll()
	m.client.roll()
	return w
}

func quantiles(h *histogram) Quantiles {
	return Quantiles{P50: h.quantile(0.50), P95: h.quantile(0.95), P99: h.quantile(0.99)}
}

func networkBetween(s samples[NetworkTotals]) Network {
	if s.count == 0 {
		return Network{}
	}
	packets, lost := since(s.base.Packets, s.last.Packets), since(s.base.Lost, s.last.Lost)
	return Network{
		Loss:       min(ratio(float64(lost), packets), 1),
		RTT:        ms(s.last.RTT),
		Jitter:     ms(s.last.Jitter),
		QueueDelay: ms(s.last.QueueDelay),
		Resent:     int(since(s.base.Resent, s.last.Resent)),
		Estimate:   float64(s.last.Estimate),
	}
}

// since is what a running total has gained; one that has become smaller began
// anew.
func since[T uint64 | time.Duration](before, now T) T {
	if now < before {
		return now
	}
	return now - before
}

func ratio(sum float64, count uint64) float64 {
	if count == 0 {
		return 0
	}
	return sum / float64(count)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
