package game

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/xconn"
)

func TestDisplay(t *testing.T) {
	l := newLauncher(t, Config{})
	session := events.NewSessionID()
	d := startDisplay(t, l, session, 642, 360)
	conn, err := xconn.Dial(d.Name(), d.Authority(), xconn.Test, xconn.SharedMemory, xconn.Damage)
	if err != nil {
		t.Fatal(err)
	}
	screen := xproto.Setup(conn).DefaultScreen(conn)
	if screen.WidthInPixels != 642 || screen.HeightInPixels != 360 || screen.RootDepth != 24 {
		t.Errorf("screen is %dx%dx%d", screen.WidthInPixels, screen.HeightInPixels, screen.RootDepth)
	}
	saver, err := xproto.GetScreenSaver(conn).Reply()
	if err != nil || saver.Timeout != 0 {
		t.Errorf("screen saver: %+v, %v", saver, err)
	}
	conn.Close()

	if info, err := os.Stat(d.Authority()); err != nil || info.Mode() != 0o600 {
		t.Errorf("authority file: %v, %v", info, err)
	}
	if conn, err := xconn.Dial(d.Name(), ""); err == nil {
		conn.Close()
		t.Error("took a client without the cookie")
	}
	if _, err := l.StartDisplay(t.Context(), session, 640, 480); err == nil ||
		!strings.Contains(err.Error(), "has a display already") {
		t.Errorf("second display: %v", err)
	}

	if err := d.Close(); err != nil {
		t.Error(err)
	}
	awaitDone(t, d.Done())
	if err := d.Err(); err != nil {
		t.Errorf("after Close: %v", err)
	}
	checkNoFiles(t, d.Name())
}

func TestDisplaysAtOnce(t *testing.T) {
	l := newLauncher(t, Config{})
	var mu sync.Mutex
	names := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := l.StartDisplay(t.Context(), events.NewSessionID(), 320, 240)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			names[d.Name()] = true
		})
	}
	wg.Wait()
	if len(names) != 4 {
		t.Errorf("displays %v, want 4", names)
	}
	// The launcher's Close, in the cleanup, ends them.
}

func TestDisplayDies(t *testing.T) {
	l := newLauncher(t, Config{})
	for signal, want := range map[syscall.Signal]string{
		syscall.SIGKILL: "signal: killed", syscall.SIGTERM: "somebody else ended it",
	} {
		d := startDisplay(t, l, events.NewSessionID(), 320, 240)
		if err := d.Err(); err != nil {
			t.Errorf("while it runs: %v", err)
		}
		server, err := d.child.cell.processes()
		if err != nil || len(server) == 0 {
			t.Fatalf("the server's processes: %v, %v", server, err)
		}
		if err := server[0].send(signal); err != nil {
			t.Fatal(err)
		}
		awaitDone(t, d.Done())
		if err := d.Err(); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), d.Name()) {
			t.Errorf("after %v: %v", signal, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		checkNoFiles(t, d.Name())
	}
}

func TestDisplayErrors(t *testing.T) {
	l := newLauncher(t, Config{})
	if _, err := l.StartDisplay(t.Context(), events.NewSessionID(), 641, 480); err == nil ||
		!strings.Contains(err.Error(), "width 641") {
		t.Errorf("odd width: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.StartDisplay(ctx, events.NewSessionID(), 640, 480); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.StartDisplay(t.Context(), events.NewSessionID(), 640, 480); !errors.Is(err, errClosed) {
		t.Errorf("closed: %v", err)
	}
}

// checkNoFiles looks whether the display's socket is left with nobody behind it:
// another server may have taken the number meanwhile.
func checkNoFiles(t *testing.T, display string) {
	t.Helper()
	path := "/tmp/.X11-unix/X" + strings.TrimPrefix(display, ":")
	if _, err := os.Lstat(path); err != nil {
		return
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Errorf("%s is left: %v", path, err)
		return
	}
	conn.Close()
}
