package transport

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

// sentPackets is a socket that keeps what goes out.
type sentPackets []rtp.Packet

func (s *sentPackets) Write(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	*s = append(*s, rtp.Packet{Header: h.Clone(), Payload: append([]byte(nil), payload...)})
	return len(payload), nil
}

const testSSRC, testResendSSRC = 11, 12

func newTestStream(t testing.TB, resend uint32, to interceptor.RTPWriter) *outgoingStream {
	t.Helper()
	e, err := newEstimator(Config{}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	e.resendAs[102] = 103
	return e.BindLocalStream(&interceptor.StreamInfo{
		SSRC: testSSRC, SSRCRetransmission: resend,
		RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: 5}},
	}, to).(*outgoingStream)
}

func mediaHeader(number uint16) *rtp.Header {
	return &rtp.Header{Version: 2, PayloadType: 102, SequenceNumber: number, Timestamp: 90_000, SSRC: testSSRC}
}

func TestEachCopyHasANumberOfItsOwn(t *testing.T) {
	var out sentPackets
	s := newTestStream(t, testResendSSRC, &out)
	for number := range uint16(3) {
		_, err := s.Write(mediaHeader(65534+number), []byte{byte(number), 7}, nil)
		must(t, err)
	}
	now := time.Now().Add(time.Second)
	for range 3 {
		s.resend(rtcp.NackPairsFromSequenceNumbers([]uint16{65535, 0, 900}), now)
		s.resend(rtcp.NackPairsFromSequenceNumbers([]uint16{65535}), now) // it is on its way
		now = now.Add(time.Second)
	}
	if len(out) != 3+6 {
		t.Fatalf("%d packets", len(out))
	}
	for i, p := range out {
		if got := binary.BigEndian.Uint16(p.GetExtension(5)); got != uint16(i) {
			t.Errorf("packet %d has the transport-wide number %d", i, got)
		}
		if i < 3 {
			continue
		}
		original := uint16(65535 + (i+1)%2)
		if p.SSRC != testResendSSRC || p.PayloadType != 103 || p.Timestamp != 90_000 ||
			p.SequenceNumber != out[3].SequenceNumber+uint16(i-3) ||
			binary.BigEndian.Uint16(p.Payload) != original || p.Payload[2] != byte(original+2) {
			t.Errorf("copy %d: %v %v", i, p.Header, p.Payload)
		}
	}
	if got := s.e.sent.again.Load(); got != 6 {
		t.Errorf("%d counted", got)
	}
}

func TestWithoutRTXACopyIsTheVeryPacket(t *testing.T) {
	var out sentPackets
	s := newTestStream(t, 0, &out)
	_, err := s.Write(mediaHeader(9), []byte{1, 2, 3}, nil)
	must(t, err)
	s.resend(rtcp.NackPairsFromSequenceNumbers([]uint16{9}), time.Now().Add(time.Second))
	if len(out) != 2 {
		t.Fatalf("%d packets", len(out))
	}
	first, err := out[0].Marshal()
	must(t, err)
	again, err := out[1].Marshal()
	must(t, err)
	if string(first) != string(again) {
		t.Errorf("%x, then %x: AES-GCM must not see one number with two contents", first, again)
	}
	if size := s.again(time.Now()); size != 0 {
		t.Error("a probe is filled with packets that the client takes for replays")
	}
}

// The format of a copy tells the client which one it is a copy of.
func TestACopyIsInTheFormatOfWhatItCopies(t *testing.T) {
	var out sentPackets
	s := newTestStream(t, testResendSSRC, &out)
	s.e.resendAs[45] = 46
	for number, payload := range []uint8{102, 45, 96} { // of the last none is taken
		h := mediaHeader(uint16(number))
		h.PayloadType = payload
		_, err := s.Write(h, make([]byte, 700), nil)
		must(t, err)
	}
	s.resend(rtcp.NackPairsFromSequenceNumbers([]uint16{0, 1, 2}), time.Now().Add(time.Second))
	if size := s.again(time.Now()); size < 700 {
		t.Errorf("a probe is filled with %d bytes", size)
	}
	var got []uint8
	for _, p := range out[3:] {
		got = append(got, p.PayloadType)
	}
	if !slices.Equal(got, []uint8{103, 46, 96, 46}) {
		t.Errorf("copies have the formats %v", got)
	}
	if ssrc := out[5].SSRC; ssrc != testSSRC {
		t.Errorf("a copy in the format of the original is of the stream %d", ssrc)
	}
}

func TestWhatIsSentAgainIsBounded(t *testing.T) {
	var out sentPackets
	s := newTestStream(t, testResendSSRC, &out)
	missing := make([]uint16, 500)
	for i := range missing {
		missing[i] = uint16(i)
		_, err := s.Write(mediaHeader(uint16(i)), make([]byte, 1200), nil)
		must(t, err)
	}
	written, now := len(out), time.Now()
	for range 100 {
		now = now.Add(20 * time.Millisecond)
		s.resend(rtcp.NackPairsFromSequenceNumbers(missing), now)
	}
	// A quarter of 8 Mb/s for 2 s, and what was saved up.
	bytes, most := (len(out)-written)*1200, 8_000_000/8*2/4*11/10+8_000_000/8/4/5
	if bytes > most || bytes < most/2 {
		t.Errorf("%d bytes were sent again, at most %d are due", bytes, most)
	}
}

func TestProbesFindWhatThePathCarries(t *testing.T) {
	const start = 1_000_000
	s := newServer(t, Config{Bitrate: Bitrate{Start: start, Min: 300_000, Max: 8_000_000}})
	peer, client, _ := connect(t, s, playerOptions{})
	ticker, deadline := time.NewTicker(10*time.Millisecond), time.After(bound)
	defer ticker.Stop()
	unit := keyUnit(1200)
	for peer.Stats().Estimate < 3*start { // of which a tenth is sent
		select {
		case <-ticker.C:
			must(t, peer.WriteFrame(H264, unit, time.Now()))
			peer.Probe(8_000_000)
		case <-client.units:
		case <-deadline:
			t.Fatalf("%+v", peer.Stats())
		}
	}
	if stats := peer.Stats(); stats.Sent.Resent != 0 {
		t.Errorf("a probe is counted as %d packets sent on a NACK", stats.Sent.Resent)
	}
}

func TestStockCongestionControl(t *testing.T) {
	s := newServer(t, Config{Congestion: GCC})
	peer, client, rec := connect(t, s, playerOptions{})
	ticker, deadline := time.NewTicker(10*time.Millisecond), time.After(bound)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			must(t, peer.WriteFrame(H264, keyUnit(9000), time.Now()))
		case <-client.units:
		case <-rec.estimates: // it has heard of their arrival
			return
		case <-deadline:
			t.Fatalf("%+v", peer.Stats())
		}
	}
}

func BenchmarkOutgoing(b *testing.B) {
	sink := interceptor.RTPWriterFunc(func(*rtp.Header, []byte, interceptor.Attributes) (int, error) { return 0, nil })
	s := newTestStream(b, testResendSSRC, sink)
	h, payload := mediaHeader(0), make([]byte, 1200)
	for range keptPackets { // the buffers are there
		_, _ = s.Write(h, payload, nil)
		h.SequenceNumber++
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Write(h, payload, nil)
		h.SequenceNumber++
	}
}
