package transport

import (
	"crypto/subtle"
	"encoding/binary"
	"math"
	"sync/atomic"

	"github.com/pion/rtp"
)

const (
	// fecBlock is how many packets of a frame are repaired together: what a
	// repair of two masks can speak of. A longer frame has several blocks.
	fecBlock = 46
	// fecShortMask is how many packets one mask can speak of.
	fecShortMask = 15
	// fecHeader is the length of the FEC header with two masks.
	fecHeader = 24
	// rtpFixed is the part of an RTP header that every packet has. A repair
	// holds what follows it as it is, and of it what differs between packets.
	rtpFixed = 12
)

// repairer makes FlexFEC packets (draft-ietf-payload-flexible-fec-scheme-03)
// for the frames of a video. Each repair is the exclusive or of every m-th
// packet of a block, so that m losses in a row are made good, and the client
// need not wait for a round trip. It keeps its buffers from frame to frame,
// and is used by the sending goroutine alone, bind and protect apart.
type repairer struct {
	share atomic.Uint64 // repairs a packet, as the bits of a float64
	made  atomic.Uint64 // repairs

	header rtp.Header // of a repair; SSRC 0 where the client takes none
	media  uint32     // the SSRC of what is repaired
	now    float64    // the share of this frame
	block  [][]byte   // the packets that wait for their repairs
	base   uint16     // number of the first of them
	time   uint32     // of the frame
	out    []byte
}

// protect sets how many repairs a packet has; from the next frame on.
func (r *repairer) protect(share float64) { r.share.Store(math.Float64bits(share)) }

// begin prepares for a frame.
func (r *repairer) begin() {
	r.block = r.block[:0]
	if r.now = 0; r.header.SSRC != 0 {
		r.now = math.Float64frombits(r.share.Load())
	}
}

// keep takes a packet of the frame, in the order of their numbers, as it will
// be sent, but with zeros in the extensions that are written on the way out:
// the client puts zeros there too. It says whether the block is full.
func (r *repairer) keep(h *rtp.Header, payload []byte) (full bool, err error) {
	if r.now == 0 {
		return false, nil
	}
	n := len(r.block)
	if n == 0 {
		r.base, r.time = h.SequenceNumber, h.Timestamp
	}
	if n == cap(r.block) {
		r.block = append(r.block, nil)
	}
	r.block = r.block[:n+1]
	size := h.MarshalSize()
	if cap(r.block[n]) < size+len(payload) {
		r.block[n] = make([]byte, 0, maxPacket)
	}
	packet := append(r.block[n][:size], payload...)
	r.block[n] = packet
	_, err = h.MarshalTo(packet[:size])
	return n+1 == fecBlock, err
}

// repair hands the block's repairs to emit, and empties it. What it hands over
// is valid until emit returns. An error of emit ends it.
func (r *repairer) repair(emit func(*rtp.Header, []byte) error) error {
	m := int(math.Ceil(float64(len(r.block)) * r.now))
	for i := range m {
		r.header = rtp.Header{
			Version: 2, PayloadType: r.header.PayloadType, SSRC: r.header.SSRC,
			SequenceNumber: r.header.SequenceNumber + 1, Timestamp: r.time,
			Extensions: r.header.Extensions[:0],
		}
		if err := emit(&r.header, r.combine(i, m)); err != nil {
			return err
		}
		r.made.Add(1)
	}
	r.block = r.block[:0]
	return nil
}

// combine is the payload of the repair of the packets first, first+step, …
func (r *repairer) combine(first, step int) []byte {
	head := fecHeader
	if len(r.block) <= fecShortMask {
		head -= 4
	}
	longest := 0
	for i := first; i < len(r.block); i += step {
		longest = max(longest, len(r.block[i])-rtpFixed)
	}
	if cap(r.out) < head+longest {
		r.out = make([]byte, maxPacket+fecHeader)
	}
	out := r.out[:head+longest]
	clear(out)
	var length uint16
	var mask uint64 // the first packet's bit is the highest of 46
	for i := first; i < len(r.block); i += step {
		packet := r.block[i]
		body := packet[rtpFixed:]
		subtle.XORBytes(out[:2], out[:2], packet[:2])
		subtle.XORBytes(out[4:8], out[4:8], packet[4:8])
		subtle.XORBytes(out[head:], out[head:head+len(body)], body)
		length ^= uint16(len(body))
		mask |= 1 << (fecBlock - 1 - i)
	}
	out[0] &= 0x3f // neither a retransmission nor of a fixed pattern
	binary.BigEndian.PutUint16(out[2:], length)
	out[8] = 1 // stream
	binary.BigEndian.PutUint32(out[12:], r.media)
	binary.BigEndian.PutUint16(out[16:], r.base)
	// A mask whose highest bit is set is the last.
	const last16, last32 = 1 << 15, 1 << 31
	short := uint16(mask >> (fecBlock - fecShortMask))
	if head < fecHeader {
		binary.BigEndian.PutUint16(out[18:], short|last16)
		return out
	}
	binary.BigEndian.PutUint16(out[18:], short)
	binary.BigEndian.PutUint32(out[20:], uint32(mask&(last32-1))|last32)
	return out
}
