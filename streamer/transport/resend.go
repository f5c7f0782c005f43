package transport

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	// keptPackets can be sent again: 2048 are 0.8 s at 30 Mb/s.
	keptPackets = 2048
	// resendShare of the rate may go into retransmissions: when more is lost
	// than that, sending it again only adds to what is too much.
	resendShare = 0.25
	// resendBurst is how much of the share may be saved up.
	resendBurst = 200 * time.Millisecond
	// resendPause is the least time between two copies of a packet. A client
	// asks again after a round trip.
	resendPause = 15 * time.Millisecond
	// originalNumber is what RFC 4588 section 4 puts before the payload.
	originalNumber = 2
)

// outgoingStream is one stream of RTP with its retransmissions (RFC 4588).
// Each copy has a number of its own in the stream of retransmissions: with one
// that has been used, a client takes it for a replay, and AES-GCM must not see
// it twice. Where the client offers no such stream, a copy is the very packet.
type outgoingStream struct {
	e                *estimator
	w                interceptor.RTPWriter
	id               uint8 // of the transport-wide number
	ssrc, resendSSRC uint32

	mu     sync.Mutex // over what follows
	kept   []keptPacket
	last   uint16 // number kept last
	next   uint16 // number of the next retransmission
	header rtp.Header
	budget budget
}

// keptPacket is one as it was sent, with room before its payload.
type keptPacket struct {
	raw    []byte
	header int // length
	number uint16
	sent   time.Time // last; zero for a slot never used
}

func newOutgoingStream(e *estimator, info *interceptor.StreamInfo, id uint8, w interceptor.RTPWriter) *outgoingStream {
	return &outgoingStream{
		e: e, w: w, id: id,
		ssrc: info.SSRC, resendSSRC: info.SSRCRetransmission,
		kept: make([]keptPacket, keptPackets),
		next: uint16(rand.Uint32N(1 << 15)), // RFC 3711 section 3.3.1: away from the wrap
	}
}

// Write sends a packet of the stream, or one of its repairs.
func (s *outgoingStream) Write(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
	now := time.Now()
	if err := s.e.number(h, s.id, len(payload), now); err != nil {
		return 0, err
	}
	s.e.sent.packets.Add(1)
	s.e.sent.bytes.Add(uint64(h.MarshalSize() + len(payload)))
	if h.SSRC == s.ssrc {
		if err := s.keep(h, payload, now); err != nil {
			return 0, err
		}
	}
	return s.w.Write(h, payload, a)
}

func (s *outgoingStream) keep(h *rtp.Header, payload []byte, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := &s.kept[h.SequenceNumber%keptPackets]
	need := h.MarshalSize() + originalNumber + len(payload)
	if cap(k.raw) < need {
		k.raw = make([]byte, need, max(need, 1400))
	}
	k.raw = k.raw[:need]
	n, err := h.MarshalTo(k.raw)
	if err != nil {
		return err
	}
	copy(k.raw[n+originalNumber:], payload)
	k.header, k.number, k.sent = n, h.SequenceNumber, now
	s.last = h.SequenceNumber
	return nil
}

// resend sends again what the client misses, within the budget.
func (s *outgoingStream) resend(missing []rtcp.NackPair, now time.Time) {
	rate := s.e.rate()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.budget.refill(now, rate)
	for _, pair := range missing {
		pair.Range(func(number uint16) bool {
			k := &s.kept[number%keptPackets]
			if k.number != number || k.sent.IsZero() || now.Sub(k.sent) < resendPause {
				return true
			}
			if !s.budget.take(len(k.raw)) {
				return false
			}
			// What can't be sent is asked for again.
			_, _ = s.copy(k, now)
			s.e.sent.again.Add(1)
			return true
		})
	}
}

// again sends a copy of the last packet that fills something, and returns its
// size, 0 where there is none.
func (s *outgoingStream) again(now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resendSSRC == 0 {
		return 0
	}
	const least, search = 600, 16
	var best *keptPacket
	for i := range uint16(search) {
		k := &s.kept[(s.last-i)%keptPackets]
		if !k.sent.IsZero() && s.e.resendAs[k.raw[1]&0x7f] != 0 && (best == nil || len(k.raw) > len(best.raw)) {
			best = k
		}
		if best != nil && len(best.raw) > least {
			break
		}
	}
	if best == nil {
		return 0
	}
	size, err := s.copy(best, now)
	if err != nil {
		return 0
	}
	return size
}

// copy sends a packet again, on the stream of retransmissions if there is one.
func (s *outgoingStream) copy(k *keptPacket, now time.Time) (size int, err error) {
	if _, err := s.header.Unmarshal(k.raw[:k.header]); err != nil {
		return 0, err
	}
	payload := k.raw[k.header+originalNumber:]
	if as := s.e.resendAs[s.header.PayloadType]; s.resendSSRC != 0 && as != 0 {
		payload = k.raw[k.header:]
		binary.BigEndian.PutUint16(payload, k.number)
		s.header.SSRC, s.header.PayloadType, s.header.SequenceNumber = s.resendSSRC, as, s.next
		s.next++
		if err := s.e.number(&s.header, s.id, len(payload), now); err != nil {
			return 0, err
		}
	}
	k.sent = now
	size = s.header.MarshalSize() + len(payload)
	s.e.sent.packets.Add(1)
	s.e.sent.bytes.Add(uint64(size))
	_, err = s.w.Write(&s.header, payload, nil)
	return size, err
}

// budget bounds what is sent again.
type budget struct {
	left float64 // bytes
	at   time.Time
}

func (b *budget) refill(now time.Time, rate int) {
	share := resendShare * float64(rate) / 8
	if !b.at.IsZero() {
		b.left += share * now.Sub(b.at).Seconds()
	} else {
		b.left = share
	}
	b.left, b.at = min(b.left, max(share*resendBurst.Seconds(), 3000)), now
}

func (b *budget) take(size int) bool {
	if b.left < float64(size) {
		return false
	}
	b.left -= float64(size)
	return true
}
