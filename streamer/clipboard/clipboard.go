package clipboard

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
)

// Longest is the longest text, in bytes of UTF-8.
const Longest = 1 << 20

const (
	// part is how much of a text goes through a property at once: less than any
	// server's longest request.
	part = 64 << 10
	// transfers is how many texts may be on their way to clients in parts.
	transfers = 8
	// step is how long another client may take for its next step, whole for all
	// of them.
	step  = 2 * time.Second
	whole = 10 * time.Second
	// askEvery is the least time between two questions for what was copied.
	askEvery = 200 * time.Millisecond
	// maxEvents is how many events may wait; half of them may be requests. Those
	// over it are left out: a transfer that misses one comes to its deadline.
	maxEvents = 1024
)

// Clipboard is the clipboard of one display. One goroutine owns all but the
// channels.
type Clipboard struct {
	conn   *xgb.Conn
	window xproto.Window
	atoms  atoms
	fixes  byte // first event of XFIXES
	copied func(text string, err error)

	events chan xgb.Event // closed with the connection
	offers chan offer
	ended  chan struct{} // nothing is taken any more
	life   sync.WaitGroup

	own own
	ask asking
}

type offer struct {
	text     string
	deadline time.Time
	taken    chan error // of one place
}

// Open connects to a display, with the cookie from the file authority. It calls
// copied with each text that another client has copied, or with ErrTooLong
// instead of it, in one goroutine, which must return soon. Close frees it.
func Open(display, authority string, copied func(text string, err error)) (*Clipboard, error) {
	conn, err := xconn.Dial(display, authority, xconn.Fixes)
	if err != nil {
		return nil, fmt.Errorf("open the clipboard: %w", err)
	}
	c := &Clipboard{
		conn: conn, copied: copied,
		events: make(chan xgb.Event, maxEvents), offers: make(chan offer), ended: make(chan struct{}),
	}
	c.life.Go(c.read)
	if err := c.prepare(); err != nil {
		conn.Close()
		c.life.Wait()
		return nil, fmt.Errorf("open the clipboard of display %s: %w", display, err)
	}
	c.life.Go(c.run)
	return c, nil
}

// prepare makes the window to which texts come, and asks to be told of copies.
func (c *Clipboard) prepare() (err error) {
	if c.atoms, err = intern(c.conn); err != nil {
		return err
	}
	if c.fixes, err = xconn.FirstEvent(c.conn, xconn.Fixes); err != nil {
		return err
	}
	if c.window, err = xproto.NewWindowId(c.conn); err != nil {
		return err
	}
	root := xproto.Setup(c.conn).DefaultScreen(c.conn).Root
	// Never mapped, and of no interest to a window manager.
	err = xproto.CreateWindowChecked(c.conn, 0, c.window, root, -1, -1, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwOverrideRedirect|xproto.CwEventMask, []uint32{1, xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return err
	}
	return xfixes.SelectSelectionInputChecked(c.conn, c.window, c.atoms.clipboard, xfixes.SelectionEventMaskSetSelectionOwner).Check()
}

// Close ends the connection, and with it the offer. It may be called again.
func (c *Clipboard) Close() {
	c.conn.Close()
	c.life.Wait()
}

// The errors of Offer; the first is also copied's.
var (
	ErrTooLong = errors.New("the text is too long for the clipboard")
	ErrEnded   = errors.New("the clipboard's display has ended")
	errTaken   = errors.New("another client took the clipboard at the same time")
	errLate    = errors.New("the display did not give the clipboard in time")
)

// Offer has the clipboard hold a text, and returns when whoever pastes will get
// it. Errors: ErrTooLong, ErrEnded, or the display's.
func (c *Clipboard) Offer(text string) error {
	if len(text) > Longest {
		return ErrTooLong
	}
	o := offer{text, time.Now().Add(step), make(chan error, 1)}
	select {
	case c.offers <- o:
	case <-c.ended:
		return ErrEnded
	}
	select {
	case err := <-o.taken:
		return err
	case <-c.ended:
		return ErrEnded
	}
}

// read passes events on, and ends with the connection. It never waits for the
// owner, who may wait for a reply that comes after more events than xgb holds.
func (c *Clipboard) read() {
	defer close(c.events)
	for {
		event, err := c.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		if event == nil { // the window of a client that has gone
			continue
		}
		if _, request := event.(xproto.SelectionRequestEvent); request && len(c.events) > maxEvents/2 {
			continue
		}
		select {
		case c.events <- event:
		default:
		}
	}
}

// run is the owner's whole life.
func (c *Clipboard) run() {
	defer close(c.ended)
	c.own.sending = map[target]*sending{}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(time.Until(c.next()))
		select {
		case event, ok := <-c.events:
			if !ok {
				return
			}
			c.handle(event)
		case o := <-c.offers:
			c.begin(o)
		case <-timer.C:
		}
		now := time.Now()
		c.expire(now)
		c.askAgain(now)
	}
}

// next is when something is to be done without an event.
func (c *Clipboard) next() time.Time {
	next := time.Now().Add(time.Hour)
	for _, o := range c.own.pending {
		next = earlier(next, o.deadline)
	}
	for _, s := range c.own.sending {
		next = earlier(next, s.deadline)
	}
	if c.ask.underway() {
		return earlier(next, c.ask.deadline)
	}
	if c.ask.wanted {
		next = earlier(next, c.ask.last.Add(askEvery))
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (c *Clipboard) handle(event xgb.Event) {
	switch e := event.(type) {
	case xproto.SelectionRequestEvent:
		c.answer(e)
	case xproto.SelectionClearEvent:
		if e.Selection == c.atoms.clipboard {
			c.own.text = "" // what was copied since counts for PRIMARY too
		}
	case xproto.SelectionNotifyEvent:
		c.answered(e)
	case xproto.PropertyNotifyEvent:
		switch {
		case e.Window != c.window && e.State == xproto.PropertyDelete:
			c.sendPart(target{e.Window, e.Atom})
		case e.Window == c.window && e.Atom == c.atoms.stamp && e.State == xproto.PropertyNewValue:
			c.take(e.Time)
		case e.Window == c.window && e.Atom == c.atoms.received && e.State == xproto.PropertyNewValue:
			c.receivePart()
		}
	case xconn.Event:
		if e.Number() == c.fixes+xfixes.SelectionNotify {
			if n := xfixes.SelectionNotifyEventNew(e.Bytes()).(xfixes.SelectionNotifyEvent); n.Owner != c.window && n.Owner != 0 {
				c.ask.wanted, c.ask.since = true, n.SelectionTimestamp
			}
		}
	}
}

// atoms are the names that are used, as the server numbers them.
type atoms struct {
	clipboard, primary           xproto.Atom
	targets, timestamp, incr     xproto.Atom
	utf8, text, plain, plainUTF8 xproto.Atom
	stamp, received              xproto.Atom // properties of our window
}

func intern(conn *xgb.Conn) (a atoms, err error) {
	a.primary = xproto.AtomPrimary
	for name, atom := range map[string]*xproto.Atom{
		"CLIPBOARD": &a.clipboard, "TARGETS": &a.targets, "TIMESTAMP": &a.timestamp, "INCR": &a.incr,
		"UTF8_STRING": &a.utf8, "TEXT": &a.text, "text/plain": &a.plain, "text/plain;charset=utf-8": &a.plainUTF8,
		"PLAYCAST_STAMP": &a.stamp, "PLAYCAST_RECEIVED": &a.received,
	} {
		reply, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return a, fmt.Errorf("intern %s: %w", name, err)
		}
		*atom = reply.Atom
	}
	return a, nil
}
