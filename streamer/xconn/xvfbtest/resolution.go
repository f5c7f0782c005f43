package xvfbtest

import (
	"errors"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// Shrink changes the screen's size as games of old do: its one output goes off
// first. Nobody can change it back between the two.
func Shrink(conn *xgb.Conn, width, height uint16) error {
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	resources, err := randr.GetScreenResourcesCurrent(conn, root).Reply()
	if err != nil {
		return err
	}
	if err := xproto.GrabServerChecked(conn).Check(); err != nil {
		return err
	}
	_, err = randr.SetCrtcConfig(conn, resources.Crtcs[0], xproto.TimeCurrentTime, resources.ConfigTimestamp,
		0, 0, 0, randr.RotationRotate0, nil).Reply()
	if err == nil {
		err = randr.SetScreenSizeChecked(conn, root, width, height, 80, 60).Check()
	}
	return errors.Join(err, xproto.UngrabServerChecked(conn).Check())
}
