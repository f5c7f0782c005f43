package main_test

import (
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/playcast/playcast/events"
)

// offerOf is an offer to receive video of one format, by a client that is not
// there.
func offerOf(format string) string {
	return "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n" +
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\n" +
		"a=setup:actpass\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n" +
		"a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n" +
		"a=rtpmap:" + format + "\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n"
}

// TestSilentClient: clients that ask for the picture and are never heard of
// again hold up nobody, and are given up.
func TestSilentClient(t *testing.T) {
	t.Parallel() // it waits most of the time
	p := up(t, dataIn(t), withGames(t)...)
	one := p.signIn("player1")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	offer := func() {
		answer := one.do(http.MethodPost, p.url+"/v1/sessions/"+id+"/whep", sdp(offerOf("96 H264/90000")))
		if answer.StatusCode != http.StatusCreated {
			t.Fatalf("the offer is answered with %s", answer)
		}
	}
	for range 3 {
		offer()
	}
	one.connect(id)
	one.await(id, events.SessionIsActive)
	// Whoever asks last has the session. If nobody comes, it is open to others.
	offer()
	one.await(id, events.SessionIsBroken)
	one.connect(id).await(30)
	one.await(id, events.SessionIsActive)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	p.stop()
}

// TestRudeClient: a client that asks for key frames without end gets one a
// second at most, and one whose reports can't be true moves the estimate no
// further than its bounds. The picture goes on.
func TestRudeClient(t *testing.T) {
	p := up(t, dataIn(t), withGames(t)...)
	one := p.signIn("player1")
	id := one.request("flight")
	one.await(id, events.SessionIsReady)
	view := one.connect(id)
	one.await(id, events.SessionIsActive)

	const lasts = 5 * time.Second
	keys := view.keys.Load()
	for began := time.Now(); time.Since(began) < lasts; {
		view.report(func(picture uint32) []rtcp.Packet {
			return []rtcp.Packet{
				&rtcp.PictureLossIndication{MediaSSRC: picture},
				&rtcp.FullIntraRequest{MediaSSRC: picture, FIR: []rtcp.FIREntry{{SSRC: picture, SequenceNumber: uint8(time.Since(began))}}},
			}
		})
		view.await(1)
	}
	// One may have been on its way, and one is still owed.
	if got := view.keys.Load() - keys; got < 2 || got > int64(lasts/time.Second)+2 {
		t.Errorf("%d key frames in %s", got, lasts)
	}

	stream := streamOf(t, id)
	before := len(find[events.QualityReported](facts(t, p.log()), stream))
	windows := func() []events.QualityReported {
		return find[events.QualityReported](facts(t, p.log()), stream)[before:]
	}
	eventually(t, "two windows of quality", func() (bool, any) {
		view.report(lies)
		seen := windows()
		return len(seen) >= 3, seen
	})
	for _, w := range windows() {
		if q := w.Quality; q.Sent.FrameRate <= 0 || !(q.Path.Lost >= 0 && q.Path.Lost <= 1) || q.Path.RoundTrip < 0 ||
			q.Path.Estimate < 300_000 || q.Path.Estimate > 30_000_000 {
			t.Errorf("after lies a window tells %+v", q)
		}
	}
	view.await(30)
	one.steer(id, "end")
	one.await(id, events.SessionIsEnded)
	p.stop()
}

// lies are reports that contradict themselves, each other, and reason.
func lies(picture uint32) []rtcp.Packet {
	return []rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{
			{SSRC: picture, FractionLost: 255, TotalLost: 0xffffff, LastSequenceNumber: 1, Jitter: 1 << 31, Delay: 1 << 31, LastSenderReport: 1},
			{SSRC: picture, TotalLost: 0x800000},
		}},
		&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e18, SSRCs: []uint32{picture}},
		&rtcp.TransportLayerNack{MediaSSRC: picture, Nacks: []rtcp.NackPair{{PacketID: 1, LostPackets: 0xffff}, {PacketID: 40000, LostPackets: 0xffff}}},
		&rtcp.TransportLayerCC{
			Header:    rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
			MediaSSRC: picture, BaseSequenceNumber: 60000, PacketStatusCount: 14, ReferenceTime: 1 << 23,
			PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketNotReceived, RunLength: 14}},
		},
	}
}

// TestDisplayLost: a session whose X server is killed in the middle of play
// fails, and says why; the next one is not concerned.
func TestDisplayLost(t *testing.T) {
	p := up(t, dataIn(t), withGames(t)...)
	one := p.signIn("player1")
	id := one.request("saver")
	one.await(id, events.SessionIsReady)
	one.connect(id)
	one.await(id, events.SessionIsActive)
	killed := 0
	for _, r := range processesOf(p.data) {
		if filepath.Base(r.environment["PLAYCAST_RUN"]) == id+"-display" && !r.makesSandbox() {
			if err := syscall.Kill(r.pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			killed++
		}
	}
	if killed != 1 {
		t.Fatalf("the session had %d displays", killed)
	}
	failed := one.await(id, events.SessionIsFailed)
	if failed.FailureCause != string(events.FailedPicture) {
		t.Errorf("the session is %+v, want it failed for its picture", failed)
	}
	slotsHeld(t, p, 0)
	next := one.request("saver")
	one.await(next, events.SessionIsReady)
	one.connect(next).await(10)
	one.steer(next, "end")
	one.await(next, events.SessionIsEnded)
	p.stop()
}
