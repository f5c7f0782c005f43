package transport

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

func TestFramesArriveAsTheyWereWritten(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})

	start := time.Now()
	captured := []time.Duration{0, 16683 * time.Microsecond, 50 * time.Millisecond, 50 * time.Millisecond}
	units := [][]byte{keyUnit(40_000), deltaUnit(300), deltaUnit(9_000), deltaUnit(1_160)}
	for i, unit := range units {
		must(t, peer.WriteFrame(H264, unit, start.Add(captured[i])))
	}
	ticks := []uint32{0, 1501, 4500, 4501} // two frames never share a time
	var first uint32
	for i, unit := range units {
		got := await(t, "frame", client.units)
		if i == 0 {
			first = got.timestamp
		}
		if got.timestamp-first != ticks[i] {
			t.Errorf("frame %d: %d ticks after the first, want %d", i, got.timestamp-first, ticks[i])
		}
		if !bytes.Equal(got.annexB, unit) {
			t.Errorf("frame %d: %d bytes arrived that differ from the %d written", i, len(got.annexB), len(unit))
		}
		sent := await(t, "report of a frame sent", rec.sent)
		if !sent.Captured.Equal(start.Add(captured[i])) || sent.Key != (i == 0) || sent.Sent.Before(sent.Queued) || sent.RTP != got.timestamp {
			t.Errorf("frame %d: reported as %+v", i, sent)
		}
	}
	if got := peer.Stats().Sent; got.Frames != 4 || got.KeyFrames != 1 || got.Dropped != 0 {
		t.Errorf("counted %+v", got)
	}
}

func TestFrameCarriesPlayoutDelayAndCaptureTime(t *testing.T) {
	s := newServer(t, Config{PlayoutDelay: PlayoutDelay{Max: 400 * time.Millisecond}})
	peer, client, _ := connect(t, s, playerOptions{})
	captured := time.Now().Add(-30 * time.Millisecond)
	must(t, peer.WriteFrame(H264, keyUnit(5000), captured))
	unit := await(t, "frame", client.units)

	var delay rtp.PlayoutDelayExtension
	var taken rtp.AbsCaptureTimeExtension
	var seen int
	for _, raw := range unit.extensions {
		switch len(raw) {
		case 3:
			must(t, delay.Unmarshal(raw))
			seen++
		case 8:
			must(t, taken.Unmarshal(raw))
			seen++
		}
	}
	if seen != 2 || delay.MinDelay != 0 || delay.MaxDelay != 40 {
		t.Errorf("extensions %v: playout delay %+v, want 0 to 40", unit.extensions, delay)
	}
	if off := taken.CaptureTime().Sub(captured).Abs(); off > time.Millisecond {
		t.Errorf("capture time is off by %v", off)
	}
}

func TestFramesBeforeAKeyFrameAreDropped(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, _ := connect(t, s, playerOptions{})
	must(t, peer.WriteFrame(H264, deltaUnit(500), time.Now()))
	key := keyUnit(500)
	must(t, peer.WriteFrame(H264, key, time.Now()))
	if got := await(t, "frame", client.units); !bytes.Equal(got.annexB, key) {
		t.Error("the first frame to arrive is not the key frame")
	}
	if got := peer.Stats().Sent.Dropped; got != 1 {
		t.Errorf("%d frames counted as dropped, want 1", got)
	}
	if err := peer.WriteFrame(H264, []byte("no picture"), time.Now()); !errors.Is(err, ErrNoPicture) {
		t.Errorf("bytes without a picture: %v", err)
	}
}

func TestLostPacketsAreSentAgain(t *testing.T) {
	for name, codecs := range map[string][]webrtc.RTPCodecParameters{
		"with RTX":    {h264(102, baseline), rtx(103, "102")},
		"without RTX": {h264(102, baseline)},
	} {
		t.Run(name, func(t *testing.T) {
			wire, n := newCutNet(t), 0
			wire.lose = func(h *rtp.Header) bool {
				if h.PayloadType == 102 {
					n++
				}
				return h.PayloadType == 102 && n > 5 && n%7 == 0
			}
			s := newServer(t, Config{})
			peer, client, _ := connect(t, s, playerOptions{codecs: codecs, settings: wire.use})
			units := [][]byte{keyUnit(60_000)}
			for range 15 {
				units = append(units, deltaUnit(4_000))
			}
			// At a frame rate, so that the queue does not overflow; and on
			// after the last, since the library hands out retransmissions
			// only between packets of the stream itself.
			ticker, deadline := time.NewTicker(10*time.Millisecond), time.After(bound)
			defer ticker.Stop()
			for i, written := 0, 0; i < len(units); {
				select {
				case got := <-client.units:
					if !bytes.Equal(got.annexB, units[i]) {
						t.Fatalf("frame %d differs", i)
					}
					i++
				case <-ticker.C:
					unit := deltaUnit(100)
					if written < len(units) {
						unit = units[written]
						written++
					}
					must(t, peer.WriteFrame(H264, unit, time.Now()))
				case <-deadline:
					t.Fatalf("frame %d did not arrive: %+v", i, peer.Stats())
				}
			}
			stats := peer.Stats()
			if stats.Feedback.NACKs == 0 || stats.Sent.Resent == 0 || stats.Sent.Dropped != 0 {
				t.Errorf("counted %+v", stats)
			}
		})
	}
}

