package transport

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"

	"github.com/playcast/playcast/streamer/transport/congestion"
)

const (
	// estimateStep is the least change, in parts of the estimate, that is
	// worth telling.
	estimateStep = 0.03
	// wireOverhead is what IPv4, UDP and SRTP add to an RTP packet.
	wireOverhead = 20 + 8 + 16
	// stampCount bounds how many packets can be between their numbering and
	// the socket at once: a sender, a reader of RTCP, and many to spare.
	stampCount = 256
)

// estimator is the last on a packet's way to the socket, and the first to see
// the client's RTCP: it numbers packets, keeps video to be sent again, counts,
// and asks congestion control what the path carries.
type estimator struct {
	interceptor.NoOp
	epoch time.Time
	stock *stock        // nil unless stock control is to be compared with ours
	wake  chan struct{} // one token: a probe may be due
	// resendAs are the payload types of retransmissions, by those of what is sent
	// again; 0 for none.
	resendAs [128]uint8
	sent     counters
	video    atomic.Pointer[outgoingStream]

	mu      sync.Mutex // over what follows
	control *congestion.Controller
	reader  congestion.Reader
	stamps  stamps
	probe   probe
	teller  rateTeller
}

var (
	_ interceptor.Interceptor = (*estimator)(nil)
	_ interceptor.Factory     = (*estimator)(nil)
)

func newEstimator(cfg Config) (*estimator, error) {
	b := cfg.Bitrate
	e := &estimator{
		epoch:   time.Now(),
		wake:    make(chan struct{}, 1),
		control: congestion.New(congestion.Bounds{Start: b.Start, Min: b.Min, Max: b.Max}),
		teller:  rateTeller{told: b.Start},
	}
	if cfg.Congestion != GCC {
		return e, nil
	}
	var err error
	e.stock, err = newStock(b, pionLogs{to: cfg.Logger})
	return e, err
}

// NewInterceptor lets the estimator be the factory of the one connection it
// is for.
func (e *estimator) NewInterceptor(string) (interceptor.Interceptor, error) { return e, nil }

// BindLocalStream puts the estimator on a stream's way to the socket, with its
// retransmissions and repairs, where the client reports on their arrival.
func (e *estimator) BindLocalStream(info *interceptor.StreamInfo, w interceptor.RTPWriter) interceptor.RTPWriter {
	for _, ext := range info.RTPHeaderExtensions {
		if ext.URI == sdp.TransportCCURI && ext.ID != 0 {
			if e.stock != nil {
				w = e.stock.AddStream(info, w)
			}
			s := newOutgoingStream(e, info, uint8(ext.ID), w)
			e.video.Store(s)
			return s
		}
	}
	return w
}

// BindRTCPReader reads along.
func (e *estimator) BindRTCPReader(from interceptor.RTCPReader) interceptor.RTCPReader {
	return interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, a, err := from.Read(b, a)
		if err != nil {
			return 0, nil, err
		}
		if a == nil {
			a = make(interceptor.Attributes)
		}
		packets, err := a.GetRTCPPackets(b[:n])
		if err != nil {
			return 0, nil, err
		}
		e.take(packets, time.Now())
		return n, a, nil
	})
}

// take passes over what can't be understood, and counts it: a client's
// nonsense must not end the reading of RTCP.
func (e *estimator) take(packets []rtcp.Packet, now time.Time) {
	for _, packet := range packets {
		switch p := packet.(type) {
		case *rtcp.TransportLayerCC:
			e.report(p, now)
		case *rtcp.TransportLayerNack:
			if s := e.video.Load(); s != nil && p.MediaSSRC == s.ssrc {
				s.resend(p.Nacks, now)
			}
		}
	}
}

func (e *estimator) report(p *rtcp.TransportLayerCC, now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stock != nil {
		if err := e.stock.WriteRTCP([]rtcp.Packet{p}, nil); err != nil {
			e.sent.lies.Add(1)
		}
	}
	arrivals, err := e.reader.Read(p)
	if err != nil {
		e.sent.lies.Add(1)
		return
	}
	e.control.Report(now.Sub(e.epoch), arrivals)
	e.teller.tell(e.target())
	e.probeSoon()
}

// target is called with mu held.
func (e *estimator) target() int {
	if e.stock != nil {
		return e.stock.GetTargetBitrate()
	}
	return e.control.Target()
}

// rate is what may be sent, in bits a second on the wire: pictures, headers,
// what is sent again and repairs.
func (e *estimator) rate() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.target()
}

// pathState is what the client's reports say of the path.
type pathState struct {
	queue     time.Duration // that stands on it
	roundTrip time.Duration // without the queue; 0 until it is known
	loss      float64       // share of the packets of the last second
	lies      uint64        // reports that can't be true
}

func (e *estimator) path() pathState {
	e.mu.Lock()
	defer e.mu.Unlock()
	return pathState{
		queue: e.control.Queue(), roundTrip: e.control.RoundTrip(),
		loss: e.control.Loss(), lies: e.control.Lies() + e.sent.lies.Load(),
	}
}

// stamps is room for the numbers of packets.
type stamps struct {
	ring [stampCount][2]byte
	last int
}

func (s *stamps) take() []byte {
	s.last = (s.last + 1) % stampCount
	return s.ring[s.last][:]
}

// number stamps a packet on its way to the socket.
func (e *estimator) number(h *rtp.Header, id uint8, payload int, now time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	stamp := e.stamps.take()
	if err := h.SetExtension(id, stamp); err != nil {
		return err
	}
	size := h.MarshalSize() + payload + wireOverhead
	binary.BigEndian.PutUint16(stamp, e.control.Sent(now.Sub(e.epoch), size, e.probe.ID))
	e.probe.filled += size
	if e.probe.filled >= e.probe.Bytes {
		e.probe = probe{}
	}
	return nil
}

// Close ends the stock algorithm, where there is one. It may be called again.
func (e *estimator) Close() error {
	if e.stock == nil {
		return nil
	}
	return e.stock.end()
}

// counters of RTP packets, headers included, and of reports that can't be true.
type counters struct {
	packets, bytes, again, lies atomic.Uint64
}

// rateTeller tells of changes.
type rateTeller struct {
	told   int
	tellTo func(bps int) // set before the first report
}

func (t *rateTeller) tell(bps int) {
	if change := float64(bps-t.told) / float64(t.told); change < estimateStep && change > -estimateStep {
		return
	}
	t.told = bps
	if t.tellTo != nil {
		t.tellTo(bps)
	}
}
