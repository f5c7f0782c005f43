package gamepad

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// reader is a game's descriptor of a node, at our end. What it is sent waits in
// the socket; a game that reads too little misses something, as it would with
// the kernel, and is told the whole state when there is room again.
type reader struct {
	kind kind
	conn *net.UnixConn
	raw  syscall.RawConn

	mu     sync.Mutex
	clock  int32
	last   report // sent
	rest   []byte // of a message that was cut
	behind bool   // something waits to be sent, and what comes meanwhile is missed
	over   bool   // nothing is sent any more
	wait   sync.WaitGroup
	missed atomic.Uint64
}

// sendBuffer holds some 80 reports, as many as a player makes in the third of a
// second for which a game may look away; the kernel's own holds 64 events.
const sendBuffer = 32 << 10

func newReader(k kind, conn *net.UnixConn, now report) (*reader, error) {
	raw, err := conn.SyscallConn()
	if err := errors.Join(err, conn.SetWriteBuffer(sendBuffer)); err != nil {
		return nil, err
	}
	r := &reader{kind: k, conn: conn, raw: raw, last: now}
	r.send(k.greeting(now))
	return r, nil
}

// report sends what has changed. It does not wait.
func (r *reader) report(now report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changes := now.since(r.last, nil)
	r.last = now
	switch {
	case r.over || len(changes) == 0:
	case r.behind:
		r.missed.Add(1)
	default:
		r.send(r.kind.encode(changes, r.clock, nil))
	}
}

// send writes what the socket takes. What it does not is sent later, with the
// state at that time.
func (r *reader) send(data []byte) {
	sent := 0
	err := r.raw.Write(func(fd uintptr) bool {
		sent = sendNow(fd, data)
		return true
	})
	if err != nil || sent == len(data) {
		return // who has gone needs nothing
	}
	if sent > 0 {
		r.rest = data[sent:]
	}
	r.behind = true
	r.missed.Add(1)
	r.wait.Go(r.catchUp)
}

// sendNow returns how much the socket took; of one that is closed, all.
func sendNow(fd uintptr, data []byte) int {
	if len(data) == 0 {
		return 0
	}
	n, err := unix.SendmsgN(int(fd), data, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	switch {
	case err == nil:
		return n
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return 0
	}
	return len(data)
}

// catchUp waits for room, and sends the rest and the state.
func (r *reader) catchUp() {
	_ = r.raw.Write(func(fd uintptr) bool { // an error: closed
		r.mu.Lock()
		defer r.mu.Unlock()
		data := append(r.rest, r.kind.recovery(r.last, r.clock)...)
		sent := sendNow(fd, data)
		r.behind = sent < len(data)
		if r.rest = nil; sent > 0 && r.behind {
			r.rest = data[sent:]
		}
		return !r.behind
	})
}

// The orders that are taken from a game: it gets no more of our time.
const (
	ordersAtOnce = 64
	ordersEvery  = 20 * time.Millisecond
)

// listen gives each order to take, until the game or close closes the
// connection.
func (r *reader) listen(take func(order)) {
	var event [eventSize]byte
	for n := 1; ; n++ {
		if _, err := io.ReadFull(r.conn, event[:]); err != nil {
			return
		}
		switch o := decode(event).(type) {
		case nil:
		case setClock:
			r.mu.Lock()
			r.clock = o.id
			r.mu.Unlock()
		default:
			take(o)
		}
		if n%ordersAtOnce == 0 {
			time.Sleep(ordersEvery)
		}
	}
}

// end tells the game that the pad has gone: it reads the end. What it writes is
// still taken, or it would die of it (SIGPIPE).
func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	_ = r.conn.CloseWrite() // closed already: the game has gone
}

// close ends the connection.
func (r *reader) close() {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	_ = r.conn.Close() // it may be the game that has gone
	r.wait.Wait()
}
