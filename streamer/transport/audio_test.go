package transport

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestSoundArrives(t *testing.T) {
	for name, sections := range map[string][]string{
		"after video":  {"video", "audio"},
		"before video": {"audio", "video"},
		"two of each":  {"audio", "video", "audio", "video"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, Config{})
			peer, client, _ := connect(t, s, playerOptions{sections: sections})
			now := time.Now()
			picture := keyUnit(9000)
			must(t, peer.WriteFrame(H264, picture, now))
			for i := range 5 {
				must(t, peer.WriteAudio([]byte{0xfc, byte(i)}, now.Add(time.Duration(i)*audioPacket)))
			}
			if got := await(t, "frame", client.units); !bytes.Equal(got.annexB, picture) {
				t.Error("the frame differs")
			}
			first := await(t, "sound", client.sound)
			for i := range 5 {
				got := first
				if i > 0 {
					got = await(t, "sound", client.sound)
				}
				if got.Payload[1] != byte(i) || got.Timestamp-first.Timestamp != uint32(i)*480 || got.Marker != (i == 0) || got.PayloadType != 111 {
					t.Errorf("packet %d: %v %v", i, got.Header, got.Payload)
				}
			}
			answer := client.pc.RemoteDescription().SDP
			if got := strings.Count(answer, "a=sendonly"); got != 2 {
				t.Errorf("the answer sends %d tracks:\n%s", got, answer)
			}
			for _, want := range []string{"minptime=10;useinbandfec=1;stereo=1", "msid:playcast-audio audio", "msid:playcast-video video"} {
				if !strings.Contains(answer, want) {
					t.Errorf("the answer has no %q:\n%s", want, answer)
				}
			}
		})
	}
}

func TestSoundNobodyTakes(t *testing.T) {
	s := newServer(t, Config{})
	offer := newPlayer(t, playerOptions{sections: []string{"audio", "video"}}).offer(t)
	for name, offer := range map[string]string{
		"no section":    newPlayer(t, playerOptions{}).offer(t),
		"no Opus":       strings.Replace(offer, "opus/48000/2", "PCMU/8000", 1),
		"it only sends": strings.Replace(offer, "a=recvonly", "a=sendonly", 1),
		"inactive":      strings.Replace(offer, "a=recvonly", "a=inactive", 1),
	} {
		t.Run(name, func(t *testing.T) {
			peer, answer, err := s.Offer(context.Background(), offer, Handlers{})
			must(t, err)
			if err := peer.WriteAudio([]byte{1}, time.Now()); !errors.Is(err, ErrNoAudio) {
				t.Errorf("got %v", err)
			}
			if strings.Count(answer, "a=sendonly") != 1 || strings.Contains(answer, "playcast-audio") {
				t.Errorf("the answer promises sound:\n%s", answer)
			}
			if sections := strings.Count(answer, "\nm="); sections != strings.Count(offer, "\nm=") {
				t.Errorf("%d sections in the answer:\n%s", sections, answer)
			}
			must(t, peer.Close())
			if err := peer.WriteAudio([]byte{1}, time.Now()); !errors.Is(err, ErrPeerClosed) {
				t.Errorf("after the end: %v", err)
			}
		})
	}
}

func TestSoundKeepsItsTime(t *testing.T) {
	track, start := newAudioTrack(111), time.Now()
	base := track.header.Timestamp + audioTicks
	for _, step := range []struct {
		at   time.Duration
		want uint32
	}{
		{0, 0},
		{11 * time.Millisecond, 480}, // captured unevenly, played evenly
		{19 * time.Millisecond, 960},
		{130 * time.Millisecond, 130 * 48},     // 100 ms of silence were left out
		{141 * time.Millisecond, 130*48 + 480}, //
		{60 * time.Millisecond, 130*48 + 960},  // it never goes back
		{70 * time.Millisecond, 130*48 + 1440},
	} {
		track.stamp(start.Add(step.at))
		if got := track.header.Timestamp - base; got != step.want {
			t.Errorf("at %v: %d ticks, want %d", step.at, got, step.want)
		}
	}
}
