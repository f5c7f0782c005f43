//go:build nolibav

package player

import "errors"

// decoder is none: it was left out of this build.
type decoder struct{}

func newDecoder() (*decoder, error) {
	return nil, errors.New("this build has no libavcodec (tag nolibav), which decodes the picture")
}

func (*decoder) decode([]byte, *Picture) (bool, error) { return false, nil }

func (*decoder) close() {}
