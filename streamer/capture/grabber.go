package capture

import (
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
)

// The requests that are sent, by the numbers that their protocols give them:
// MIT-SHM 1.2, DAMAGE 1.1.
const (
	shmGetImage, shmAttachFd     = 4, 6
	damageCreate, damageSubtract = 1, 3

	zPixmap = 2
)

// grabber has the server write pictures of a drawable into shared memory, and
// tell when something new is drawn there.
type grabber struct {
	*wire
	shm, damage byte          // major opcodes
	request     [16 + 32]byte // Subtract and GetImage
}

// dialGrabber connects and asks for the extensions.
func dialGrabber(display, authority string) (*grabber, *xproto.SetupInfo, error) {
	w, setup, err := dialWire(display, authority)
	if err != nil {
		return nil, nil, err
	}
	g := &grabber{wire: w}
	if err := g.extensions(); err != nil {
		w.conn.Close()
		return nil, nil, fmt.Errorf("display %s: %w", display, err)
	}
	return g, setup, nil
}

func (g *grabber) extensions() (err error) {
	if g.shm, _, err = g.extension(xconn.SharedMemory); err != nil {
		return err
	}
	var event byte
	g.damage, event, err = g.extension(xconn.Damage, 1, 1)
	g.notify = event + damage.Notify
	return err
}

// attach gives the server the memory behind a descriptor, has it report damage of the drawable,
// and prepares grabs of the drawable's upper left.
func (g *grabber) attach(memory int, drawable xproto.Drawable, width, height int) error {
	seg, dmg := g.base|1, g.base|2
	attach := request(g.shm, shmAttachFd, 12)
	xgb.Put32(attach[4:], seg)
	create := request(g.damage, damageCreate, 16)
	xgb.Put32(create[4:], dmg)
	xgb.Put32(create[8:], uint32(drawable))
	create[12] = damage.ReportLevelNonEmpty

	// Subtract empties the damage before the picture is taken, so that whatever
	// is drawn after the picture is reported again.
	subtract := g.request[:16]
	copy(subtract, request(g.damage, damageSubtract, 16))
	xgb.Put32(subtract[4:], dmg)
	get := g.request[16:]
	copy(get, request(g.shm, shmGetImage, 32))
	xgb.Put32(get[4:], uint32(drawable))
	xgb.Put16(get[12:], uint16(width))
	xgb.Put16(get[14:], uint16(height))
	xgb.Put32(get[16:], 0xffffffff)
	get[20] = zPixmap
	xgb.Put32(get[24:], seg)

	if err := g.sendWith(attach, memory); err != nil {
		return err
	}
	if err := g.send(create, 1); err != nil {
		return err
	}
	return g.image() // which has errors of the two before it, too
}

// image has the server write the picture into the segment, and returns when it
// is there.
func (g *grabber) image() error {
	g.noticed = false // here and not after: what comes in between is not told again
	if err := g.call(g.request[:], 2); err != nil {
		return err
	}
	_, err := g.next()
	return err
}

// drawn is how many pixels the first drawing touched that the last event told
// of.
func (g *grabber) drawn() int {
	return int(xgb.Get16(g.event[20:])) * int(xgb.Get16(g.event[22:]))
}
