package transport

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	// growthOverSent bounds how far the estimate may rise above what was
	// really sent: a path is known to carry only what it has carried. Without
	// the bound the estimate of a sender that has little to send grows until
	// it says nothing.
	growthOverSent = 1.5
	// sentWindow is the time over which the rate sent is measured.
	sentWindow = time.Second
	// estimateStep is the least change, in parts of the estimate, that is
	// worth telling.
	estimateStep = 0.03
)

// estimator is Google congestion control over transport-wide feedback, with
// its output bounded: within Bitrate, and growing no further than
// growthOverSent allows. Being the last on a packet's way to the socket, it
// also counts what is sent.
type estimator struct {
	inner *gcc.SendSideBWE
	pass  *passThrough
	bound Bitrate
	tell  func(bps int) // called when the estimate has changed by a step

	mu      sync.Mutex
	current int
	told    int
	sent    rateMeter
	// lies counts feedback that the algorithm could not make sense of.
	lies atomic.Uint64

	closing  sync.Once
	closeErr error
}

var _ cc.BandwidthEstimator = (*estimator)(nil)

func newEstimator(bound Bitrate, logs logging.LoggerFactory) (*estimator, error) {
	pass := &passThrough{writers: map[uint32]interceptor.RTPWriter{}, resent: map[uint32]bool{}}
	inner, err := gcc.NewSendSideBWE(
		gcc.SendSideBWEInitialBitrate(bound.Start),
		gcc.SendSideBWEMinBitrate(bound.Min),
		gcc.SendSideBWEMaxBitrate(bound.Max),
		gcc.SendSideBWEPacer(pass),
		gcc.WithLoggerFactory(logs),
	)
	if err != nil {
		return nil, fmt.Errorf("make the bandwidth estimator: %w", err)
	}
	return &estimator{inner: inner, pass: pass, bound: bound, current: bound.Start, told: bound.Start}, nil
}

// AddStream puts the estimator on a stream's way to the socket, and on that
// of its retransmissions, which the algorithm itself knows nothing of.
func (e *estimator) AddStream(info *interceptor.StreamInfo, w interceptor.RTPWriter) interceptor.RTPWriter {
	out := e.inner.AddStream(info, w)
	e.pass.alias(info.SSRCRetransmission, info.SSRC)
	return out
}

// WriteRTCP takes the client's feedback. What can't be understood is counted
// and passed over: a client's nonsense must not end the reading of RTCP.
func (e *estimator) WriteRTCP(pkts []rtcp.Packet, a interceptor.Attributes) error {
	if err := e.inner.WriteRTCP(pkts, a); err != nil {
		e.lies.Add(1)
		return nil
	}
	for _, pkt := range pkts {
		if _, ok := pkt.(*rtcp.TransportLayerCC); ok {
			e.update(e.inner.GetTargetBitrate(), time.Now())
			break
		}
	}
	return nil
}

func (e *estimator) update(wanted int, now time.Time) {
	e.mu.Lock()
	e.current = bounded(e.bound, e.current, wanted, e.sent.rate(now, e.pass.bytes.Load()))
	changed := relative(e.current, e.told) >= estimateStep
	if changed {
		e.told = e.current
	}
	told, tell := e.told, e.tell
	e.mu.Unlock()
	if changed && tell != nil {
		tell(told)
	}
}

// bounded is the next estimate, in bits a second, when the algorithm wants
// some rate and so much was sent.
func bounded(b Bitrate, current, wanted, sent int) int {
	if wanted > current {
		wanted = min(wanted, max(current, int(growthOverSent*float64(sent))))
	}
	return min(max(wanted, b.Min), b.Max)
}

func relative(a, b int) float64 {
	d := float64(a-b) / float64(b)
	return max(d, -d)
}

// GetTargetBitrate is the bounded estimate in bits a second.
func (e *estimator) GetTargetBitrate() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.current
}

// OnTargetBitrateChange sets who is told of a change; before the peer starts.
func (e *estimator) OnTargetBitrateChange(f func(bitrate int)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tell = f
}

// GetStats is the algorithm's own view.
func (e *estimator) GetStats() map[string]any { return e.inner.GetStats() }

// Close ends the algorithm's goroutines and waits for them. It may be called
// again: the algorithm's own would panic.
func (e *estimator) Close() error {
	e.closing.Do(func() { e.closeErr = e.inner.Close() })
	return e.closeErr
}

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
