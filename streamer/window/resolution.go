package window

import (
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"github.com/playcast/playcast/streamer/xconn"
)

// resolution keeps the screen at its size: a game may ask for another one, but
// the picture, and what the pointer's place means, are of this one. Games that
// go by the list of modes find none other.
type resolution struct {
	crtc   randr.Crtc
	config *randr.GetCrtcInfoReply
	info   *xproto.ScreenInfo
}

// watch notes how the screen is, and asks to hear when that is changed.
func (r *resolution) watch(m *Manager) error {
	r.info = xproto.Setup(m.conn).DefaultScreen(m.conn)
	resources, err := randr.GetScreenResourcesCurrent(m.conn, m.root).Reply()
	if err != nil {
		return err
	}
	for _, crtc := range resources.Crtcs {
		config, err := randr.GetCrtcInfo(m.conn, crtc, resources.ConfigTimestamp).Reply()
		if err != nil {
			return err
		}
		if config.Mode != 0 {
			r.crtc, r.config = crtc, config
		}
	}
	return randr.SelectInputChecked(m.conn, m.root, randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange).Check()
}

// restore brings back how the screen was, if that has changed.
func (r *resolution) restore(m *Manager) {
	now, err := xproto.GetGeometry(m.conn, xproto.Drawable(m.root)).Reply()
	if err != nil {
		return // the display has gone
	}
	if int(now.Width) != m.screen.X || int(now.Height) != m.screen.Y {
		m.log.Warn("the game has changed the screen's size; it is changed back", "width", now.Width, "height", now.Height)
		randr.SetScreenSize(m.conn, m.root, uint16(m.screen.X), uint16(m.screen.Y),
			uint32(r.info.WidthInMillimeters), uint32(r.info.HeightInMillimeters))
	}
	if r.config == nil {
		return
	}
	crtc, err := randr.GetCrtcInfo(m.conn, r.crtc, xproto.TimeCurrentTime).Reply()
	if err != nil || crtc.Mode == r.config.Mode && crtc.X == r.config.X && crtc.Y == r.config.Y {
		return
	}
	randr.SetCrtcConfig(m.conn, r.crtc, xproto.TimeCurrentTime, crtc.Timestamp,
		r.config.X, r.config.Y, r.config.Mode, r.config.Rotation, r.config.Outputs)
}

// isResolution says whether an event of an extension, of which only RANDR is
// asked for any, tells of another screen.
func isResolution(event any) bool {
	_, is := event.(xconn.Event)
	return is
}
