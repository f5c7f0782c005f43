package capture

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/streamer/xconn"
)

// replyTimeout is how long a server may think about a request. It answers in
// microseconds, or a few milliseconds on a busy machine.
const replyTimeout = 5 * time.Second

// wire speaks the little of X11 that is needed here, over a connection of its
// own. xgb would do it too, but with four goroutines to pass and a dozen
// allocations for every picture, and its Close waits for the server; here a
// picture is one write and one read on the reader's own goroutine.
//
// Everything but Close and SetReadDeadline of the connection belongs to one
// goroutine at a time.
type wire struct {
	conn    *net.UnixConn
	in      *bufio.Reader
	seq     uint16   // of the last request
	base    uint32   // of our resource ids
	notify  byte     // number of the event that matters
	noticed bool     // it came since this was last cleared
	event   [32]byte // the last of it
}

// dialWire connects.
func dialWire(display, authority string) (*wire, *xproto.SetupInfo, error) {
	conn, setup, err := xconn.Connect(display, authority)
	if err != nil {
		return nil, nil, err
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 4096), base: setup.ResourceIdBase}, setup, nil
}

// extension asks for an extension, and returns its major opcode and the number
// of its first event. Where the protocol wants that, it agrees on a version,
// which is request 0 of every such extension.
func (w *wire) extension(ext xconn.Extension, version ...uint32) (major, event byte, err error) {
	req := request(98, 0, 8+xgb.Pad(len(ext)))
	xgb.Put16(req[4:], uint16(len(ext)))
	copy(req[8:], ext)
	reply, err := w.ask(req)
	if err != nil {
		return 0, 0, fmt.Errorf("query extension %s: %w", ext, err)
	}
	present := reply[8] != 0
	major, event = reply[9], reply[10]
	if !present {
		return 0, 0, fmt.Errorf("no extension %s", ext)
	}
	if len(version) > 0 {
		req := request(major, 0, 4+4*len(version))
		for i, v := range version {
			xgb.Put32(req[4+4*i:], v)
		}
		if _, err := w.ask(req); err != nil {
			return 0, 0, fmt.Errorf("version of extension %s: %w", ext, err)
		}
	}
	return major, event, nil
}

// ask sends one request and returns the first 32 bytes of its reply.
func (w *wire) ask(req []byte) ([]byte, error) {
	if err := w.call(req, 1); err != nil {
		return nil, err
	}
	return w.next()
}

// call sends requests of which the last has a reply, and waits until that is
// the next packet, which is left to be read.
func (w *wire) call(req []byte, n uint16) error {
	if err := w.send(req, n); err != nil {
		return err
	}
	deadline := time.Now().Add(replyTimeout)
	for {
		if err := w.conn.SetReadDeadline(deadline); err != nil {
			return err
		}
		packet, err := w.in.Peek(32)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if time.Now().Before(deadline) {
				continue // it was a refresh, not ours
			}
			return fmt.Errorf("no answer in %v", replyTimeout)
		case err != nil:
			return err
		case packet[0] == 1 && xgb.Get16(packet[2:]) == w.seq:
			return nil
		}
		if _, err := w.next(); err != nil {
			return err
		}
	}
}

func (w *wire) send(req []byte, n uint16) error {
	w.seq += n
	_, err := w.conn.Write(req)
	return err
}

// sendWith sends one request together with a file descriptor, which the server
// gets a copy of.
func (w *wire) sendWith(req []byte, fd int) error {
	w.seq++
	_, _, err := w.conn.WriteMsgUnix(req, unix.UnixRights(fd), nil)
	return err
}

// next reads one packet: an event, which is noted, a reply, or an error, which
// is returned as one. The packet is valid until the next read. A deadline that
// strikes in the middle loses nothing.
func (w *wire) next() ([]byte, error) {
	packet, err := w.in.Peek(32)
	if err != nil {
		return nil, err
	}
	if _, err := w.in.Discard(32); err != nil {
		return nil, err
	}
	switch packet[0] & 0x7f {
	case 0:
		return nil, &refusal{major: packet[10], code: packet[1], minor: xgb.Get16(packet[8:]), value: xgb.Get32(packet[4:])}
	case w.notify:
		w.noticed = true
		copy(w.event[:], packet)
	}
	return packet, nil
}

// refusal is a request that the server refused.
type refusal struct {
	major, code byte
	minor       uint16
	value       uint32
}

// Error names the request by its numbers.
func (r *refusal) Error() string {
	return fmt.Sprintf("refused request %d.%d: error %d, value 0x%x", r.major, r.minor, r.code, r.value)
}

func request(major, minor byte, size int) []byte {
	req := make([]byte, size)
	req[0], req[1] = major, minor
	xgb.Put16(req[2:], uint16(size/4))
	return req
}
