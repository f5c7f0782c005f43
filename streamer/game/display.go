package game

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Display is a private X display: an Xvfb with one screen of 24 bits, which
// only a holder of its cookie can use.
type Display struct {
	name      string
	authority string
	sockets   string // the folder with its socket
	child     *child

	close    sync.Once
	closeErr error
}

// displayTimeout bounds the start of an X server, which takes about 0.2 s.
const displayTimeout = 15 * time.Second

// StartDisplay starts the display of a session, and returns when it takes
// connections. Width and height are even, within 320x240 and 3840x2160. Once it
// is started, ctx has no more say: Close ends it.
func (l *Launcher) StartDisplay(ctx context.Context, session events.SessionID, width, height int) (*Display, error) {
	if err := (screen{width, height, 1}).check(); err != nil {
		return nil, fmt.Errorf("start a display: %w", err)
	}
	program, err := lookPath("Xvfb")
	if err != nil {
		return nil, errNoXvfb
	}
	dir, record, err := l.makeDir(session, "display")
	if err != nil {
		return nil, fmt.Errorf("start a display: %w", err)
	}
	d, ready, err := l.startServer(dir, program, width, height)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("start a display: %w", err)
	}
	defer ready.Close()
	if err := errors.Join(d.awaitReady(ctx, ready, record), d.child.goAlong()); err != nil {
		return nil, errors.Join(fmt.Errorf("start a display: %w", err), d.Close())
	}
	return d, nil
}

// startServer starts Xvfb; it writes the number of its display to ready.
func (l *Launcher) startServer(dir, program string, width, height int) (d *Display, ready *os.File, err error) {
	authority := filepath.Join(dir, "Xauthority")
	if err := writeAuthority(authority); err != nil {
		return nil, nil, err
	}
	child, err := newChild(dir, []string{program,
		"-displayfd", "3", // the first of ExtraFiles
		"-auth", authority, "-nolisten", "tcp",
		"-screen", "0", fmt.Sprintf("%dx%dx24", width, height),
		"-noreset", "-s", "0", "-dpms",
	}, []string{"PATH=" + searchPath}, "")
	if err != nil {
		return nil, nil, err
	}
	ready, w, err := os.Pipe()
	if err != nil {
		child.started()
		child.output.close()
		return nil, nil, err
	}
	child.cmd.ExtraFiles = []*os.File{w}
	d = &Display{authority: authority, sockets: insideX11, child: child}
	if err := errors.Join(l.setAside(d, dir), l.start(child)); err != nil {
		ready.Close()
		return nil, nil, err
	}
	return d, ready, nil
}

// setAside has the server run in a sandbox: games may find a hole in it. It
// keeps the host's network, in which abstract sockets live: that is where we,
// and no game, reach it.
func (l *Launcher) setAside(d *Display, dir string) error {
	if !l.Sandboxed() {
		return nil
	}
	d.sockets = filepath.Join(dir, "x11")
	if err := os.Mkdir(d.sockets, 0o1777); err != nil {
		return err
	}
	s := aside()
	s.show(Mount{Host: d.sockets, Inside: insideX11, Writable: true}, Mount{Host: d.authority, Inside: d.authority})
	return d.child.confine(s, l.tools, displayLimits)
}

// host is the process in whose IPC namespace the server runs, 0 where it has
// none of its own.
func (d *Display) host() int {
	if d.child == nil {
		return 0
	}
	return d.child.cell.leader().PID
}

// mounts are what a game in a sandbox needs to reach the server.
func (d *Display) mounts() []Mount {
	if d.host() == 0 {
		return nil
	}
	socket := "X" + strings.TrimPrefix(d.name, ":")
	return []Mount{
		{Host: d.authority, Inside: insideCookie},
		{Host: filepath.Join(d.sockets, socket), Inside: filepath.Join(insideX11, socket)},
	}
}

// awaitReady notes the server in its record, reads the display's number, and
// notes that too.
func (d *Display) awaitReady(ctx context.Context, ready *os.File, r record) error {
	if err := d.child.record(r); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, displayTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { ready.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	line, err := bufio.NewReader(ready).ReadString('\n')
	if ctx.Err() != nil {
		return fmt.Errorf("wait for Xvfb: %w", ctx.Err())
	}
	if err != nil {
		<-d.child.done // then it has said why
		return d.child.output.explain(errors.New("the X server ended before it was ready"))
	}
	number, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return fmt.Errorf("number of the display: %w", err)
	}
	d.name = ":" + strconv.Itoa(number)
	r.Display = d.name
	return d.child.record(r)
}

// Name is the display's name for DISPLAY, such as ":7".
func (d *Display) Name() string { return d.name }

// Authority is the file with the cookie, for XAUTHORITY.
func (d *Display) Authority() string { return d.authority }

// Done is closed when the X server has ended.
func (d *Display) Done() <-chan struct{} { return d.child.done }

// Err says after Done why the server ended; nil if by Close.
func (d *Display) Err() error {
	select {
	case <-d.child.done:
	default:
		return nil
	}
	err, byClose := d.child.exit()
	if err == nil && !byClose {
		err = errors.New("somebody else ended it")
	}
	if err != nil {
		return fmt.Errorf("the X server of display %s ended: %w", d.name, err)
	}
	return nil
}

// Close ends the server and removes its files. It may be called again.
func (d *Display) Close() error {
	d.close.Do(func() {
		d.closeErr = d.child.close()
		if d.name != "" && d.sockets == insideX11 && d.closeErr == nil {
			d.closeErr = removeDisplayFiles(d.name)
		}
	})
	if d.closeErr != nil {
		return fmt.Errorf("close display %s: %w", d.name, d.closeErr)
	}
	return nil
}

var errNoXvfb = errors.New("the program Xvfb is not installed: apt-get install xvfb")
