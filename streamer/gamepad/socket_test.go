package gamepad

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// connect opens a node as the library does.
func connect(t testing.TB, pads *preloaded, node string) *net.UnixConn {
	t.Helper()
	dir, err := os.Open(filepath.Join(pads.path, nodesDir))
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	address := &net.UnixAddr{Name: fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), node), Net: "unix"}
	conn, err := net.DialUnix("unix", nil, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// welcomed waits until the connection was taken, as the library does.
func welcomed(t testing.TB, conn *net.UnixConn) *net.UnixConn {
	t.Helper()
	var first [1]byte
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(first[:]); err != nil || first[0] != welcome {
		t.Fatalf("read %x: %v", first, err)
	}
	return conn
}

// follow takes an event into a report, and says whether it is SYN_DROPPED.
func follow(r *report, event [eventSize]byte) (dropped bool) {
	what, code := native.Uint16(event[16:]), native.Uint16(event[18:])
	value := int32(native.Uint32(event[20:]))
	switch what {
	case evAbs:
		r.axes[slices.Index(axisCodes[:], code)] = value
	case evKey:
		bit := uint32(1) << slices.Index(buttonCodes[:], code)
		r.buttons &^= bit
		if value != 0 {
			r.buttons |= bit
		}
	}
	return what == evSyn && code == synDropped
}

// The joystick API tells the state at first, and then each change.
func TestJoystickAPI(t *testing.T) {
	pads, _ := open(t, nil)
	must(t, pads.Plug(1))
	must(t, pads.Play(1, State{Buttons: 1 << 9, Axes: [4]int16{-32768}}))
	conn := welcomed(t, connect(t, pads, "js1"))
	next := func() (value int16, what, number byte) {
		t.Helper()
		var event [jsSize]byte
		must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		if n, err := conn.Read(event[:]); err != nil || n != jsSize {
			t.Fatalf("read %d bytes: %v", n, err)
		}
		return int16(native.Uint16(event[4:])), event[6], event[7]
	}
	for i := range len(axisCodes) + len(buttonCodes) {
		value, what, number := next()
		want, kind := int16(0), byte(jsAxis|jsInit)
		switch {
		case i == 0:
			want = -32767
		case i == 2 || i == 5:
			want = -32767 // a trigger at rest
		case i == len(axisCodes)+7:
			want = 1
		}
		if i >= len(axisCodes) {
			kind = jsButton | jsInit
		}
		if value != want || what != kind || int(number) != i%len(axisCodes) && i < len(axisCodes) {
			t.Errorf("event %d: %d of %#x %d, want %d of %#x", i, value, what, number, want, kind)
		}
	}
	must(t, pads.Play(1, State{Axes: [4]int16{-32768}, Triggers: [2]uint8{0, 255}}))
	if value, what, number := next(); value != 32767 || what != jsAxis || number != 5 {
		t.Errorf("%d of %#x %d", value, what, number)
	}
	if value, what, number := next(); value != 0 || what != jsButton || number != 7 {
		t.Errorf("%d of %#x %d", value, what, number)
	}
}

// The state file is what an ioctl answers by.
func TestStateFile(t *testing.T) {
	pads, _ := open(t, nil)
	must(t, pads.Plug(0))
	state := State{Buttons: 1<<16 | 1<<12 | 1<<15, Axes: [4]int16{1, -2, 3, -4}, Triggers: [2]uint8{5, 6}}
	must(t, pads.Play(0, state))
	data, err := os.ReadFile(filepath.Join(pads.path, nodesDir, ".playcast-state0"))
	must(t, err)
	want := []int32{1, -2, 5, 3, -4, 6, 1, -1, 1 << 8}
	if len(data) != 4*len(want) {
		t.Fatalf("%d bytes", len(data))
	}
	for i, value := range want {
		if got := int32(native.Uint32(data[4*i:])); got != value {
			t.Errorf("number %d is %d, want %d", i, got, value)
		}
	}
}

func TestTooManyReaders(t *testing.T) {
	pads, _ := open(t, nil)
	must(t, pads.Plug(0))
	var readers []*net.UnixConn
	for range maxReaders {
		readers = append(readers, welcomed(t, connect(t, pads, "event0")))
	}
	over := connect(t, pads, "event0")
	must(t, over.SetReadDeadline(time.Now().Add(20*time.Second)))
	if n, err := over.Read(make([]byte, 1)); n != 0 || err == nil || os.IsTimeout(err) {
		t.Errorf("one too many read %d: %v", n, err)
	}
	must(t, pads.Play(0, State{Buttons: 1}))
	for i, reader := range readers {
		var event [eventSize]byte
		must(t, reader.SetReadDeadline(time.Now().Add(20*time.Second)))
		if n, err := reader.Read(event[:]); err != nil || n != eventSize || native.Uint16(event[18:]) != 0x130 {
			t.Errorf("reader %d: %x, %v", i, event[:n], err)
		}
	}
}

// A game that opens and closes a pad without end gets no more of our time than
// one that gives orders without end.
func TestAPadThatIsOpenedWithoutEnd(t *testing.T) {
	pads, _ := open(t, nil)
	must(t, pads.Plug(0))
	began := time.Now()
	const often = 4 * ordersAtOnce
	for range often {
		conn := connect(t, pads, "event0")
		// It is read until it is taken, or refused.
		must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		if _, err := conn.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		must(t, conn.Close())
	}
	if took := time.Since(began); took < (often/ordersAtOnce-1)*ordersEvery {
		t.Errorf("it was opened %d times in %v", often, took)
	}
}

// A game that keeps pads open which have gone, and writes into them, is not
// killed by it, and holds no more than a few.
func TestPadsThatHaveGone(t *testing.T) {
	pads, _ := open(t, nil)
	var conns []*net.UnixConn
	for range 2 * maxGone {
		must(t, pads.Plug(0))
		conns = append(conns, welcomed(t, connect(t, pads, "event0")))
		must(t, pads.Unplug(0))
	}
	if len(pads.gone) != maxGone {
		t.Errorf("%d pads are kept", len(pads.gone))
	}
	for i, conn := range conns {
		must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil || os.IsTimeout(err) {
			t.Errorf("connection %d is not at its end: %d, %v", i, n, err)
		}
		_, err := conn.Write(make([]byte, eventSize))
		if open := i >= maxGone; (err == nil) != open {
			t.Errorf("connection %d was written: %v", i, err)
		}
	}
}

// Whatever a game writes, the pad goes on, and others read it.
func TestGarbage(t *testing.T) {
	pads, told := open(t, nil)
	must(t, pads.Plug(0))
	hostile, honest := welcomed(t, connect(t, pads, "event0")), welcomed(t, connect(t, pads, "event0"))
	garbage := make([]byte, 100*eventSize)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range garbage {
		garbage[i] = byte(random.Uint32())
	}
	_, err := hostile.Write(garbage)
	must(t, err)
	_, err = hostile.Write(garbage[:7])
	must(t, err)
	order := appendEvent(nil, timeOf(0), tellUpload, 3, 0)
	copy(order, []byte{0xff, 0xff, 0, 0, 0, 0, 0, 0})
	_, err = honest.Write(append(order, appendEvent(nil, timeOf(0), evFF, 3, 1)...))
	must(t, err)
	select {
	case r := <-told:
		if r.pad != 0 || r.Strong != 1 || r.Weak != 0 || r.For != rumbleFor {
			t.Errorf("told %+v", r)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no rumble")
	}
	must(t, pads.Play(0, State{Buttons: 2}))
	var event [eventSize]byte
	must(t, honest.SetReadDeadline(time.Now().Add(20*time.Second)))
	if _, err := honest.Read(event[:]); err != nil || native.Uint16(event[18:]) != 0x131 {
		t.Errorf("read %x, %v", event, err)
	}
}

func BenchmarkPlay(b *testing.B) {
	pads, err := openPreloaded(filepath.Join(b.TempDir(), "pads"), nil, func(int, Rumble) {})
	if err != nil {
		b.Fatal(err)
	}
	defer pads.Close()
	if err := pads.Plug(0); err != nil {
		b.Fatal(err)
	}
	conn := welcomed(b, connect(b, pads, "event0"))
	b.ReportAllocs()
	buf := make([]byte, 1000)
	for n := range b.N {
		if err := pads.Play(0, State{Buttons: uint32(1 + n%2)}); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}
