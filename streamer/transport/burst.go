package transport

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

const (
	// burstPackets is how many packets one system call may send, and
	// burstBytes how much: the kernel's UDP_MAX_SEGMENTS, and what an IP
	// packet that is yet to be cut may hold.
	burstPackets = 64
	burstBytes   = 60_000
)

// burstConn is a UDP socket that sends what is written between begin and end
// with few system calls: packets of one size to one address leave as one that
// the system cuts (generic segmentation offload). A frame of 10 Mb/s at 60
// fps takes some 30 % less processor time so (BenchmarkStream). What is written
// outside of a burst goes out at once.
//
// Packets to one address keep their order. Those of a burst go out by its end
// at the latest; what several senders write in bursts that overlap is told
// apart by its address. A packet that can't be sent is lost, as in a network;
// only end says so.
type burstConn struct {
	*net.UDPConn
	open   atomic.Int32 // bursts
	cannot atomic.Bool  // the system does not cut packets

	mu   sync.Mutex // over what follows
	runs []*run     // that hold packets
	free []*run
}

// run is packets of one size to one address, the last of which may be smaller.
type run struct {
	to   netip.AddrPort
	size int // of the first
	buf  []byte
}

// begin holds back what is written until end.
func (c *burstConn) begin() { c.open.Add(1) }

// end sends what was held back. It is called once after each begin.
func (c *burstConn) end() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, r := range c.runs {
		if err := c.send(r); err != nil {
			errs = append(errs, err)
		}
	}
	c.free, c.runs = append(c.free, c.runs...), c.runs[:0]
	c.open.Add(-1) // after that a packet may go out without looking here
	return errors.Join(errs...)
}

// ReadFromAddrPort and WriteToAddrPort are what the library reads and writes
// by, as it allocates nothing.
func (c *burstConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	return c.ReadFromUDPAddrPort(b)
}

// WriteToAddrPort takes a packet into a burst, if there is one, or sends it.
func (c *burstConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if c.open.Load() == 0 || len(b) > burstBytes {
		return c.WriteToUDPAddrPort(b, to)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open.Load() == 0 { // the burst has ended meanwhile
		return c.WriteToUDPAddrPort(b, to)
	}
	r := c.run(to)
	err := c.add(r, b)
	if err == nil && c.cannot.Load() {
		err = c.send(r) // what the system does not cut need not wait
	}
	return len(b), err
}

// run finds or begins the run to an address. It is called with mu held.
func (c *burstConn) run(to netip.AddrPort) *run {
	for _, r := range c.runs {
		if r.to == to {
			return r
		}
	}
	var r *run
	if last := len(c.free) - 1; last >= 0 {
		r, c.free = c.free[last], c.free[:last]
	} else {
		r = &run{buf: make([]byte, 0, burstBytes)}
	}
	r.to = to
	c.runs = append(c.runs, r)
	return r
}

// add appends a packet to a run, which is sent first where it does not fit.
func (c *burstConn) add(r *run, b []byte) (err error) {
	ended := r.size > 0 && len(r.buf)%r.size != 0 // by a smaller one
	if ended || len(b) > r.size || len(r.buf)+len(b) > burstBytes || len(r.buf) == burstPackets*r.size {
		err = c.send(r)
	}
	if len(r.buf) == 0 {
		r.size = len(b)
	}
	r.buf = append(r.buf, b...)
	return err
}

// send empties a run.
func (c *burstConn) send(r *run) error {
	data, size := r.buf, r.size
	r.buf, r.size = r.buf[:0], 0
	if len(data) > size && !c.cannot.Load() {
		var control [32]byte
		_, _, err := c.WriteMsgUDPAddrPort(data, segmented(control[:], size), r.to)
		if !errors.Is(err, unix.EIO) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOPROTOOPT) {
			return err
		}
		// The device has no checksums, or the system does not know how.
		c.cannot.Store(true)
	}
	for len(data) > 0 {
		n := min(size, len(data))
		if _, err := c.WriteToUDPAddrPort(data[:n], r.to); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// segmented is the control message (cmsg(3)) that has a packet cut, as 64-bit
// systems lay it out.
func segmented(control []byte, size int) []byte {
	control = control[:unix.CmsgSpace(2)]
	length := unix.CmsgLen(2)
	binary.NativeEndian.PutUint64(control, uint64(length))
	binary.NativeEndian.PutUint32(control[8:], unix.SOL_UDP)
	binary.NativeEndian.PutUint32(control[12:], unix.UDP_SEGMENT)
	binary.NativeEndian.PutUint16(control[16:], uint16(size))
	return control
}
