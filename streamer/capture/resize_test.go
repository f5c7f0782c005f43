package capture

import (
	"image"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// TestAScreenThatIsSmallerForAMoment reads while the screen has not the size of
// the pictures, which comes back.
func TestAScreenThatIsSmallerForAMoment(t *testing.T) {
	server := xvfbtest.Start(t, 320, 240)
	conn, err := xconn.Dial(server.Display, server.Authority, xconn.RandR)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	screen := open(t, config(server))
	wait(t, read(screen))

	crtc, resize := resizing(t, conn)
	crtc()
	resize(160, 120)
	paint := newPainter(t, server)
	paint.rect(image.Rect(0, 0, 160, 120), 0xff0000)
	paint.sync()
	next := read(screen)
	for range 20 { // it is refused, again and again
		screen.Refresh()
	}
	resize(320, 240)
	if r := wait(t, next); r.err != nil {
		t.Fatal(r.err)
	}
}

// resizing returns what switches the screen's one output off, as the server
// wants it, and what resizes the screen.
func resizing(t *testing.T, conn *xgb.Conn) (off func(), resize func(w, h uint16)) {
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	resources, err := randr.GetScreenResourcesCurrent(conn, root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	off = func() {
		_, err := randr.SetCrtcConfig(conn, resources.Crtcs[0], xproto.TimeCurrentTime, resources.ConfigTimestamp,
			0, 0, 0, randr.RotationRotate0, nil).Reply()
		if err != nil {
			t.Fatal(err)
		}
	}
	return off, func(w, h uint16) {
		if err := randr.SetScreenSizeChecked(conn, root, w, h, 80, 60).Check(); err != nil {
			t.Fatal(err)
		}
	}
}
