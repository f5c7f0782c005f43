package encode

import (
	"fmt"
	"image"
)

// Config is what to make of the pictures.
type Config struct {
	Width, Height int // of the first picture; even, 16 to 4096
	FrameRate     int // pictures a second that the bit rate is shared among, 1 to 240
	BitRate       int // bit/s, MinBitRate to MaxBitRate
	Codec         Codec
	Encoder       string // the only one to try; "" for the first that works
}

// The bit rates that make sense, in bit/s.
const (
	MinBitRate = 50_000
	MaxBitRate = 200_000_000
)

// Validate says what is out of range.
func (c Config) Validate() error {
	if err := checkSize(image.Pt(c.Width, c.Height)); err != nil {
		return err
	}
	if err := checkFrameRate(c.FrameRate); err != nil {
		return err
	}
	if c.Codec < H264 || c.Codec > AV1 {
		return fmt.Errorf("codec %v: want H264, H265 or AV1", c.Codec)
	}
	return checkBitRate(c.BitRate)
}

func checkSize(size image.Point) error {
	within := func(n int) bool { return n >= 16 && n <= 4096 && n%2 == 0 }
	if !within(size.X) || !within(size.Y) {
		return fmt.Errorf("picture of %dx%d: want even numbers from 16 to 4096", size.X, size.Y)
	}
	return nil
}

func checkFrameRate(fps int) error {
	if fps < 1 || fps > 240 {
		return fmt.Errorf("frame rate %d: want 1 to 240", fps)
	}
	return nil
}

func checkBitRate(bps int) error {
	if bps < MinBitRate || bps > MaxBitRate {
		return fmt.Errorf("bit rate %d: want %d to %d", bps, MinBitRate, MaxBitRate)
	}
	return nil
}

// checkPicture returns the picture if it is one that codecs can be trusted
// with: they believe what it says of its sizes.
func checkPicture(img image.Image) (*image.YCbCr, error) {
	pic, ok := img.(*image.YCbCr)
	if !ok || pic.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return nil, fmt.Errorf("picture of type %T: want *image.YCbCr, 4:2:0", img)
	}
	size := pic.Rect.Size()
	if err := checkSize(size); err != nil {
		return nil, err
	}
	if pic.Rect.Min != (image.Point{}) {
		return nil, fmt.Errorf("picture of %v: want it to begin at (0,0)", pic.Rect)
	}
	rows := func(plane []byte, stride, width, height int) bool {
		return stride >= width && len(plane) >= stride*(height-1)+width
	}
	if !rows(pic.Y, pic.YStride, size.X, size.Y) ||
		!rows(pic.Cb, pic.CStride, size.X/2, size.Y/2) || !rows(pic.Cr, pic.CStride, size.X/2, size.Y/2) {
		return nil, fmt.Errorf("picture of %v: its planes are too short", pic.Rect)
	}
	return pic, nil
}
