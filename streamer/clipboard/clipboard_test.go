package clipboard

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desk is a display with our clipboard, and xclip as the game.
type desk struct {
	*Clipboard
	t      *testing.T
	server *xvfbtest.Server
	texts  chan string // copied
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, server: xvfbtest.Start(t, 320, 240), texts: make(chan string, 64)}
	c, err := Open(d.server.Display, d.server.Authority, func(text string, err error) {
		if err != nil {
			text = err.Error()
		}
		d.texts <- text
	})
	must(t, err)
	d.Clipboard = c
	t.Cleanup(c.Close)
	return d
}

// xclip runs it to its end, or in the background where it owns a selection.
func (d *desk) xclip(input string, args ...string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xclip", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.server.Display, "XAUTHORITY="+d.server.Authority)
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	if len(input) == 0 {
		cmd.Stdout = &out // what goes on in the background would keep it open
	}
	if err := cmd.Run(); err != nil {
		d.t.Errorf("xclip %q: %v", args, err)
	}
	return out.String()
}

func (d *desk) heard() string {
	d.t.Helper()
	select {
	case text := <-d.texts:
		return text
	case <-time.After(20 * time.Second):
		d.t.Fatal("no text was copied")
		return ""
	}
}

const sample = "Grüße, \"€\"\r\n\t日本語 שלום عالم e\u0301 😀👩\u200d🚀\n"

// long is as long as a text may be.
func long() string {
	text := strings.Repeat(sample, Longest/len(sample))
	return text + strings.Repeat("!", Longest-len(text))
}

func TestOffer(t *testing.T) {
	d := newDesk(t)
	for name, text := range map[string]string{"sample": sample, "nothing": "", "long": long(), "a part": strings.Repeat("x", part), "parts": strings.Repeat("x", 3*part)} {
		must(t, d.Offer(text))
		for _, selection := range []string{"clipboard", "primary"} {
			for _, kind := range []string{"UTF8_STRING", "text/plain;charset=utf-8", "TEXT"} {
				if got := d.xclip("", "-o", "-selection", selection, "-t", kind); got != text {
					t.Errorf("%s from %s as %s: got %d bytes, want %d", name, selection, kind, len(got), len(text))
				}
			}
		}
	}
	must(t, d.Offer("Grüße, 日本"))
	if got := d.xclip("", "-o", "-selection", "clipboard", "-t", "STRING"); got != "Gr\xfc\xdfe, ??" {
		t.Errorf("as STRING: %q", got)
	}
	kinds := d.xclip("", "-o", "-selection", "clipboard", "-t", "TARGETS")
	if want := "TARGETS\nTIMESTAMP\nUTF8_STRING\ntext/plain;charset=utf-8\ntext/plain\nTEXT\nSTRING\n"; kinds != want {
		t.Errorf("targets %q", kinds)
	}
	if err := d.Offer(long() + "!"); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long: got %v", err)
	}
	select {
	case text := <-d.texts:
		t.Errorf("our own text of %d bytes came back", len(text))
	default:
	}
	d.Close()
	if err := d.Offer("x"); !errors.Is(err, ErrEnded) {
		t.Errorf("after the end: got %v", err)
	}
}

func TestCopied(t *testing.T) {
	d := newDesk(t)
	for _, text := range []string{sample, long(), "x"} {
		d.xclip(text, "-i", "-selection", "clipboard")
		if got := d.heard(); got != text {
			t.Errorf("got %d bytes, want %d", len(got), len(text))
		}
	}
	must(t, d.Offer("ours"))
	d.xclip(long()+"!", "-i", "-selection", "clipboard")
	if got := d.heard(); got != ErrTooLong.Error() {
		t.Errorf("of too long a text: %.60q of %d bytes", got, len(got))
	}
	d.xclip("theirs", "-i", "-selection", "clipboard")
	if got := d.heard(); got != "theirs" {
		t.Errorf("got %.20q of %d bytes", got, len(got))
	}
}

// rude is a client that owns the clipboard and keeps to no rule.
type rude struct {
	conn   *xgb.Conn
	window xproto.Window
	atoms  atoms
}

func newRude(t *testing.T, d *desk) *rude {
	t.Helper()
	conn, err := xconn.Dial(d.server.Display, d.server.Authority)
	must(t, err)
	t.Cleanup(conn.Close)
	r := &rude{conn: conn}
	r.atoms, err = intern(conn)
	must(t, err)
	r.window, err = xproto.NewWindowId(conn)
	must(t, err)
	must(t, xproto.CreateWindowChecked(conn, 0, r.window, xproto.Setup(conn).DefaultScreen(conn).Root, 0, 0, 1, 1, 0,
		xproto.WindowClassInputOnly, 0, 0, nil).Check())
	return r
}

func (r *rude) own(t *testing.T) {
	t.Helper()
	must(t, xproto.SetSelectionOwnerChecked(r.conn, r.window, r.atoms.clipboard, xproto.TimeCurrentTime).Check())
}

