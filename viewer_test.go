package main_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/streamer/input"
)

// viewer is a player's connection to the picture of a session.
type viewer struct {
	t       *testing.T
	player  *player
	pc      *webrtc.PeerConnection
	input   *webrtc.DataChannel
	address string // of the peer
	frames  atomic.Int64
	opened  chan struct{} // closed when input can be sent
	group   sync.WaitGroup
	sent    input.Message // the last one
}

// connect connects to a session by WHEP, and returns when the picture runs.
func (c *player) connect(session string) *viewer {
	c.t.Helper()
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		c.t.Fatal(err)
	}
	v := &viewer{t: c.t, player: c, pc: pc, opened: make(chan struct{})}
	c.t.Cleanup(v.close)
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { v.group.Go(func() { v.count(track) }) })
	if _, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		c.t.Fatal(err)
	}
	var unordered bool
	var retransmits uint16
	if v.input, err = pc.CreateDataChannel("input", &webrtc.DataChannelInit{Ordered: &unordered, MaxRetransmits: &retransmits}); err != nil {
		c.t.Fatal(err)
	}
	v.input.OnOpen(func() { close(v.opened) })
	if _, err := pc.CreateDataChannel("control", nil); err != nil {
		c.t.Fatal(err)
	}
	v.signal(session)
	v.await(1)
	select {
	case <-v.opened:
	case <-time.After(bound):
		c.t.Fatalf("the input channel is not open after %s", bound)
	}
	return v
}

// signal exchanges the offer, with all its candidates, for the answer.
func (v *viewer) signal(session string) {
	v.t.Helper()
	offer, err := v.pc.CreateOffer(nil)
	if err != nil {
		v.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(v.pc)
	if err := v.pc.SetLocalDescription(offer); err != nil {
		v.t.Fatal(err)
	}
	<-gathered
	whep := v.player.url + "/v1/sessions/" + session + "/whep"
	answer := v.player.do(http.MethodPost, whep, sdp(v.pc.LocalDescription().SDP))
	v.player.must(http.StatusCreated, answer, nil)
	v.address = v.player.redirected(answer).String()
	description := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer.body)}
	if err := v.pc.SetRemoteDescription(description); err != nil {
		v.t.Fatal(err)
	}
}

// count counts frames: the last packet of each is marked (RFC 6184, 5.1).
func (v *viewer) count(track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return // the connection has ended
		}
		if packet.Marker {
			v.frames.Add(1)
		}
	}
}

// await waits for more frames.
func (v *viewer) await(more int64) {
	v.t.Helper()
	enough := v.frames.Load() + more
	eventually(v.t, "frames of the picture", func() (bool, any) {
		seen := v.frames.Load()
		return seen >= enough, seen
	})
}

// press presses a key and releases it.
func (v *viewer) press(name string) {
	v.t.Helper()
	code, known := input.KeyCode(name)
	if !known {
		v.t.Fatalf("no key %q", name)
	}
	for _, pressed := range []bool{true, false} {
		m := &v.sent
		m.Sequence++
		m.Changes++
		m.Recent = append(m.Recent, input.Change{Code: code, Pressed: pressed})
		m.Recent = m.Recent[max(0, len(m.Recent)-input.MaxRecent):]
		m.Held = nil
		if pressed {
			m.Held = []input.Code{code}
		}
		wire, err := m.Append(nil)
		if err != nil {
			v.t.Fatal(err)
		}
		if err := v.input.Send(wire); err != nil {
			v.t.Fatalf("send input: %v", err)
		}
	}
}

// leave says farewell, as a page does that is closed.
func (v *viewer) leave() {
	v.t.Helper()
	v.player.must(http.StatusNoContent, v.player.do(http.MethodDelete, v.address, nil), nil)
	v.close()
}

// close ends the connection and waits for the end of the picture. It may be
// called again.
func (v *viewer) close() {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := v.pc.GracefulClose()
		v.group.Wait()
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			v.t.Errorf("close the connection: %v", err)
		}
	case <-ctx.Done():
		v.t.Errorf("the connection has not ended after %s", bound)
	}
}
