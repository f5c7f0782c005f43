package congestion

import "time"

// historySize is how many packets are remembered: 3 s at 30 Mb/s, a round trip
// and an outage. What is acknowledged later is passed over.
const historySize = 1 << 13

type fate uint8

const (
	inFlight fate = iota
	arrived
	lost // may still arrive: reports come in the order of numbers, packets not
)

// packet is one that was sent.
type packet struct {
	number  int64
	sent    time.Duration
	before  int64 // bytes sent before it, in all
	size    int32
	cluster int32 // the probe that it belongs to, 0 for none
	fate    fate
}

// history numbers packets and remembers the last of them.
type history struct {
	ring  []packet
	next  int64 // number of the next packet
	bytes int64 // sent in all
	// oldest is when the first packet left that no report has followed yet.
	oldest  time.Duration
	waiting bool
}

func (h *history) add(now time.Duration, size int, cluster int32) uint16 {
	if h.ring == nil {
		h.ring = make([]packet, historySize)
	}
	h.ring[h.next%historySize] = packet{number: h.next, sent: now, before: h.bytes, size: int32(size), cluster: cluster}
	h.bytes += int64(size)
	h.next++
	if !h.waiting {
		h.oldest, h.waiting = now, true
	}
	return uint16(h.next - 1)
}

// find is the newest packet of that number, nil where none is remembered.
func (h *history) find(number uint16) *packet {
	n := h.next - 1 - int64(uint16(h.next-1)-number)
	if n < 0 || h.next-n > historySize {
		return nil
	}
	return &h.ring[n%historySize]
}

// since is what was sent after a packet.
func (h *history) since(p *packet) int64 { return h.bytes - p.before - int64(p.size) }
