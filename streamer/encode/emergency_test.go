package encode

import (
	"image"
	"io"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/lab"
)

// flight is the lab's scene that moves all over, which jumps ahead now and then
// as a game does on a busy machine.
type flight struct {
	reference *lab.Reference
	pic       *image.YCbCr
	frame     uint32
	left      int
}

var _ Source = (*flight)(nil)

func (f *flight) Read() (image.Image, func(), error) {
	if f.left == 0 {
		return nil, nil, io.EOF
	}
	f.left--
	f.frame++
	if f.left%7 == 0 {
		f.frame += 12
	}
	f.reference.Luma(lab.Reading{Frame: f.frame, Inputs: f.frame / 9}, f.pic.Y)
	return f.pic, func() {}, nil
}

func (f *flight) Captured() time.Time { return time.Unix(int64(f.frame), 0) }

// A picture whose lower part was left out for want of bits looks torn: it may
// become coarse, and a little larger than the rate wants it, but never that.
func TestNoPartIsLeftOut(t *testing.T) {
	for _, c := range working() {
		// The others bound their coarseness by themselves, or miss the rate instead.
		if c.name != "x264" && c.name != "libav-libx264" {
			continue
		}
		for _, bitRate := range []int{1_500_000, 4_000_000} {
			fly(t, c.name, bitRate)
		}
	}
}

// fly encodes a flight, and reads the strips of what comes out.
func fly(t *testing.T, encoder string, bitRate int) {
	t.Helper()
	const width, height, pictures = 1280, 720, 90
	reference, err := lab.NewReference(lab.Moving, width, height)
	if err != nil {
		t.Fatal(err)
	}
	f := &flight{reference: reference, pic: image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420), left: pictures}
	for i := range f.pic.Cb {
		f.pic.Cb[i], f.pic.Cr[i] = 128, 128
	}
	e, err := Open(f, Config{Width: width, Height: height, FrameRate: 60, BitRate: bitRate, Encoder: encoder})
	if err != nil {
		t.Fatal(err)
	}
	var stream []byte
	largest := 0
	for range pictures {
		unit := next(t, e)
		stream = append(stream, unit.Data...)
		if !unit.Key {
			largest = max(largest, len(unit.Data))
		}
	}
	bad := 0
	for n, luma := range decode(t, e, stream, width, height) {
		if _, err := lab.Decode(width, height, func(x, y int) byte { return luma[y*width+x] }); err != nil {
			if bad++; bad == 1 {
				t.Errorf("%s at %d bit/s: picture %d: %v", e.Name(), bitRate, n, err)
			}
		}
	}
	t.Logf("%s at %d bit/s: %d bad, largest %d bytes, mean %d, wanted %d", encoder, bitRate, bad, largest, len(stream)/pictures, bitRate/8/60)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
