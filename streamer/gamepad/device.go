package gamepad

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

// maxReaders is how many descriptors of a pad a game may have open, those of a
// pad that has gone among them. More are closed at once.
const maxReaders = 32

// device is a pad that is plugged in: two sockets in the directory, and the games'
// connections to them.
type device struct {
	dir    *os.Root
	number string
	state  *os.File
	nodes  []*net.UnixListener
	orders chan<- struct{} // has room for one: effects have changed
	tasks  sync.WaitGroup

	mu      sync.Mutex
	last    report
	readers map[*reader]*effects
	gone    bool
	motor   motor
}

// plug makes the nodes appear.
func plug(dir *os.Root, number int, orders chan<- struct{}) (_ *device, err error) {
	d := &device{dir: dir, number: strconv.Itoa(number), orders: orders, readers: map[*reader]*effects{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.state, err = dir.Create(d.stateFile()); err != nil {
		return nil, err
	}
	if _, err = d.state.WriteAt(d.last.state(), 0); err != nil {
		return nil, err
	}
	for _, k := range kinds {
		node, err := d.listen(k)
		if err != nil {
			return nil, fmt.Errorf("listen for %s%s: %w", k.name, d.number, err)
		}
		d.nodes = append(d.nodes, node)
		d.tasks.Go(func() { d.accept(k, node) })
	}
	// Now that somebody answers they get their names, jsN first: a game may look
	// for it when it sees eventN.
	for _, k := range kinds {
		if err = dir.Link(k.bound+d.number, k.name+d.number); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *device) stateFile() string { return ".playcast-state" + d.number }

// listen binds a socket under its hidden name, which may be deeper than an
// address reaches.
func (d *device) listen(k kind) (*net.UnixListener, error) {
	dir, err := d.dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	path := fmt.Sprintf("/proc/self/fd/%d/%s%s", dir.Fd(), k.bound, d.number)
	node, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	node.SetUnlinkOnClose(false) // its path is no more
	return node, nil
}

// accept takes connections until the node is closed: those of a game that opens
// and closes the pad without end as slowly as its orders.
func (d *device) accept(k kind, node *net.UnixListener) {
	for n := 1; ; n++ {
		conn, err := node.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// No descriptor is left, for instance: the game's is not answered.
			time.Sleep(acceptAgain)
			continue
		}
		if !d.admit(k, conn) {
			_ = conn.Close() // nothing was sent
		}
		if n%ordersAtOnce == 0 {
			time.Sleep(ordersEvery)
		}
	}
}

const acceptAgain = 100 * time.Millisecond

// admit serves a connection, if there are not too many.
func (d *device) admit(k kind, conn *net.UnixConn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone || len(d.readers) >= maxReaders {
		return false
	}
	r, err := newReader(k, conn, d.last)
	if err != nil {
		return false
	}
	d.readers[r] = newEffects()
	d.tasks.Go(func() { d.serve(r) })
	return true
}

// serve does what a game orders until it closes its descriptor.
func (d *device) serve(r *reader) {
	r.listen(func(o order) {
		d.mu.Lock()
		d.readers[r].do(o, time.Now())
		d.mu.Unlock()
		d.ordered()
	})
	r.close()
	d.mu.Lock()
	delete(d.readers, r)
	d.mu.Unlock()
	d.ordered()
}

// ordered has the levels looked at.
func (d *device) ordered() {
	select {
	case d.orders <- struct{}{}:
	default: // they will be
	}
}

// play tells what is done with the pad now.
func (d *device) play(now report) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now == d.last || d.gone {
		return nil
	}
	d.last = now
	// Before the events, upon which a game may ask for it.
	if _, err := d.state.WriteAt(now.state(), 0); err != nil {
		return err
	}
	for r := range d.readers {
		r.report(now)
	}
	return nil
}

// rumble returns what is to be told of the pad's motors, and when to ask again.
func (d *device) rumble(now time.Time) (tell *Rumble, again time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var sum level
	var change time.Time
	for _, e := range d.readers {
		change = earlier(change, e.level(&sum, now))
	}
	return d.motor.next(sum, change, now)
}

// unplug takes the nodes away. Games that have them open read the end, and are
// listened to until they close them, or close does.
func (d *device) unplug() error {
	var errs []error
	for _, k := range []kind{eventKind, jsKind} {
		errs = append(errs, d.remove(k.name+d.number), d.remove(k.bound+d.number))
	}
	errs = append(errs, d.remove(d.stateFile()))
	for _, node := range d.nodes {
		errs = append(errs, node.Close())
	}
	d.nodes = nil
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state != nil {
		errs = append(errs, d.state.Close())
	}
	d.state, d.gone = nil, true
	for r, e := range d.readers {
		r.end()
		*e = *newEffects()
	}
	return errors.Join(errs...)
}

// remove removes a file that may not be there: a game without a sandbox has
// the directory in its hands.
func (d *device) remove(name string) error {
	if err := d.dir.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// left says whether a game still has it open.
func (d *device) left() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.readers) > 0
}

// close unplugs the pad and ends what is left of it.
func (d *device) close() error {
	err := d.unplug()
	d.mu.Lock()
	for r := range d.readers {
		_ = r.conn.Close() // which ends serve
	}
	d.mu.Unlock()
	d.tasks.Wait()
	return err
}
