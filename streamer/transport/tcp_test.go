package transport

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/streamer/encode"
)

// tcpOnly is a client whose network lets no UDP out.
func tcpOnly(s *webrtc.SettingEngine) {
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
}

func TestAClientWithoutUDPConnectsByTCP(t *testing.T) {
	s := newServer(t, Config{TCPAddr: "127.0.0.1:0"})
	peer, client, rec := connect(t, s, playerOptions{settings: tcpOnly})
	unit := keyUnit(60_000)
	must(t, peer.WriteFrame(H264, unit, time.Now()))
	if got := await(t, "frame", client.units); !bytes.Equal(got.annexB, unit) {
		t.Error("the frame differs")
	}
	await(t, "open input channel", client.inputOpen)
	must(t, client.input.Send([]byte{1, 2, 3}))
	if got := await(t, "input", rec.input); !bytes.Equal(got, []byte{1, 2, 3}) {
		t.Errorf("input %v", got)
	}
	pair, err := client.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	must(t, err)
	if pair.Remote.Protocol != webrtc.ICEProtocolTCP || int(pair.Remote.Port) != s.TCPAddr().(*net.TCPAddr).Port {
		t.Errorf("connected by %v", pair)
	}
}

func TestTCPIsOfferedAfterUDP(t *testing.T) {
	s := newServer(t, Config{TCPAddr: "127.0.0.1:0", PublicIPs: []string{"203.0.113.7"}})
	client := newPlayer(t, playerOptions{})
	_, answer, err := s.Offer(context.Background(), client.offer(t), Handlers{})
	must(t, err)
	_, port, _ := net.SplitHostPort(s.TCPAddr().String())
	found := map[string]bool{}
	for line := range strings.Lines(answer) {
		fields := strings.Fields(line)
		if !strings.HasPrefix(line, "a=candidate:") || fields[2] != "tcp" {
			continue
		}
		found[fields[4]] = true
		if fields[5] != port || !strings.Contains(line, "tcptype passive") {
			t.Errorf("a TCP candidate that is not of our port: %s", line)
		}
	}
	if !found["127.0.0.1"] || !found["203.0.113.7"] {
		t.Errorf("TCP candidates of %v:\n%s", found, answer)
	}
}

func TestATCPConnectionThatSaysNothingOfUse(t *testing.T) {
	s := newServer(t, Config{TCPAddr: "127.0.0.1:0"})
	conn, err := net.Dial("tcp", s.TCPAddr().String())
	must(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n" + strings.Repeat("x", 70_000)))
	must(t, err)
	must(t, conn.SetReadDeadline(time.Now().Add(bound)))
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the server answers, or keeps it open: %v", err)
	}
}

func TestTCPAddressInUse(t *testing.T) {
	addr := newServer(t, Config{TCPAddr: "127.0.0.1:0"}).TCPAddr().String()
	_, err := Listen(Config{UDPAddr: "127.0.0.1:0", TCPAddr: addr})
	var inUse *AddressInUseError
	if !errors.As(err, &inUse) || !strings.Contains(err.Error(), "TCP address "+addr) {
		t.Errorf("a second server on %s: %v", addr, err)
	}
}

// TestABrowserConnectsByTCP hides the server's UDP from the browser.
func TestABrowserConnectsByTCP(t *testing.T) {
	s := newServer(t, Config{TCPAddr: "127.0.0.1:0"})
	show := newFilm(t, encode.Config{Width: 320, Height: 180, FrameRate: 30, BitRate: 500_000})
	peers := make(chan *Peer, 1)
	browser := newChromium(t, pageOptions{offer: func(_, offer string) (string, error) {
		peer, answer, err := s.Offer(context.Background(), withoutCandidates(offer), Handlers{KeyFrame: show.encoder.ForceKeyFrame})
		if err != nil {
			return "", err
		}
		peers <- peer
		var tcp strings.Builder
		for line := range strings.Lines(answer) {
			if !strings.HasPrefix(line, "a=candidate:") || strings.Contains(line, " tcp ") {
				tcp.WriteString(line)
			}
		}
		return tcp.String(), nil
	}})
	show.cast = append(show.cast, await(t, "peer", peers))
	show.run(t)
	got := browser.until(t, "player", "the film", func(s seen) bool { return s.Frames > 30 })
	if got.Protocol != "tcp" {
		t.Errorf("connected by %q", got.Protocol)
	}
}
