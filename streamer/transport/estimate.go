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
)

const (
	// growthOverSent bounds how far the estimate may rise above what was
	// really sent: a path is known to carry only what it has carried. Without
	// the bound the estimate of a sender that has little to send grows until
	// it says nothing.
	growthOverSent = 1.5
	// idlePart of the estimate is what a sender must use of it not to count
	// as limited by its application: a still picture needs next to nothing.
	idlePart = 0.5
	// idleStep is how far one sign of congestion takes the estimate down when
	// the sender was so limited. The algorithm itself falls to 0.85 of what
	// arrived, so that one late packet in a quiet scene would leave it at the
	// bottom, and it grows by 8 % a second: 40 s of blur.
	idleStep = 0.85
	// estimateStep is the least change, in parts of the estimate, that is
	// worth telling.
	estimateStep = 0.03
)

// estimator is Google congestion control over transport-wide feedback, with
// its output bounded: within Bitrate, growing no further than growthOverSent
// allows, and falling by no more than idleStep at once when little was sent.
// Being the last on a packet's way to the socket, it also counts what is sent.
type estimator struct {
	pass  *passThrough
	bound Bitrate
	plain bool // the algorithm's output counts as it is
	logs  logging.LoggerFactory

	// feed is held while feedback is taken and while inner is exchanged.
	feed   sync.Mutex
	inner  *gcc.SendSideBWE
	stream func(*gcc.SendSideBWE) // puts an algorithm on the stream's way
	sent   rateMeter
	closed bool
	// lies counts feedback that the algorithm could not make sense of.
	lies atomic.Uint64

	current atomic.Int64      // bits a second
	told    int               // under feed
	tell    func(bitrate int) // set before the first feedback
}

var _ cc.BandwidthEstimator = (*estimator)(nil)

func newEstimator(bound Bitrate, logs logging.LoggerFactory) (*estimator, error) {
	e := &estimator{
		pass:  &passThrough{writers: map[uint32]interceptor.RTPWriter{}, resent: map[uint32]bool{}},
		bound: bound,
		logs:  logs,
		told:  bound.Start,
	}
	e.current.Store(int64(bound.Start))
	inner, err := e.algorithm(bound.Start)
	e.inner = inner
	return e, err
}

func (e *estimator) algorithm(start int) (*gcc.SendSideBWE, error) {
	inner, err := gcc.NewSendSideBWE(
		gcc.SendSideBWEInitialBitrate(start),
		gcc.SendSideBWEMinBitrate(e.bound.Min),
		gcc.SendSideBWEMaxBitrate(e.bound.Max),
		gcc.SendSideBWEPacer(e.pass),
		gcc.WithLoggerFactory(e.logs),
	)
	if err != nil {
		return nil, fmt.Errorf("make the bandwidth estimator: %w", err)
	}
	return inner, nil
}

// AddStream puts the estimator on a stream's way to the socket, and on that
// of its retransmissions, which the algorithm itself knows nothing of.
func (e *estimator) AddStream(info *interceptor.StreamInfo, w interceptor.RTPWriter) interceptor.RTPWriter {
	e.feed.Lock()
	defer e.feed.Unlock()
	e.stream = func(inner *gcc.SendSideBWE) {
		inner.AddStream(info, w)
		e.pass.alias(info.SSRCRetransmission, info.SSRC)
		e.pass.beside(info.SSRCForwardErrorCorrection, info.SSRC)
	}
	e.stream(e.inner)
	return e.pass
}

// WriteRTCP takes the client's feedback. What can't be understood is counted
// and passed over: a client's nonsense must not end the reading of RTCP.
func (e *estimator) WriteRTCP(pkts []rtcp.Packet, a interceptor.Attributes) error {
	e.feed.Lock()
	defer e.feed.Unlock()
	if e.closed {
		return nil
	}
	if err := e.inner.WriteRTCP(pkts, a); err != nil {
		e.lies.Add(1)
		return nil
	}
	for _, pkt := range pkts {
		if _, ok := pkt.(*rtcp.TransportLayerCC); ok {
			return e.update(e.inner.GetTargetBitrate(), time.Now())
		}
	}
	return nil
}

// update takes what the algorithm wants. It is called with feed held.
func (e *estimator) update(wanted int, now time.Time) error {
	current, anew := wanted, false
	if !e.plain {
		current, anew = bounded(e.bound, e.GetTargetBitrate(), wanted, e.sent.rate(now, e.pass.bytes.Load()))
	}
	e.current.Store(int64(current))
	if relative(current, e.told) >= estimateStep {
		e.told = current
		if e.tell != nil {
			e.tell(current)
		}
	}
	if !anew {
		return nil
	}
	return e.restart(current)
}

// restart exchanges the algorithm for one that begins at our estimate.
func (e *estimator) restart(at int) error {
	inner, err := e.algorithm(at)
	if err != nil {
		return err
	}
	old := e.inner
	e.inner = inner
	if e.stream != nil {
		e.stream(inner)
	}
	return old.Close()
}

// bounded is the next estimate, in bits a second, when the algorithm wants
// some rate and so much was sent; anew says that the algorithm has fallen for
// no good reason and must begin again from there.
func bounded(b Bitrate, current, wanted, sent int) (next int, anew bool) {
	next = wanted
	switch {
	case wanted > current:
		next = min(wanted, max(current, int(growthOverSent*float64(sent))))
	case float64(sent) < idlePart*float64(current):
		next = max(wanted, int(idleStep*float64(current)))
	}
	next = min(max(next, b.Min), b.Max)
	return next, wanted < current && next > max(wanted, b.Min)
}

func relative(a, b int) float64 {
	d := float64(a-b) / float64(b)
	return max(d, -d)
}

// GetTargetBitrate is the bounded estimate in bits a second.
func (e *estimator) GetTargetBitrate() int { return int(e.current.Load()) }

// OnTargetBitrateChange sets who is told of a change; before the peer starts.
func (e *estimator) OnTargetBitrateChange(f func(bitrate int)) { e.tell = f }

// GetStats is the algorithm's own view.
func (e *estimator) GetStats() map[string]any {
	e.feed.Lock()
	defer e.feed.Unlock()
	return e.inner.GetStats()
}

// Close ends the algorithm's goroutines and waits for them. It may be called
// again.
func (e *estimator) Close() error {
	e.feed.Lock()
	defer e.feed.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	return e.inner.Close()
}