// asked waits until it is asked for the text.
func (r *rude) asked(t *testing.T) xproto.SelectionRequestEvent {
	t.Helper()
	for {
		event, err := r.conn.WaitForEvent()
		if event == nil && err == nil {
			t.Fatal("the display has gone")
		}
		if e, ok := event.(xproto.SelectionRequestEvent); ok {
			return e
		}
	}
}

func (r *rude) answer(e xproto.SelectionRequestEvent) {
	notify := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property}
	xproto.SendEvent(r.conn, false, e.Requestor, 0, string(notify.Bytes()))
}

// Whatever a client does, the next text is heard.
func TestRudeOwners(t *testing.T) {
	for name, act := range map[string]func(*testing.T, *rude){
		"silent": func(t *testing.T, r *rude) {
			r.own(t)
			r.asked(t)
		},
		"promises parts and sends none": func(t *testing.T, r *rude) {
			r.own(t)
			e := r.asked(t)
			xproto.ChangeProperty(r.conn, xproto.PropModeReplace, e.Requestor, e.Property, r.atoms.incr, 32, 1, words(uint32(1<<30)))
			r.answer(e)
		},
		"sends parts without end": func(t *testing.T, r *rude) {
			r.own(t)
			e := r.asked(t)
			xproto.ChangeProperty(r.conn, xproto.PropModeReplace, e.Requestor, e.Property, r.atoms.incr, 32, 1, words(uint32(1)))
			r.answer(e)
			for range 100 {
				must(t, xproto.ChangePropertyChecked(r.conn, xproto.PropModeReplace, e.Requestor, e.Property, r.atoms.utf8, 8, part, make([]byte, part)).Check())
			}
		},
		"answers with numbers": func(t *testing.T, r *rude) {
			r.own(t)
			e := r.asked(t)
			xproto.ChangeProperty(r.conn, xproto.PropModeReplace, e.Requestor, e.Property, r.atoms.utf8, 32, 2, make([]byte, 8))
			r.answer(e)
		},
		"answers what was not asked": func(t *testing.T, r *rude) {
			r.own(t)
			e := r.asked(t)
			e.Target = r.atoms.targets
			r.answer(e)
			e.Property, e.Requestor = 0, 1
			r.answer(e)
		},
		"copies without end": func(t *testing.T, r *rude) {
			for range 5000 {
				xproto.SetSelectionOwner(r.conn, r.window, r.atoms.clipboard, xproto.TimeCurrentTime)
			}
			r.own(t)
		},
		"goes away": func(t *testing.T, r *rude) {
			r.own(t)
			r.asked(t)
			r.conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			act(t, newRude(t, d))
			d.xclip(sample, "-i", "-selection", "clipboard")
			if got := d.heard(); got != sample {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A client that asks for a long text and takes nothing of it keeps nobody else
// from his.
func TestRudeRequestors(t *testing.T) {
	d := newDesk(t)
	must(t, d.Offer(long()))
	r := newRude(t, d)
	for property := range xproto.Atom(100) {
		xproto.ConvertSelection(r.conn, r.window, r.atoms.clipboard, r.atoms.utf8, property+1, xproto.TimeCurrentTime)
	}
	for range 2000 {
		xproto.ConvertSelection(r.conn, r.window, r.atoms.clipboard, r.atoms.targets, r.atoms.stamp, xproto.TimeCurrentTime)
	}
	must(t, xproto.DestroyWindowChecked(r.conn, r.window).Check())
	must(t, d.Offer(sample))
	if got := d.xclip("", "-o", "-selection", "clipboard"); got != sample {
		t.Errorf("got %q", got)
	}
	must(t, d.Offer(long()))
	time.Sleep(step + time.Second) // until those that take nothing are given up
	if got := d.xclip("", "-o", "-selection", "clipboard", "-t", "UTF8_STRING"); got != long() {
		t.Error("no long text is to be had any more")
	}
}

func FuzzFinish(f *testing.F) {
	f.Add([]byte(sample), true)
	f.Add([]byte("a\x00\xff\xc3"), false)
	f.Fuzz(func(t *testing.T, data []byte, isUTF8 bool) {
		c := &Clipboard{atoms: atoms{utf8: 1000}}
		c.ask.kind = xproto.AtomString
		if isUTF8 {
			c.ask.kind = c.atoms.utf8
		}
		c.copied = func(text string, err error) {
			if err != nil && (text != "" || !errors.Is(err, ErrTooLong)) {
				t.Errorf("told %.20q and %v", text, err)
			}
			if err == nil && (!utf8.ValidString(text) || strings.ContainsRune(text, 0) || text == "" || len(text) > Longest) {
				t.Errorf("told %.20q of %d bytes", text, len(text))
			}
		}
		c.finish(data)
	})
}
