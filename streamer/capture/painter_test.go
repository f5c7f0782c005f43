package capture

import (
	"image"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// painter fills rectangles of the root window, without allocating.
type painter struct {
	t    testing.TB
	wire *wire
	fill [16 + 20]byte // ChangeGC for the colour, PolyFillRectangle
}

func newPainter(t testing.TB, server *xvfbtest.Server) *painter {
	t.Helper()
	w, setup, err := dialWire(server.Display, server.Authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.conn.Close() })
	root, gc := uint32(setup.Roots[0].Root), w.base|7
	p := &painter{t: t, wire: w}
	create := request(55, 0, 16)
	xgb.Put32(create[4:], gc)
	xgb.Put32(create[8:], root)
	p.send(create, 1)
	copy(p.fill[:], request(56, 0, 16))
	xgb.Put32(p.fill[4:], gc)
	xgb.Put32(p.fill[8:], xproto.GcForeground)
	copy(p.fill[16:], request(70, 0, 20))
	xgb.Put32(p.fill[20:], root)
	xgb.Put32(p.fill[24:], gc)
	return p
}

func (p *painter) rect(r image.Rectangle, rgb uint32) {
	xgb.Put32(p.fill[12:], rgb)
	xgb.Put16(p.fill[28:], uint16(r.Min.X))
	xgb.Put16(p.fill[30:], uint16(r.Min.Y))
	xgb.Put16(p.fill[32:], uint16(r.Dx()))
	xgb.Put16(p.fill[34:], uint16(r.Dy()))
	p.send(p.fill[:], 2)
}

func (p *painter) send(req []byte, n uint16) {
	if err := p.wire.send(req, n); err != nil {
		p.t.Error(err)
	}
}

// sync returns when all is drawn.
func (p *painter) sync() {
	p.t.Helper()
	err := p.wire.call(request(43, 0, 4), 1) // GetInputFocus
	if err == nil {
		_, err = p.wire.next()
	}
	if err != nil {
		p.t.Fatal(err)
	}
}
