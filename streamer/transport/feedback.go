package transport

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// ntpEpoch is the difference between 1900 and 1970 in seconds (RFC 5905).
const ntpEpoch = 2_208_988_800

// feedback is what RTCP says of the way to the client. Reading it is what
// drives the NACK responder and the estimator too.
type feedback struct {
	in                         *inlet
	sent                       *atomic.Uint64 // packets
	ssrc                       uint32         // of the video
	nacks, plis, firs, invalid atomic.Uint64

	mu     sync.Mutex
	remote RemoteStats
}

// RemoteStats is the client's last receiver report.
type RemoteStats struct {
	Lost         uint64        // packets, in all
	FractionLost float64       // of the packets since the report before, 0 to 1
	Jitter       time.Duration // between arrivals, RFC 3550 section 6.4.1
	RTT          time.Duration // 0 until the client has seen a sender report
	Reported     time.Time     // zero until the first report
}

// maxDelay is the longest round trip or jitter that is believed: a client whose
// path is longer is given up before it can say so.
const maxDelay = 20 * time.Second

// maxBadReads bounds how many unreadable packets in a row are passed over, so
// that a reader that has ended without saying so can't spin.
const maxBadReads = 1000

// read takes RTCP until the connection closes.
func (f *feedback) read(from *webrtc.RTPSender, keyFrame func()) {
	for bad := 0; bad < maxBadReads; {
		packets, _, err := from.ReadRTCP()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
			return
		}
		if err != nil {
			bad++
			f.invalid.Add(1)
			continue
		}
		bad = 0
		now := time.Now()
		for _, packet := range packets {
			f.take(packet, now, keyFrame)
		}
	}
}

func (f *feedback) take(packet rtcp.Packet, now time.Time, keyFrame func()) {
	switch pkt := packet.(type) {
	case *rtcp.PictureLossIndication:
		f.plis.Add(1)
		keyFrame()
	case *rtcp.FullIntraRequest:
		f.firs.Add(1)
		keyFrame()
	case *rtcp.TransportLayerNack:
		f.nacks.Add(1)
	case *rtcp.ReceiverReport:
		for _, report := range pkt.Reports {
			if report.SSRC == f.ssrc { // not of sound, or of what is sent again
				f.report(report, now)
			}
		}
	}
}

// report takes one block, and no more of it than can be true.
func (f *feedback) report(r rtcp.ReceptionReport, now time.Time) {
	// The count has 24 bits and is signed: duplicates can make it negative.
	lost := max(int32(r.TotalLost<<8)>>8, 0)
	jitter := time.Duration(r.Jitter) * time.Second / videoClock
	if jitter > maxDelay || uint64(lost) > f.sent.Load() {
		f.invalid.Add(1)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remote.Lost = uint64(lost)
	f.remote.FractionLost = float64(r.FractionLost) / 256
	f.remote.Jitter = jitter
	f.remote.Reported = now
	if r.LastSenderReport == 0 {
		return
	}
	// RFC 3550 section 6.4.1, in units of 1/65536 s that wrap: one that would
	// have come before it was sent is long, too.
	rtt := time.Duration(uint32(ntpTime(now)>>16)-r.LastSenderReport-r.Delay) * time.Second / (1 << 16)
	if rtt > maxDelay {
		f.invalid.Add(1)
		return
	}
	f.remote.RTT = rtt
}

func (f *feedback) lastReport() RemoteStats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.remote
}

// sendReport tells the client which wall time its video's RTP time stands
// for, and gives it what it needs to answer with the round trip. It is
// written here and not by the library, which would stamp the time of sending
// where the stream carries the time of capture.
func (p *Peer) sendReport() {
	now := time.Now()
	ssrc, timestamp, ok := p.track.at(now)
	if !ok {
		return
	}
	// A report that is lost or can't be sent is made good by the next.
	_ = p.pc.WriteRTCP([]rtcp.Packet{&rtcp.SenderReport{
		SSRC:        ssrc,
		NTPTime:     ntpTime(now),
		RTPTime:     timestamp,
		PacketCount: uint32(p.bwe.sent.packets.Load()),
		OctetCount:  uint32(p.bwe.sent.bytes.Load()),
	}})
}

// ntpTime is the 64-bit time of RFC 5905: seconds since 1900 and a fraction.
func ntpTime(t time.Time) uint64 {
	seconds := uint64(t.Unix() + ntpEpoch)
	return seconds<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}
