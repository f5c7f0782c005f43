package clipboard

import (
	"errors"
	"strings"
	"time"

	"github.com/jezek/xgb/xproto"
)

// asking is the question for a text that another client has copied.
type asking struct {
	wanted bool             // something was copied that was not asked for
	since  xproto.Timestamp // when
	last   time.Time        // a question was put

	kind            xproto.Atom // that is asked for now; 0: nothing is
	inParts         bool
	got             []byte
	deadline, until time.Time // of the next step, and of all
}

func (a *asking) underway() bool { return a.kind != 0 }
func (a *asking) done()          { a.kind, a.inParts, a.got = 0, false, nil }

// askAgain asks for what was copied, if it is time to.
func (c *Clipboard) askAgain(now time.Time) {
	if !c.ask.wanted || c.ask.underway() || now.Sub(c.ask.last) < askEvery {
		return
	}
	c.ask.wanted, c.ask.last, c.ask.until = false, now, now.Add(whole)
	c.askFor(c.atoms.utf8)
}

func (c *Clipboard) askFor(kind xproto.Atom) {
	c.ask.kind = kind
	c.ask.deadline = earlier(time.Now().Add(step), c.ask.until)
	xproto.DeleteProperty(c.conn, c.window, c.atoms.received)
	xproto.ConvertSelection(c.conn, c.window, c.atoms.clipboard, kind, c.atoms.received, c.ask.since)
}

// answered takes the owner's word.
func (c *Clipboard) answered(e xproto.SelectionNotifyEvent) {
	switch {
	case e.Requestor != c.window || e.Selection != c.atoms.clipboard || e.Target != c.ask.kind || c.ask.inParts:
		return // not what is asked for, or an answer that comes too late
	case e.Property == c.atoms.received:
		c.receive()
	case c.ask.kind == c.atoms.utf8: // it may have an older form of text
		c.askFor(xproto.AtomString)
	default:
		c.ask.done()
	}
}

// receive takes the text, or learns that it comes in parts: the first of them
// when what says so is deleted.
func (c *Clipboard) receive() {
	data, kind, err := c.fetch()
	switch {
	case err != nil:
		c.giveUp(err)
	case kind == c.atoms.incr:
		c.ask.inParts = true
		c.ask.deadline = earlier(time.Now().Add(step), c.ask.until)
	default:
		c.finish(data)
	}
}

// receivePart takes the next part. The last one is empty.
func (c *Clipboard) receivePart() {
	if !c.ask.inParts {
		return
	}
	data, _, err := c.fetch()
	switch {
	case err != nil:
		c.giveUp(err)
	case len(c.ask.got)+len(data) > Longest:
		c.giveUp(ErrTooLong)
	case len(data) == 0:
		c.finish(c.ask.got)
	default:
		c.ask.got = append(c.ask.got, data...)
		c.ask.deadline = earlier(time.Now().Add(step), c.ask.until)
	}
}

var errNoText = errors.New("what was copied is no text")

// fetch reads and deletes the property to which texts come. Errors: ErrTooLong,
// errNoText, or the display's.
func (c *Clipboard) fetch() (data []byte, kind xproto.Atom, err error) {
	reply, err := xproto.GetProperty(c.conn, true, c.window, c.atoms.received, xproto.GetPropertyTypeAny, 0, Longest/4).Reply()
	switch {
	case err != nil:
		return nil, 0, err
	case reply.Format != 8 && reply.Type != c.atoms.incr:
		return nil, 0, errNoText
	case reply.BytesAfter > 0:
		return nil, 0, ErrTooLong
	}
	return reply.Value, reply.Type, nil
}

// giveUp ends the question without a text. An owner that has more waits for us,
// and gives up too. Who listens learns of a text that is too long, not of clients
// that go or answer wrongly.
func (c *Clipboard) giveUp(err error) {
	c.ask.done()
	if errors.Is(err, ErrTooLong) {
		c.copied("", err)
	}
}

// finish tells of a text. What is no UTF-8 in it is made so.
func (c *Clipboard) finish(data []byte) {
	text := string(data)
	if c.ask.kind == xproto.AtomString {
		runes := make([]rune, len(data))
		for i, c := range data {
			runes[i] = rune(c)
		}
		text = string(runes)
	}
	c.ask.done()
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
	switch {
	case len(text) > Longest: // it has grown by being made UTF-8
		c.giveUp(ErrTooLong)
	case text != "":
		c.copied(text, nil)
	}
}
