package transport

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// doorPlaces is how many connections there may be at once from one place: one
// who opens them for nothing keeps nobody else out. A client needs one or two;
// behind one address there may be many.
const doorPlaces = 64

// door accepts connections, and ends at once those beyond doorPlaces. Where
// patience is set, one on which nothing comes for tcpPatience ends, and so does
// one on which nothing more comes for patience.
type door struct {
	net.Listener
	patience time.Duration

	mu   sync.Mutex
	from map[netip.Prefix]int // connections open
}

func newDoor(listener net.Listener, patience time.Duration) *door {
	return &door{Listener: listener, patience: patience, from: map[netip.Prefix]int{}}
}

// Accept waits for a connection. That it can't be used is found when it is
// read: an error of Accept would end the listening.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		place := placeOf(conn.RemoteAddr())
		if !d.take(place) {
			_ = conn.Close() // whoever opened it has others
			continue
		}
		g := &guest{Conn: conn, patience: d.patience, leave: sync.OnceFunc(func() { d.give(place) })}
		if d.patience > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(tcpPatience))
		}
		return g, nil
	}
}

// placeOf is what one holder of addresses has: one of IPv4, a /64 of IPv6.
func placeOf(addr net.Addr) netip.Prefix {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	place, err := ip.Prefix(min(ip.BitLen(), 64))
	if err != nil {
		return netip.Prefix{}
	}
	return place
}

func (d *door) take(place netip.Prefix) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from[place] >= doorPlaces {
		return false
	}
	d.from[place]++
	return true
}

func (d *door) give(place netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from[place]--; d.from[place] == 0 {
		delete(d.from, place)
	}
}

// guest is a connection that has been let in.
type guest struct {
	net.Conn
	patience time.Duration
	leave    func()
}

// Read gives it more time when something comes.
func (g *guest) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	if err == nil && g.patience > 0 {
		err = g.SetReadDeadline(time.Now().Add(g.patience))
	}
	return n, err
}

// Close frees its place.
func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}
