package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/turn/v5"
	"github.com/pion/webrtc/v4"

	"github.com/playcast/playcast/streamer/encode"
)

func relayed(t *testing.T) *Server {
	t.Helper()
	return newServer(t, Config{Relay: Relay{Addr: "127.0.0.1:0", Host: "127.0.0.1"}})
}

// relayOnly lets a client out by the relay alone.
func relayOnly(s *Server, protocol string) webrtc.Configuration {
	config := webrtc.Configuration{ICETransportPolicy: webrtc.ICETransportPolicyRelay}
	for _, server := range s.ICEServers("somebody") {
		if strings.HasSuffix(server.URL, protocol) {
			config.ICEServers = append(config.ICEServers, webrtc.ICEServer{
				URLs: []string{server.URL}, Username: server.Username, Credential: server.Credential,
			})
		}
	}
	return config
}

func TestAClientPlaysByTheRelay(t *testing.T) {
	for _, protocol := range []string{"udp", "tcp"} {
		t.Run(protocol, func(t *testing.T) {
			s := relayed(t)
			peer, client, rec := connect(t, s, playerOptions{config: relayOnly(s, protocol)})
			unit := keyUnit(60_000)
			must(t, peer.WriteFrame(H264, unit, time.Now()))
			if got := await(t, "frame", client.units); !bytes.Equal(got.annexB, unit) {
				t.Error("the frame differs")
			}
			await(t, "open input channel", client.inputOpen)
			must(t, client.input.Send([]byte{1, 2, 3}))
			await(t, "input", rec.input)
			pair, err := client.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
			must(t, err)
			if pair.Local.Typ != webrtc.ICECandidateTypeRelay {
				t.Errorf("connected by %v", pair)
			}
		})
	}
}

// turnClient speaks to the relay as a client that wishes for more.
func turnClient(t *testing.T, s *Server, name, password string) *turn.Client {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.relay.port))
	client, err := turn.NewClient(&turn.ClientConfig{
		TURNServerAddr: at, STUNServerAddr: at, Conn: conn, Username: name, Password: password, LoggerFactory: pionLogs{to: discard},
	})
	must(t, err)
	must(t, client.Listen())
	t.Cleanup(func() { client.Close(); _ = conn.Close() })
	return client
}

func TestTheRelayIsNotOpen(t *testing.T) {
	s := relayed(t)
	access := s.ICEServers("somebody")[0]
	client := turnClient(t, s, access.Username, access.Credential)
	out, err := client.Allocate()
	must(t, err)
	defer out.Close()

	other, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	defer other.Close()
	if _, err := out.WriteTo([]byte("hello"), &net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 53}); err == nil {
		t.Error("another host was permitted")
	}
	// A port is no part of a permission, so this is dropped on its way.
	_, err = out.WriteTo([]byte("hello"), other.LocalAddr())
	must(t, err)
	// A request is answered, so that what was before it has been handled.
	must(t, client.CreatePermission(s.Addr()))
	_, err = other.(*net.UDPConn).WriteTo([]byte("mark"), other.LocalAddr())
	must(t, err)
	buf := make([]byte, 100)
	n, _, err := other.ReadFrom(buf)
	must(t, err)
	if string(buf[:n]) != "mark" {
		t.Errorf("another port heard %q", buf[:n])
	}
}

func TestTheRelaysCredentials(t *testing.T) {
	s := relayed(t)
	now := time.Now()
	good := s.relay.servers("somebody", now)[0]
	old := s.relay.servers("somebody", now.Add(-relayFor-time.Minute))[0]
	later := strings.Replace(good.Username, "1", "2", 1)
	for name, c := range map[string]struct{ name, password string }{
		"none":              {"", ""},
		"another password":  {good.Username, "guess"},
		"expired":           {old.Username, old.Credential},
		"for longer":        {later, good.Credential},
		"for somebody else": {strings.Replace(good.Username, "somebody", "you", 1), good.Credential},
		"no time":           {"somebody", s.relay.password("somebody")},
		"nobody":            {strings.TrimSuffix(good.Username, "somebody"), s.relay.password(strings.TrimSuffix(good.Username, "somebody"))},
	} {
		if conn, err := turnClient(t, s, c.name, c.password).Allocate(); err == nil {
			t.Errorf("%s: accepted", name)
			_ = conn.Close()
		}
	}
	if newServer(t, Config{}).ICEServers("somebody") != nil {
		t.Error("a server without a relay offers one")
	}
}

func TestAUserRelaysSoMuchAndNoMore(t *testing.T) {
	s := relayed(t)
	access := s.ICEServers("somebody")[0]
	allocate := func() (net.PacketConn, error) {
		return turnClient(t, s, access.Username, access.Credential).Allocate()
	}
	var open []net.PacketConn
	for range relayPerUser {
		conn, err := allocate()
		must(t, err)
		open = append(open, conn)
	}
	if _, err := allocate(); err == nil {
		t.Fatal("one too many was allowed")
	}
	must(t, open[0].Close())
	deadline := time.After(bound)
	for {
		if conn, err := allocate(); err == nil {
			_ = conn.Close()
			break
		}
		select {
		case <-deadline:
			t.Fatal("what was given back is not to be had")
		default:
		}
	}
	for _, conn := range open[1:] {
		_ = conn.Close()
	}
}

func TestABrowserPlaysByTheRelay(t *testing.T) {
	s := relayed(t)
	type iceServer struct {
		URLs       string `json:"urls"`
		Username   string `json:"username"`
		Credential string `json:"credential"`
	}
	var servers []iceServer
	for _, server := range s.ICEServers("somebody") {
		servers = append(servers, iceServer{server.URL, server.Username, server.Credential})
	}
	configuration, err := json.Marshal(map[string]any{"iceServers": servers, "iceTransportPolicy": "relay"})
	must(t, err)
	show := newFilm(t, encode.Config{Width: 320, Height: 180, FrameRate: 30, BitRate: 500_000})
	peers := make(chan *Peer, 1)
	browser := newChromium(t, pageOptions{configuration: string(configuration), offer: func(_, offer string) (string, error) {
		peer, answer, err := s.Offer(context.Background(), offer, Handlers{KeyFrame: show.encoder.ForceKeyFrame})
		if err == nil {
			peers <- peer
		}
		return answer, err
	}})
	show.cast = append(show.cast, await(t, "peer", peers))
	show.run(t)
	got := browser.until(t, "player", "the film", func(s seen) bool { return s.Frames > 30 })
	if got.CandidateType != "relay" {
		t.Errorf("connected by %q", got.CandidateType)
	}
}
