package transport

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

func TestAnswerTakesTheBestH264OfTheOffer(t *testing.T) {
	const fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id="
	for name, tc := range map[string]struct {
		codecs []webrtc.RTPCodecParameters
		want   webrtc.PayloadType
	}{
		"Constrained Baseline before others": {
			[]webrtc.RTPCodecParameters{h264(102, fmtp+"64001f"), h264(104, fmtp+"42001f"), h264(106, fmtp+"42e02a")}, 106},
		"high only":     {[]webrtc.RTPCodecParameters{h264(102, fmtp+"640c1f")}, 102},
		"level 4.2":     {[]webrtc.RTPCodecParameters{h264(108, fmtp+"42c02a")}, 108},
		"upper case":    {[]webrtc.RTPCodecParameters{h264(102, fmtp+"4D001F"), h264(104, fmtp+"42E01F")}, 104},
		"not of mode 0": {[]webrtc.RTPCodecParameters{h264(102, "packetization-mode=0;profile-level-id=42e01f"), h264(104, fmtp+"4d001f")}, 104},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, Config{})
			peer, client, _ := connect(t, s, playerOptions{codecs: tc.codecs})
			must(t, peer.WriteFrame(H264, keyUnit(100), time.Now()))
			await(t, "frame", client.units)
			if got := peer.track.payloads[H264]; got != tc.want {
				t.Errorf("payload type %d, want %d", got, tc.want)
			}
		})
	}
}

// The server's order of codecs counts, whatever the offer's is.
func TestTheServerChoosesTheCodec(t *testing.T) {
	s := newServer(t, Config{})
	av1 := h264(45, "profile=0")
	av1.MimeType = webrtc.MimeTypeAV1
	offer := newPlayer(t, playerOptions{codecs: []webrtc.RTPCodecParameters{h264(102, baseline), av1}}).offer(t)
	for _, want := range [][]Codec{{AV1, H264}, {H264, AV1}, {AV1}, {H264}} {
		wished := slices.Insert(slices.Clone(want), 0, H265) // which is not in the offer
		peer, answer, err := s.Offer(context.Background(), offer, Handlers{}, wished...)
		must(t, err)
		if got := peer.Codecs(); !slices.Equal(got, want) {
			t.Errorf("of %v the peer takes %v", wished, got)
		}
		for _, c := range []Codec{AV1, H264} {
			if got := strings.Contains(answer, c.String()+"/90000"); got != slices.Contains(want, c) {
				t.Errorf("%v is in the answer for %v: %t", c, wished, got)
			}
		}
		if err := peer.WriteFrame(H265, keyUnit(10), time.Now()); !errors.Is(err, ErrOtherCodec) {
			t.Errorf("a frame that the client does not take: %v", err)
		}
		must(t, peer.Close())
	}
}

func TestAnswerIsOneSocketWithAllItsCandidates(t *testing.T) {
	s := newServer(t, Config{PublicIPs: []string{"203.0.113.7"}})
	_, answer, err := s.Offer(context.Background(), newPlayer(t, playerOptions{}).offer(t), Handlers{})
	must(t, err)
	for _, want := range []string{
		"a=setup:passive", "a=sendonly", "a=end-of-candidates", " 127.0.0.1 ", " 203.0.113.7 ",
		uriPlayoutDelay, uriAbsCaptureTime, "a=rtcp-fb:102 transport-cc", "a=fmtp:103 apt=102",
	} {
		if !strings.Contains(answer, want) {
			t.Errorf("the answer has no %q:\n%s", want, answer)
		}
	}
	_, port, _ := strings.Cut(s.Addr().String(), ":")
	for line := range strings.Lines(answer) {
		if strings.HasPrefix(line, "a=candidate:") && !strings.Contains(line, " "+port+" ") {
			t.Errorf("a candidate of another port than %s: %s", port, line)
		}
	}
}

func FuzzReadOffer(f *testing.F) {
	f.Add("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" +
		"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n")
	f.Fuzz(func(t *testing.T, offer string) {
		found, err := readOffer(offer, []Codec{H264, AV1})
		if (err == nil) != (len(found.video) > 0) {
			t.Fatalf("%d codecs and error %v", len(found.video), err)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]Config{
		"public IP":     {PublicIPs: []string{"example.org"}},
		"bitrates":      {Bitrate: Bitrate{Min: 10, Start: 5, Max: 20}},
		"playout delay": {PlayoutDelay: PlayoutDelay{Min: 2, Max: 1}},
		"timeouts":      {Timeouts: Timeouts{Failed: -1}},
		"address":       {UDPAddr: "nowhere"},
	} {
		if s, err := Listen(cfg); err == nil {
			t.Errorf("%s: accepted", name)
			must(t, s.Close())
		}
	}
}
