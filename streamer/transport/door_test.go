package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// dialFrom connects from one of this machine's loopback addresses.
func dialFrom(t *testing.T, from string, to net.Addr) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: bound}
	conn, err := dialer.Dial("tcp", to.String())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestOnePlaceKeepsNobodyElseOut(t *testing.T) {
	s := newServer(t, Config{TCPAddr: "127.0.0.1:0"})
	for range tcpClients + doorPlaces {
		dialFrom(t, "127.0.0.2", s.TCPAddr())
	}
	_, client, _ := connect(t, s, playerOptions{settings: tcpOnly})
	pair, err := client.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	must(t, err)
	if pair.Remote.Protocol != webrtc.ICEProtocolTCP {
		t.Errorf("connected by %v", pair)
	}
}

func TestTheDoorHasPlacesAgain(t *testing.T) {
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer tcp.Close()
	d := newDoor(tcp, 0)
	let := make(chan net.Conn, doorPlaces+2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for conn, err := d.Accept(); err == nil; conn, err = d.Accept() {
			let <- conn
		}
	}()
	for range doorPlaces {
		dialFrom(t, "127.0.0.2", tcp.Addr())
	}
	inside := make([]net.Conn, doorPlaces)
	for i := range inside {
		inside[i] = await(t, "connection", let)
	}
	beyond := dialFrom(t, "127.0.0.2", tcp.Addr())
	must(t, beyond.SetReadDeadline(time.Now().Add(bound)))
	if _, err := beyond.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) || err == nil {
		t.Errorf("one connection too many is let in: %v", err)
	}
	must(t, inside[0].Close())
	_ = inside[0].Close() // frees no second place
	dialFrom(t, "127.0.0.2", tcp.Addr())
	must(t, await(t, "connection", let).Close())
	for _, conn := range inside[1:] {
		must(t, conn.Close())
	}
	must(t, tcp.Close())
	<-done
	if len(d.from) != 0 {
		t.Errorf("places taken: %v", d.from)
	}
}

func TestTheRelayWaitsForNobody(t *testing.T) {
	s := relayed(t)
	conn := dialFrom(t, "127.0.0.1", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.relay.port})
	must(t, conn.SetReadDeadline(time.Now().Add(bound)))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a connection on which nothing comes: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7":         "192.0.2.7/32",
		"::ffff:192.0.2.7":  "192.0.2.7/32",
		"2001:db8::1:2:3:4": "2001:db8::/64",
	} {
		if got := placeOf(&net.TCPAddr{IP: net.ParseIP(address)}); got.String() != want {
			t.Errorf("%s is of %v", address, got)
		}
	}
}
