package transport

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/rtp"
)

// sentWindow is the time over which the rate sent is measured.
const sentWindow = time.Second

// passThrough sends at once: pacing happens before packets are numbered, in
// the sender, where a whole frame is known.
type passThrough struct {
	mu      sync.RWMutex
	writers map[uint32]interceptor.RTPWriter
	resent  map[uint32]bool

	packets, bytes, again atomic.Uint64
}

var _ gcc.Pacer = (*passThrough)(nil)

func (p *passThrough) AddStream(ssrc uint32, w interceptor.RTPWriter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writers[ssrc] = w
}

func (p *passThrough) alias(rtx, ssrc uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if rtx != 0 {
		p.writers[rtx] = p.writers[ssrc]
		p.resent[rtx] = true
	}
}

// beside lets repairs out by the way of what they repair.
func (p *passThrough) beside(fec, ssrc uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writers[fec] = p.writers[ssrc]
}

func (p *passThrough) Write(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
	p.mu.RLock()
	w, again := p.writers[h.SSRC], p.resent[h.SSRC]
	p.mu.RUnlock()
	if w == nil {
		return 0, fmt.Errorf("%w: %d", gcc.ErrUnknownStream, h.SSRC)
	}
	p.packets.Add(1)
	p.bytes.Add(uint64(h.MarshalSize() + len(payload)))
	if again {
		p.again.Add(1)
	}
	return w.Write(h, payload, a)
}

func (p *passThrough) SetTargetBitrate(int) {}
func (p *passThrough) Close() error         { return nil }

// rateMeter turns a byte count into a rate over at least sentWindow: it holds
// the counts at the start of this window and of the one before.
type rateMeter struct {
	at    [2]time.Time
	bytes [2]uint64
}

// rate in bits a second up to now, when bytes have been sent in all.
func (m *rateMeter) rate(now time.Time, bytes uint64) int {
	if m.at[1].IsZero() {
		m.at = [2]time.Time{now, now}
		m.bytes = [2]uint64{bytes, bytes}
		return 0
	}
	if now.Sub(m.at[1]) >= sentWindow {
		m.at = [2]time.Time{m.at[1], now}
		m.bytes = [2]uint64{m.bytes[1], bytes}
	}
	span := now.Sub(m.at[0]).Seconds()
	if span <= 0 {
		return 0
	}
	return int(float64(bytes-m.bytes[0]) * 8 / span)
}
