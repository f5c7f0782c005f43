package transport

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
	"github.com/pion/webrtc/v4"
)

// cutNet is a network that can be cut: what is written after that goes
// nowhere, with no error, as when a cable is pulled. It can also lose RTP on
// its way in, before anything has seen it.
type cutNet struct {
	transport.Net
	isCut atomic.Bool
	lose  func(*rtp.Header) bool // called by one goroutine at a time; may be nil
	mu    sync.Mutex
}

func newCutNet(t testing.TB) *cutNet {
	t.Helper()
	inner, err := stdnet.NewNet()
	must(t, err)
	return &cutNet{Net: inner}
}

func (n *cutNet) use(s *webrtc.SettingEngine) { s.SetNet(n) }
func (n *cutNet) cut()                        { n.isCut.Store(true) }

func (n *cutNet) ListenUDP(network string, addr *net.UDPAddr) (transport.UDPConn, error) {
	conn, err := n.Net.ListenUDP(network, addr)
	return &cutConn{UDPConn: conn, net: n}, err
}

type cutConn struct {
	transport.UDPConn
	net *cutNet
}

func (c *cutConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.net.isCut.Load() {
		return len(b), nil
	}
	return c.UDPConn.WriteTo(b, to)
}

func (c *cutConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.UDPConn.ReadFrom(b)
		if err != nil || !c.net.lost(b[:n]) {
			return n, from, err
		}
	}
}

func (n *cutNet) lost(packet []byte) bool {
	var h rtp.Header
	if n.lose == nil || !isRTP(packet) {
		return false
	}
	if _, err := h.Unmarshal(packet); err != nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lose(&h)
}
