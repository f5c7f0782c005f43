package capture

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
)

// replyTimeout is how long a server may think about a request. It answers in
// microseconds, or a few milliseconds on a busy machine.
const replyTimeout = 5 * time.Second

// The requests that are sent, by the numbers that their protocols give them:
// X11, MIT-SHM 1.2, DAMAGE 1.1.
const (
	shmAttach, shmGetImage                      = 1, 4
	damageVersion, damageCreate, damageSubtract = 0, 1, 3

	zPixmap = 2
)

// wire speaks the little of X11 that capture needs, over a connection of its
// own. xgb would do it too, but with four goroutines to pass and a dozen
// allocations for every picture; here a picture is one write and one read on
// the reader's own goroutine.
//
// Everything but Close and SetReadDeadline of the connection belongs to one
// goroutine at a time.
type wire struct {
	conn    net.Conn
	in      *bufio.Reader
	seq     uint16 // of the last request
	base    uint32 // of our resource ids
	shm     byte   // major opcodes
	damage  byte
	notify  byte          // number of DamageNotify
	damaged bool          // a DamageNotify came since the last grab
	grab    [16 + 32]byte // Subtract and GetImage
}

// dialWire connects and asks for the extensions.
func dialWire(display, authority string) (*wire, *xproto.SetupInfo, error) {
	conn, setup, err := xconn.Connect(display, authority)
	if err != nil {
		return nil, nil, err
	}
	w := &wire{conn: conn, in: bufio.NewReaderSize(conn, 4096), base: setup.ResourceIdBase}
	if err := w.extensions(); err != nil {
		conn.Close()
		return nil, nil, fmt.Errorf("display %s: %w", display, err)
	}
	return w, setup, nil
}

func (w *wire) extensions() error {
	reply, err := w.extension(xconn.SharedMemory)
	if err != nil {
		return err
	}
	w.shm = reply[9]
	if reply, err = w.extension(xconn.Damage); err != nil {
		return err
	}
	w.damage, w.notify = reply[9], reply[10]+damage.Notify
	version := request(w.damage, damageVersion, 12)
	xgb.Put32(version[4:], 1)
	xgb.Put32(version[8:], 1)
	if err := w.call(version, 1); err != nil {
		return fmt.Errorf("version of extension %s: %w", xconn.Damage, err)
	}
	_, err = w.next()
	return err
}

// extension returns the reply to QueryExtension: present in byte 8, the major
// opcode in 9, the first event in 10.
func (w *wire) extension(ext xconn.Extension) ([]byte, error) {
	req := request(98, 0, 8+xgb.Pad(len(ext)))
	xgb.Put16(req[4:], uint16(len(ext)))
	copy(req[8:], ext)
	if err := w.call(req, 1); err != nil {
		return nil, fmt.Errorf("query extension %s: %w", ext, err)
	}
	reply, err := w.next()
	if err != nil {
		return nil, err
	}
	if reply[8] == 0 {
		return nil, fmt.Errorf("no extension %s", ext)
	}
	return reply, nil
}

// attach gives the segment to the server, has it report damage of the drawable,
// and prepares grabs of the drawable's upper left.
func (w *wire) attach(shmid int, drawable xproto.Drawable, width, height int) error {
	seg, dmg := w.base|1, w.base|2
	attach := request(w.shm, shmAttach, 16)
	xgb.Put32(attach[4:], seg)
	xgb.Put32(attach[8:], uint32(shmid))
	create := request(w.damage, damageCreate, 16)
	xgb.Put32(create[4:], dmg)
	xgb.Put32(create[8:], uint32(drawable))
	create[12] = damage.ReportLevelNonEmpty

	// Subtract empties the damage before the picture is taken, so that whatever
	// is drawn after the picture is reported again.
	subtract := w.grab[:16]
	copy(subtract, request(w.damage, damageSubtract, 16))
	xgb.Put32(subtract[4:], dmg)
	get := w.grab[16:]
	copy(get, request(w.shm, shmGetImage, 32))
	xgb.Put32(get[4:], uint32(drawable))
	xgb.Put16(get[12:], uint16(width))
	xgb.Put16(get[14:], uint16(height))
	xgb.Put32(get[16:], 0xffffffff)
	get[20] = zPixmap
	xgb.Put32(get[24:], seg)

	if err := w.send(attach, 1); err != nil {
		return err
	}
	if err := w.send(create, 1); err != nil {
		return err
	}
	return w.image() // which has errors of the two before it, too
}

// image has the server write the picture into the segment, and returns when it
// is there.
func (w *wire) image() error {
	w.damaged = false
	if err := w.call(w.grab[:], 2); err != nil {
		return err
	}
	_, err := w.next()
	return err
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
		return nil, serverError(packet)
	case w.notify:
		w.damaged = true
	}
	return packet, nil
}

// serverError names a request that the server refused.
func serverError(packet []byte) error {
	return fmt.Errorf("refused request %d.%d: error %d, value 0x%x",
		packet[10], xgb.Get16(packet[8:]), packet[1], xgb.Get32(packet[4:]))
}

func request(major, minor byte, size int) []byte {
	req := make([]byte, size)
	req[0], req[1] = major, minor
	xgb.Put16(req[2:], uint16(size/4))
	return req
}
