package transport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"

	"github.com/pion/turn/v5"
)

// errRelay refuses what a client asks of the relay.
var errRelay = errors.New("the relay does not do that")

// relayTries is how many ports are tried before there is said to be none.
const relayTries = 16

// relayPorts opens the sockets that the relay sends from, for each user no
// more than relayPerUser.
type relayPorts struct {
	min, max int
	media    *net.UDPAddr
	bind     net.IP // where they are
	name     net.IP // what is told of it

	mu    sync.Mutex
	users map[string]int // sockets open
}

var _ turn.RelayAddressGenerator = (*relayPorts)(nil)

// newRelayPorts: only this server sends to the relay, so that its sockets are
// where the media is, and are called by an address that this machine has.
func newRelayPorts(cfg Relay, media *net.UDPAddr) *relayPorts {
	p := &relayPorts{
		min: cfg.MinPort, max: cfg.MaxPort, media: media, users: map[string]int{},
		bind: media.IP, name: media.IP,
	}
	if media.IP.To4() == nil {
		p.bind, p.name = net.IPv4zero, net.IPv4(127, 0, 0, 1)
	}
	return p
}

// Validate finds nothing wrong: the configuration has been looked at.
func (p *relayPorts) Validate() error { return nil }

// AllocatePacketConn opens a socket for a user.
func (p *relayPorts) AllocatePacketConn(c turn.AllocateListenerConfig) (net.PacketConn, net.Addr, error) {
	if c.Network != "udp4" || c.RequestedPort != 0 {
		return nil, nil, fmt.Errorf("%w: %s port %d", errRelay, c.Network, c.RequestedPort)
	}
	if !p.take(c.UserID) {
		return nil, nil, fmt.Errorf("%w: %s relays %d times at once", errRelay, c.UserID, relayPerUser)
	}
	for range relayTries {
		port := p.min + rand.IntN(p.max-p.min+1)
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: p.bind, Port: port})
		if err != nil {
			continue
		}
		// The sockets carry a stream each, as the media socket does.
		_ = conn.SetReadBuffer(socketBuffer)
		give := sync.OnceFunc(func() { p.give(c.UserID) })
		return &relaySocket{UDPConn: conn, port: p.media.Port, give: give}, &net.UDPAddr{IP: p.name, Port: port}, nil
	}
	p.give(c.UserID)
	return nil, nil, fmt.Errorf("%w: no port from %d to %d is free", errRelay, p.min, p.max)
}

// AllocateListener and AllocateConn refuse to relay TCP (RFC 6062).
func (p *relayPorts) AllocateListener(turn.AllocateListenerConfig) (net.Listener, net.Addr, error) {
	return nil, nil, errRelay
}

// AllocateConn refuses, too.
func (p *relayPorts) AllocateConn(turn.AllocateConnConfig) (net.Conn, error) { return nil, errRelay }

func (p *relayPorts) take(user string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users[user] >= relayPerUser {
		return false
	}
	p.users[user]++
	return true
}

func (p *relayPorts) give(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users[user]--; p.users[user] == 0 {
		delete(p.users, user)
	}
}

// relaySocket sends to the media port and to no other; the addresses have been
// looked at by mediaOnly.
type relaySocket struct {
	*net.UDPConn
	port int
	give func()
}

// WriteTo drops what is for another port, as a network would.
func (s *relaySocket) WriteTo(b []byte, to net.Addr) (int, error) {
	if udp, ok := to.(*net.UDPAddr); !ok || udp.Port != s.port {
		return len(b), nil
	}
	return s.UDPConn.WriteTo(b, to)
}

// Close frees the user's place.
func (s *relaySocket) Close() error {
	s.give()
	return s.UDPConn.Close()
}

// mediaOnly permits the addresses under which the media is offered.
func mediaOnly(media *net.UDPAddr, public []string) turn.PermissionHandler {
	return func(_ net.Addr, peer net.IP) bool {
		if !media.IP.IsUnspecified() {
			return peer.Equal(media.IP)
		}
		if slices.ContainsFunc(public, func(ip string) bool { return peer.Equal(net.ParseIP(ip)) }) {
			return true
		}
		own, err := net.InterfaceAddrs()
		return err == nil && slices.ContainsFunc(own, func(a net.Addr) bool {
			network, ok := a.(*net.IPNet)
			return ok && network.IP.Equal(peer)
		})
	}
}
