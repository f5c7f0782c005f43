package xconn_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDialEnablesExtensions(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	conn, err := xconn.Dial(server.Display, server.Authority,
		xconn.Damage, xconn.SharedMemory, xconn.Fixes, xconn.Test, xconn.RandR)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	screen := xproto.Setup(conn).DefaultScreen(conn)
	if screen.WidthInPixels != 64 || screen.HeightInPixels != 48 {
		t.Errorf("screen is %dx%d, want 64x48", screen.WidthInPixels, screen.HeightInPixels)
	}

	first, err := xconn.FirstEvent(conn, xconn.Damage)
	if err != nil {
		t.Fatal(err)
	}
	id, err := damage.NewDamageId(conn)
	if err != nil {
		t.Fatal(err)
	}
	root := xproto.Drawable(screen.Root)
	if err := damage.CreateChecked(conn, id, root, damage.ReportLevelNonEmpty).Check(); err != nil {
		t.Fatal(err)
	}
	gc, err := xproto.NewGcontextId(conn)
	if err != nil {
		t.Fatal(err)
	}
	xproto.CreateGC(conn, gc, root, xproto.GcForeground, []uint32{0xff0000})
	xproto.PolyFillRectangle(conn, root, gc, []xproto.Rectangle{{X: 3, Y: 4, Width: 5, Height: 6}})
	event, xerr := conn.WaitForEvent()
	if xerr != nil {
		t.Fatal(xerr)
	}
	raw, ok := event.(xconn.Event)
	if !ok || raw.Number() != first+damage.Notify {
		t.Fatalf("got %v, want event %d", event, first+damage.Notify)
	}
	if area := damage.NotifyEventNew(raw).(damage.NotifyEvent).Area; area.Width == 0 {
		t.Errorf("area is %+v", area)
	}

	err = damage.DestroyChecked(conn, id+1000).Check()
	if raw, ok := err.(xconn.Error); !ok || raw.BadId() != uint32(id+1000) {
		t.Errorf("unknown damage: got %v, want an extension error for it", err)
	}
}

// Connections to several servers come and go at once; run with -race.
func TestDialConcurrently(t *testing.T) {
	servers := []*xvfbtest.Server{xvfbtest.Start(t, 64, 48), xvfbtest.Start(t, 64, 48)}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			server := servers[i%2]
			conn, err := xconn.Dial(server.Display, server.Authority, xconn.Damage, xconn.Test)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if _, err := xproto.GetInputFocus(conn).Reply(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestDialErrors(t *testing.T) {
	server := xvfbtest.Start(t, 64, 48)
	cut := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(cut, []byte{0, 0, 0, 9, 'a'}, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, display, authority, want string }{
		{"no colon", "7", "", "no colon"},
		{"not a number", ":x", "", "want 0 to 65535"},
		{"bad screen", ":1.x", "", "screen"},
		{"remote", "example.org:0", "", "only displays of this machine"},
		{"nobody there", ":64999", "", "connect to display :64999"},
		{"no such file", server.Display, "/nonexistent", "authority of display " + server.Display},
		{"cut file", server.Display, cut, "cut short"},
		{"no cookie in file", server.Display, empty, "no MIT-MAGIC-COOKIE-1"},
		{"without a cookie", server.Display, "", "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := xconn.Dial(c.display, c.authority)
			if err == nil {
				conn.Close()
				t.Fatal("connected")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
			if _, _, err := xconn.Connect(c.display, c.authority); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Connect: got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := xconn.Dial(server.Display, server.Authority, "NONESUCH"); err == nil ||
		!strings.Contains(err.Error(), "no extension NONESUCH") {
		t.Errorf("unknown extension: got %v", err)
	}
}
