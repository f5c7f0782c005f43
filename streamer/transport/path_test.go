package transport

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// longPath is a way to a server that takes time and loses what the server
// sends: for each client that sends to it, a socket towards the server.
type longPath struct {
	conn   *net.UDPConn
	server *net.UDPAddr
	delay  time.Duration // each way
	loss   float64       // of RTP from the server
	isCut  atomic.Bool
	used   atomic.Int64 // packets of RTP that went by it

	mu      sync.Mutex
	clients map[string]*net.UDPConn
	wg      sync.WaitGroup
}

func newLongPath(t *testing.T, server net.Addr, delay time.Duration, loss float64) *longPath {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	p := &longPath{conn: conn, server: server.(*net.UDPAddr), delay: delay, loss: loss, clients: map[string]*net.UDPConn{}}
	p.wg.Go(p.listen)
	t.Cleanup(func() {
		_ = p.conn.Close()
		p.mu.Lock()
		for _, c := range p.clients {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

func (p *longPath) port() string { return strconv.Itoa(p.conn.LocalAddr().(*net.UDPAddr).Port) }

// listen takes what clients send, and opens a way back for each.
func (p *longPath) listen() {
	lines := map[string]func([]byte){}
	buf := make([]byte, 2000)
	for {
		n, from, err := p.conn.ReadFromUDP(buf)
		if err != nil {
			break
		}
		line := lines[from.String()]
		if line == nil {
			up, err := net.DialUDP("udp", nil, p.server)
			if err != nil {
				continue
			}
			p.mu.Lock()
			p.clients[from.String()] = up
			p.mu.Unlock()
			line = p.line(func(b []byte) { _, _ = up.Write(b) })
			lines[from.String()] = line
			p.wg.Go(func() { p.back(up, from) })
		}
		line(buf[:n])
	}
	for _, line := range lines {
		line(nil)
	}
}

func (p *longPath) back(up *net.UDPConn, to *net.UDPAddr) {
	line := p.line(func(b []byte) { _, _ = p.conn.WriteToUDP(b, to) })
	defer line(nil)
	random := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 2000)
	for {
		n, err := up.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || isRTP(buf[:n]) && random.Float64() < p.loss {
			continue
		}
		if isRTP(buf[:n]) {
			p.used.Add(1)
		}
		line(buf[:n])
	}
}

// line delivers packets in order after the delay; nil ends it.
func (p *longPath) line(deliver func([]byte)) func([]byte) {
	type late struct {
		due time.Time
		b   []byte
	}
	queue := make(chan late, 10_000)
	p.wg.Go(func() {
		for packet := range queue {
			time.Sleep(time.Until(packet.due))
			if !p.isCut.Load() {
				deliver(packet.b)
			}
		}
	})
	return func(b []byte) {
		if b == nil {
			close(queue)
			return
		}
		queue <- late{time.Now().Add(p.delay), append([]byte(nil), b...)}
	}
}

// isRTP tells RTP from STUN, DTLS and RTCP as RFC 7983 does.
func isRTP(b []byte) bool {
	return len(b) >= 12 && b[0]>>6 == 2 && (b[1]&0x7f < 64 || b[1]&0x7f >= 96)
}
