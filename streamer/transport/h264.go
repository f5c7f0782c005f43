package transport

import (
	"bytes"
	"encoding/binary"
)

// NAL unit types of H.264 (ISO/IEC 14496-10, table 7-1) and of its RTP
// payload format (RFC 6184, table 1).
const (
	nalSlice  = 1
	nalIDR    = 5
	nalAUD    = 9
	nalFiller = 12
	nalSTAPA  = 24
	nalFUA    = 28

	nalTypeMask = 0x1f
	nalRefMask  = 0x60
	fuStart     = 0x80
	fuEnd       = 0x40
)

// maxPayload leaves room for the RTP header with its extensions, the header of
// a repair, SRTP's tag, a relay's header, UDP and IPv6 within 1280 bytes, which
// every IPv6 path carries.
const (
	maxPayload = 1140
	maxPacket  = maxPayload + 32 // with the RTP header and all extensions
)

func nalType(nal []byte) byte { return nal[0] & nalTypeMask }

// nextNAL cuts the first NAL unit off an Annex B stream. It returns nil when
// none is left. Bytes before the first start code are skipped.
func nextNAL(annexB []byte) (nal, rest []byte) {
	code := []byte{0, 0, 1}
	for {
		at := bytes.Index(annexB, code)
		if at < 0 {
			return nil, nil
		}
		rest = annexB[at+len(code):]
		nal = rest
		if end := bytes.Index(rest, code); end >= 0 {
			nal, rest = rest[:end], rest[end:]
		} else {
			rest = nil
		}
		// Zeros before the next start code belong to it, or are padding.
		if nal = bytes.TrimRight(nal, "\x00"); len(nal) > 0 {
			return nal, rest
		}
		annexB = rest
	}
}

// picture says whether an access unit holds a coded picture, and whether
// that is an IDR.
func picture(annexB []byte) (found, idr bool) {
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		if t := nalType(nal); t >= nalSlice && t <= nalIDR {
			return true, t == nalIDR
		}
	}
	return false, false
}

// packetizer cuts access units into RTP payloads by RFC 6184 with
// packetization-mode 1: small NAL units share a packet (STAP-A), large ones
// span several (FU-A). It reuses its buffers from frame to frame.
type packetizer struct {
	nals [][]byte
	buf  []byte
}

func newPacketizer() *packetizer {
	return &packetizer{buf: make([]byte, 0, maxPayload)}
}

// split hands the payloads of one access unit to emit in order, the last with
// last set. A payload is valid until emit returns. Access unit delimiters and
// filler are left out: the marker bit says as much as they do. An error of
// emit ends the split.
func (p *packetizer) split(annexB []byte, emit func(payload []byte, last bool) error) error {
	p.nals = p.nals[:0]
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		if t := nalType(nal); t != nalAUD && t != nalFiller {
			p.nals = append(p.nals, nal)
		}
	}
	for at := 0; at < len(p.nals); {
		n := fitting(p.nals[at:])
		last := at+n == len(p.nals)
		var err error
		switch first := p.nals[at]; {
		case n > 1:
			err = emit(p.aggregate(p.nals[at:at+n]), last)
		case len(first) <= maxPayload:
			err = emit(first, last)
		default:
			err = p.fragment(first, last, emit)
		}
		if err != nil {
			return err
		}
		at += n
	}
	return nil
}

// fitting counts how many of the first NAL units fit one STAP-A; at least 1.
func fitting(nals [][]byte) int {
	size := 1
	for n, nal := range nals {
		if size += 2 + len(nal); size > maxPayload {
			return max(n, 1)
		}
	}
	return len(nals)
}

// aggregate builds a STAP-A (RFC 6184 section 5.7.1).
func (p *packetizer) aggregate(nals [][]byte) []byte {
	out := append(p.buf[:0], nalSTAPA)
	for _, nal := range nals {
		out[0] |= nal[0] & 0x80
		out[0] = out[0]&^nalRefMask | max(out[0]&nalRefMask, nal[0]&nalRefMask)
		out = binary.BigEndian.AppendUint16(out, uint16(len(nal)))
		out = append(out, nal...)
	}
	return out
}

// fragment emits FU-As (RFC 6184 section 5.8) of equal size, the last a little
// smaller: so that no packet is so small that its headers weigh more than its
// picture, and a system that cuts packets of one size can cut them all.
func (p *packetizer) fragment(nal []byte, last bool, emit func([]byte, bool) error) error {
	const header = 2
	indicator, kind := nal[0]&^nalTypeMask|nalFUA, nalType(nal)
	body := nal[1:]
	count := (len(body) + maxPayload - header - 1) / (maxPayload - header)
	each := (len(body) + count - 1) / count
	for i := range count {
		size := min(each, len(body))
		fu := kind
		if i == 0 {
			fu |= fuStart
		}
		if i == count-1 {
			fu |= fuEnd
		}
		out := append(p.buf[:0], indicator, fu)
		out = append(out, body[:size]...)
		body = body[size:]
		if err := emit(out, last && i == count-1); err != nil {
			return err
		}
	}
	return nil
}
