package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

const sampleFragment = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n" +
	"a=candidate:1 1 udp 2130706431 192.0.2.1 54321 typ host\r\n" +
	"a=candidate:2 1 udp 2130706431 b1a2.local 54322 typ host\r\n" +
	"a=end-of-candidates\r\n"

func TestParseFragment(t *testing.T) {
	f, err := parseFragment(sampleFragment)
	must(t, err)
	if f.ufrag != "EsAw" || f.pwd != "P2uYro0UCOQ4zxjKXaWCBui1" || !f.end || len(f.candidates) != 2 {
		t.Fatalf("parsed %+v", f)
	}
	if c := f.candidates[0]; c.mid != "0" || c.hidden() || !strings.HasPrefix(c.value, "1 1 udp") {
		t.Errorf("first candidate %+v", c)
	}
	if !f.candidates[1].hidden() {
		t.Error("a multicast DNS name is not seen as one")
	}
	for name, text := range map[string]string{
		"no SDP":          "hello",
		"half a secret":   "a=ice-ufrag:EsAw\r\n",
		"too long":        strings.Repeat("a=x\r\n", maxFragment/5+1),
		"no candidate":    "a=candidate:nonsense\r\n",
		"many candidates": strings.Repeat("a=candidate:1\r\n", maxCandidates+1),
	} {
		if _, err := parseFragment(text); !errors.Is(err, ErrBadFragment) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseFragment(f *testing.F) {
	f.Add(sampleFragment)
	f.Add("a=candidate:\nm=\na=mid")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseFragment(text)
		if err != nil {
			if !errors.Is(err, ErrBadFragment) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if len(parsed.candidates) > maxCandidates || (parsed.ufrag == "") != (parsed.pwd == "") {
			t.Fatalf("out of bounds: %+v", parsed)
		}
		for _, c := range parsed.candidates {
			c.hidden()
			if strings.ContainsAny(c.value+c.mid, "\r\n") && !strings.Contains(text, "\r") {
				t.Fatalf("a candidate of several lines: %q", c.value)
			}
		}
	})
}

func TestAddCandidates(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, _ := connect(t, s, playerOptions{})
	ufrag := firstUfrag(client.pc.LocalDescription().SDP)
	ice := firstUfrag(client.pc.RemoteDescription().SDP)
	body := strings.Replace(sampleFragment, "EsAw", ufrag, 1)
	must(t, peer.AddCandidates(ice, body))
	if err := peer.AddCandidates("other", body); !errors.Is(err, ErrOtherICE) {
		t.Errorf("another ICE session: %v", err)
	}
	if err := peer.AddCandidates(ice, sampleFragment); !errors.Is(err, ErrRestart) {
		t.Errorf("another ufrag: %v", err)
	}
	bad := "a=candidate:1 1 udp 1 999.0.0.1 5 typ host\r\n"
	if err := peer.AddCandidates(ice, bad); !errors.Is(err, ErrBadFragment) {
		t.Errorf("a candidate that is none: %v", err)
	}
	var many strings.Builder
	for i := range maxCandidates {
		fmt.Fprintf(&many, "a=candidate:%d 1 udp 2130706431 192.0.2.1 %d typ host\r\n", i, 1000+i)
	}
	if err := peer.AddCandidates(ice, many.String()); !errors.Is(err, ErrTooManyCandidates) {
		t.Errorf("past the bound: %v", err)
	}
	must(t, peer.Close())
	if err := peer.AddCandidates(ice, body); !errors.Is(err, ErrPeerClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestRestart(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, rec := connect(t, s, playerOptions{})
	before := client.pc.RemoteDescription().SDP

	offer, err := client.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	must(t, err)
	gathered := webrtc.GatheringCompletePromise(client.pc)
	must(t, client.pc.SetLocalDescription(offer))
	await(t, "gathered candidates", gathered)
	answer, err := peer.Restart(context.Background(), transportFragment(client.pc.LocalDescription().SDP))
	must(t, err)
	f, err := parseFragment(answer)
	must(t, err)
	if f.ufrag == firstUfrag(before) || !f.end || len(f.candidates) == 0 {
		t.Fatalf("the answer starts nothing anew: %q", answer)
	}
	connected := make(chan struct{}, 1)
	client.pc.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		if state == webrtc.ICEConnectionStateConnected {
			connected <- struct{}{}
		}
	})
	client.accept(t, restarted(before, f))
	for _, c := range f.candidates {
		must(t, client.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: "candidate:" + c.value, SDPMid: &c.mid}))
	}
	await(t, "connection over the new ICE session", connected)

	unit := keyUnit(20_000)
	must(t, peer.WriteFrame(H264, unit, time.Now()))
	if got := await(t, "frame", client.units); !bytes.Equal(got.annexB, unit) {
		t.Error("the frame differs")
	}
	if len(rec.connected) != 0 || len(rec.ended) != 0 {
		t.Error("the streamer was told of a restart")
	}
	if _, err := peer.Restart(context.Background(), transportFragment(client.pc.LocalDescription().SDP)); !errors.Is(err, ErrBadFragment) {
		t.Errorf("a restart with the same credentials: %v", err)
	}
}

func TestARestartThatIsRefusedChangesNothing(t *testing.T) {
	s := newServer(t, Config{})
	peer, client, _ := connect(t, s, playerOptions{})
	const password = "a=ice-pwd:0123456789012345678901\r\n"
	for name, frag := range map[string]string{
		"no credentials":   "a=end-of-candidates\r\n",
		"a short password": "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n",
		"a line within":    "a=ice-ufrag:abcd\ra=setup:passive\r\n" + password,
		"a bad candidate":  "a=ice-ufrag:abcd\r\n" + password + "a=candidate:nonsense\r\n",
	} {
		if _, err := peer.Restart(context.Background(), frag); !errors.Is(err, ErrBadFragment) {
			t.Errorf("%s: %v", name, err)
		}
	}
	unit := keyUnit(20_000)
	must(t, peer.WriteFrame(H264, unit, time.Now()))
	if got := await(t, "frame", client.units); !bytes.Equal(got.annexB, unit) {
		t.Error("the frame differs")
	}
}