func TestKeyFrameIsAskedForAtMostOnceASecond(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})
	must(t, peer.WriteFrame(H264, keyUnit(500), time.Now()))
	ssrc := await(t, "track", client.ssrc)
	storm := func() time.Time {
		for range 50 {
			pli(t, client, ssrc)
		}
		return await(t, "request for a key frame", rec.keyFrames)
	}
	first := storm()
	if after := storm().Sub(first); after < 900*time.Millisecond {
		t.Errorf("asked again after %v", after)
	}
	if n := len(rec.keyFrames); n != 0 {
		t.Errorf("%d more requests at once", n)
	}
	if got := peer.Stats().Feedback.PLIs; got == 0 {
		t.Error("no PLI was counted")
	}
}

func TestMessagesArrive(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})
	await(t, "open input channel", client.inputOpen)

	must(t, client.input.Send([]byte{1, 2, 3}))
	if got := await(t, "input", rec.input); !bytes.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("input %v", got)
	}
	must(t, client.control.Send(make([]byte, maxControl+1)))
	for i := range 300 {
		must(t, client.control.Send([]byte{byte(i)}))
	}
	for i := range 300 {
		if got := await(t, "control message", rec.control); len(got) != 1 || got[0] != byte(i) {
			t.Fatalf("control message %d is %v", i, got)
		}
	}
	if got := peer.Stats().Channels; got.Oversize != 1 || got.Messages != 301 {
		t.Errorf("counted %+v", got)
	}
}

func TestChannelsOfOtherNamesAreClosed(t *testing.T) {
	s := newServer(t, Config{})
	client := newPlayer(t, playerOptions{})
	other, err := client.pc.CreateDataChannel("other", nil)
	must(t, err)
	closed := make(chan struct{})
	other.OnClose(func() { close(closed) })
	_, answer, err := s.Offer(context.Background(), client.offer(t), Handlers{})
	must(t, err)
	client.accept(t, answer)
	await(t, "close of the unknown channel", closed)
}

// TestAClientThatOpensChannels: what the library keeps of each would fill the
// memory.
func TestAClientThatOpensChannels(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})
	for range maxChannels {
		// It may have been given up before the last.
		_, _ = client.pc.CreateDataChannel(ChannelInput, nil)
	}
	await(t, "end", rec.ended)
	await(t, "freed peer", peer.Done())
}

func TestPeersShareOnePort(t *testing.T) {
	s := newServer(t, Config{})
	one, clientOne, _ := connect(t, s, playerOptions{})
	two, clientTwo, _ := connect(t, s, playerOptions{})
	a, b := keyUnit(3000), keyUnit(3000)
	must(t, one.WriteFrame(H264, a, time.Now()))
	must(t, two.WriteFrame(H264, b, time.Now()))
	if got := await(t, "frame", clientOne.units); !bytes.Equal(got.annexB, a) {
		t.Error("the first player got another picture")
	}
	if got := await(t, "frame", clientTwo.units); !bytes.Equal(got.annexB, b) {
		t.Error("the second player got another picture")
	}
	must(t, one.Close())
	if s.Peers() != 1 {
		t.Errorf("%d peers left, want 1", s.Peers())
	}
	b = deltaUnit(3000)
	must(t, two.WriteFrame(H264, b, time.Now()))
	if got := await(t, "frame", clientTwo.units); !bytes.Equal(got.annexB, b) {
		t.Error("the second player lost its picture with the first one's end")
	}
}

