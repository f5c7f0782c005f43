package transport

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func newTestFeedback(sent uint64) *feedback {
	f := &feedback{sent: new(atomic.Uint64), ssrc: 7}
	f.sent.Store(sent)
	return f
}

func receiverReport(r rtcp.ReceptionReport) *rtcp.ReceiverReport {
	return &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{r}}
}

func TestReportsAreRead(t *testing.T) {
	f, now := newTestFeedback(100), time.Now()
	asked := uint32(ntpTime(now.Add(-50*time.Millisecond)) >> 16)
	f.take(receiverReport(rtcp.ReceptionReport{
		SSRC: 7, LastSenderReport: asked, TotalLost: 5, FractionLost: 64, Jitter: 900, Delay: 65536 / 50,
	}), now, nil)
	f.take(receiverReport(rtcp.ReceptionReport{SSRC: 8, TotalLost: 50, FractionLost: 250}), now, nil) // another stream
	got := f.lastReport()
	if got.Lost != 5 || got.FractionLost != 0.25 || got.Jitter != 10*time.Millisecond {
		t.Errorf("report %+v", got)
	}
	if off := (got.RTT - 30*time.Millisecond).Abs(); off > time.Millisecond {
		t.Errorf("round trip %v, want 30 ms", got.RTT)
	}
}

func TestNoMoreIsTakenOfAReportThanCanBeTrue(t *testing.T) {
	now := time.Now()
	asked := uint32(ntpTime(now.Add(-50*time.Millisecond)) >> 16)
	for name, tc := range map[string]struct {
		r       rtcp.ReceptionReport
		invalid uint64
	}{
		"a negative loss":             {rtcp.ReceptionReport{TotalLost: 0xffffff}, 0},
		"more lost than was sent":     {rtcp.ReceptionReport{TotalLost: 101}, 1},
		"an absurd jitter":            {rtcp.ReceptionReport{Jitter: 1<<32 - 1}, 1},
		"a reply before its question": {rtcp.ReceptionReport{LastSenderReport: asked, Delay: 65536 * 10}, 1},
		"a reply to nothing":          {rtcp.ReceptionReport{LastSenderReport: 1}, 1},
	} {
		f := newTestFeedback(100)
		tc.r.SSRC = 7
		f.take(receiverReport(tc.r), now, nil)
		got := f.lastReport()
		got.Reported = time.Time{}
		if got != (RemoteStats{}) || f.invalid.Load() != tc.invalid {
			t.Errorf("%s: %+v, %d invalid", name, got, f.invalid.Load())
		}
	}
}

// TestAClientThatInventsStreams: what the library keeps of each would fill the
// memory.
func TestAClientThatInventsStreams(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})
	for ssrc := range uint32(inletStreams + 1) {
		// It may have been given up before the last.
		_ = client.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc + 1}})
	}
	await(t, "end", rec.ended)
	await(t, "freed peer", peer.Done())
}

// FuzzFeedback reads RTCP as it comes from a client: whatever it says, nothing
// of it is out of bounds.
func FuzzFeedback(f *testing.F) {
	for _, packet := range []rtcp.Packet{
		receiverReport(rtcp.ReceptionReport{SSRC: 7, TotalLost: 0xffffff, FractionLost: 255, Jitter: 1 << 31, LastSenderReport: 1}),
		&rtcp.TransportLayerNack{MediaSSRC: 7, Nacks: []rtcp.NackPair{{PacketID: 65535, LostPackets: 0xffff}}},
		&rtcp.PictureLossIndication{MediaSSRC: 7},
		&rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 7}}},
		&rtcp.TransportLayerCC{
			Header:    rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
			MediaSSRC: 7, PacketStatusCount: 1,
			PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 1}},
			RecvDeltas:   []*rtcp.RecvDelta{{Type: rtcp.TypeTCCPacketReceivedSmallDelta}},
		},
	} {
		raw, err := packet.Marshal()
		must(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		packets, err := rtcp.Unmarshal(raw)
		if err != nil {
			return
		}
		e, in := newTestEstimator(t), newTestFeedback(1000)
		now := time.Now()
		e.take(packets, now)
		for _, packet := range packets {
			in.take(packet, now, func() {})
		}
		b := Config{}.withDefaults().Bitrate
		if rate := e.rate(); rate < b.Min/2 || rate > b.Max {
			t.Errorf("estimate %d", rate)
		}
		got := in.lastReport()
		if got.Lost > 1000 || got.FractionLost < 0 || got.FractionLost > 1 || got.RTT < 0 || got.RTT > maxDelay || got.Jitter < 0 || got.Jitter > maxDelay {
			t.Errorf("report %+v", got)
		}
	})
}
