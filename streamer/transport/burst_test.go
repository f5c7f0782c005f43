package transport

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

func newBurstConn(t *testing.T) *burstConn {
	t.Helper()
	conn, err := listenUDP("127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &burstConn{UDPConn: conn}
}

func addrPort(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// receive takes the next packet.
func receive(t *testing.T, from *net.UDPConn) []byte {
	t.Helper()
	must(t, from.SetReadDeadline(time.Now().Add(bound)))
	buf := make([]byte, 2000)
	n, err := from.Read(buf)
	must(t, err)
	return buf[:n]
}

func TestABurstArrivesAsItWasWritten(t *testing.T) {
	for name, cannot := range map[string]bool{"cut by the system": false, "cut here": true} {
		t.Run(name, func(t *testing.T) {
			out := newBurstConn(t)
			to := []*burstConn{newBurstConn(t), newBurstConn(t)}
			sizes := []int{300, 300, 300, 40, 300, 300, 500, 500, 499, 500, 1, 1, 1, 1400, 20}
			for range 90 {
				sizes = append(sizes, 1200) // more than one call may send
			}
			sent := make([][][]byte, len(to))
			out.begin()
			for i, size := range sizes {
				if i == len(sizes)/2 {
					out.cannot.Store(cannot)
				}
				for j := range to {
					packet := make([]byte, size)
					for k := range packet {
						packet[k] = byte(rand.Uint32())
					}
					sent[j] = append(sent[j], packet)
					n, err := out.WriteToAddrPort(packet, addrPort(to[j].UDPConn))
					if must(t, err); n != size {
						t.Fatalf("%d of %d bytes taken", n, size)
					}
				}
			}
			must(t, out.end())
			for j := range to {
				for i, want := range sent[j] {
					if got := receive(t, to[j].UDPConn); !bytes.Equal(got, want) {
						t.Fatalf("packet %d to %d: %d bytes, want %d", i, j, len(got), len(want))
					}
				}
			}
		})
	}
}

func TestOutsideOfABurstNothingIsHeldBack(t *testing.T) {
	out, to := newBurstConn(t), newBurstConn(t)
	write := func(text string) {
		_, err := out.WriteToAddrPort([]byte(text), addrPort(to.UDPConn))
		must(t, err)
	}
	write("before")
	out.begin()
	out.begin() // another sender's
	write("in a")
	must(t, out.end())
	write("in b")
	must(t, out.end())
	write("after")
	for _, want := range []string{"before", "in a", "in b", "after"} {
		if got := receive(t, to.UDPConn); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	out.begin()
	must(t, out.end())
	if len(out.runs) != 0 || len(out.free) != 1 {
		t.Errorf("%d runs held, %d free", len(out.runs), len(out.free))
	}
}

// TestNothingIsLeftBehind has one write while another begins and ends bursts:
// a packet that comes as one ends goes out all the same, and in its order.
func TestNothingIsLeftBehind(t *testing.T) {
	out, to := newBurstConn(t), newBurstConn(t)
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-quit:
				return
			default:
				out.begin()
				_ = out.end()
			}
		}
	})
	const inFlight = 50 // what the socket is sure to hold
	for i := range 20_000 {
		_, err := out.WriteToAddrPort(binary.BigEndian.AppendUint32(nil, uint32(i)), addrPort(to.UDPConn))
		must(t, err)
		if i < inFlight {
			continue
		}
		if got := binary.BigEndian.Uint32(receive(t, to.UDPConn)); got != uint32(i-inFlight) {
			t.Fatalf("got packet %d, want %d", got, i-inFlight)
		}
	}
	close(quit)
	wg.Wait()
	for i := range inFlight { // with no burst to come
		if got := binary.BigEndian.Uint32(receive(t, to.UDPConn)); got != uint32(20_000-inFlight+i) {
			t.Fatalf("got packet %d, want %d", got, 20_000-inFlight+i)
		}
	}
}