func TestReportsComeBack(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, _ := connect(t, s, playerOptions{})
	must(t, peer.WriteFrame(H264, keyUnit(500), time.Now()))
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(bound)
	for peer.Stats().Remote.RTT == 0 {
		select {
		case <-ticker.C:
			must(t, peer.WriteFrame(H264, deltaUnit(500), time.Now()))
		case <-client.units:
		case <-deadline:
			t.Fatalf("no round trip in %+v", peer.Stats().Remote)
		}
	}
	// A packet that is on its way when the client reports may count as lost.
	if got := peer.Stats().Remote; got.RTT > 5*time.Second || got.Lost > 3 {
		t.Errorf("client reported %+v", got)
	}
}

func TestDisconnected(t *testing.T) {
	quick := Timeouts{
		Connect: time.Second, Disconnected: 300 * time.Millisecond,
		Failed: 300 * time.Millisecond, KeepAlive: 100 * time.Millisecond,
	}
	ended := func(t *testing.T, peer *Peer, rec *recorder, want string) {
		t.Helper()
		if reason := await(t, "end", rec.ended); !strings.Contains(reason, want) {
			t.Errorf("reason %q, want one with %q", reason, want)
		}
		await(t, "freed peer", peer.Done())
		if err := peer.WriteFrame(H264, keyUnit(100), time.Now()); !errors.Is(err, ErrPeerClosed) {
			t.Errorf("a frame after the end: %v", err)
		}
		must(t, peer.Close())
	}
	t.Run("the client closes", func(t *testing.T) {
		s := newServer(t, Config{Timeouts: quick})
		peer, client, rec := connect(t, s, playerOptions{})
		client.close()
		ended(t, peer, rec, "closed")
	})
	t.Run("the client vanishes", func(t *testing.T) {
		s := newServer(t, Config{Timeouts: quick})
		cut := newCutNet(t)
		peer, _, rec := connect(t, s, playerOptions{settings: cut.use})
		cut.cut()
		ended(t, peer, rec, "stopped answering")
	})
	t.Run("the client never connects", func(t *testing.T) {
		s := newServer(t, Config{Timeouts: quick})
		rec, client := newRecorder(), newPlayer(t, playerOptions{})
		peer, _, err := s.Offer(context.Background(), client.offer(t), rec.handlers())
		must(t, err)
		if reason := await(t, "end", rec.ended); reason == "" {
			t.Error("no reason")
		}
		await(t, "freed peer", peer.Done())
	})
}

func TestClose(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})
	must(t, s.Close())
	must(t, s.Close())
	must(t, peer.Close())
	if len(rec.ended) != 0 {
		t.Error("Disconnected was called after Close")
	}
	if _, _, err := s.Offer(context.Background(), client.pc.LocalDescription().SDP, Handlers{}); !errors.Is(err, ErrServerClosed) {
		t.Errorf("an offer after Close: %v", err)
	}
}

func TestAddressInUse(t *testing.T) {
	s := newServer(t, Config{})
	addr := s.Addr().String()
	_, err := Listen(Config{UDPAddr: addr})
	var inUse *AddressInUseError
	if !errors.As(err, &inUse) || inUse.Addr != addr || !strings.Contains(err.Error(), addr) {
		t.Errorf("a second server on %s: %v", addr, err)
	}
}

func TestOffersThatCannotBeAnswered(t *testing.T) {
	s := newServer(t, Config{})
	good := newPlayer(t, playerOptions{}).offer(t)
	mode0 := strings.ReplaceAll(good, "packetization-mode=1", "packetization-mode=0")
	for name, tc := range map[string]struct {
		offer string
		want  error
	}{
		"empty":                {"", ErrNotSDP},
		"garbage":              {"hello\x00world", ErrNotSDP},
		"no media":             {"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", ErrNoVideo},
		"sends only":           {strings.ReplaceAll(good, "a=recvonly", "a=sendonly"), ErrNoVideo},
		"no H.264":             {strings.ReplaceAll(good, "H264/90000", "VP8/90000"), ErrNoCodec},
		"packetization-mode 0": {mode0, ErrNoCodec},
		"no ICE":               {strings.ReplaceAll(good, "a=ice-", "a=x-"), ErrOfferRefused},
		"many candidates": {good + strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", maxCandidates+1),
			ErrOfferRefused},
		"no fingerprint": {strings.ReplaceAll(good, "a=fingerprint", "a=x"), ErrOfferRefused},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := s.Offer(context.Background(), tc.offer, Handlers{}); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	if s.Peers() != 0 {
		t.Errorf("%d peers left behind", s.Peers())
	}
}
