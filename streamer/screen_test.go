package streamer

import (
	"path/filepath"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/lab"
	"github.com/playcast/playcast/streamer/xconn"
)

// screen looks at a session's display.
type screen struct{ conn *xgb.Conn }

func (h *house) screen(t *testing.T, session events.SessionID) *screen {
	t.Helper()
	_, display := h.process(t, session, "display")
	conn, err := xconn.Dial(display, filepath.Join(h.run, session.String()+"-display", "Xauthority"))
	must(t, err)
	t.Cleanup(conn.Close)
	return &screen{conn: conn}
}

// inputs waits until the lab has counted so many presses.
func (s *screen) inputs(t *testing.T, want uint32) {
	t.Helper()
	eventually(t, "the lab has seen the input", func() bool {
		got, err := s.read(t)
		return err == nil && got.Inputs == want
	})
}

func (s *screen) read(t *testing.T) (lab.Reading, error) {
	t.Helper()
	root := xproto.Setup(s.conn).DefaultScreen(s.conn)
	width, height := int(root.WidthInPixels), int(root.HeightInPixels)
	reply, err := xproto.GetImage(s.conn, xproto.ImageFormatZPixmap, xproto.Drawable(root.Root),
		0, 0, root.WidthInPixels, root.HeightInPixels, ^uint32(0)).Reply()
	must(t, err)
	// The strips are black and white, so that green is luma enough.
	return lab.Decode(width, height, func(x, y int) byte { return reply.Data[4*(y*width+x)+1] })
}

// held says whether a key is down, by its X key code.
func (s *screen) held(t *testing.T, key byte) bool {
	t.Helper()
	reply, err := xproto.QueryKeymap(s.conn).Reply()
	must(t, err)
	return reply.Keys[key/8]&(1<<(key%8)) != 0
}

// keyA is the X key code of the key A.
const keyA = 30 + 8
