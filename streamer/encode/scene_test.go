package encode

import (
	"bytes"
	"image"
	"io"
	"math"
	"os/exec"
	"testing"
	"time"
)

// scene is a source of a moving picture: a gradient with texture that scrolls,
// and a block that crosses it.
type scene struct {
	size    image.Point
	left    int // pictures until the end; negative for no end
	number  int
	out     int // pictures that were not released
	release func()
	texture *image.YCbCr
	pic     *image.YCbCr
}

var _ Source = (*scene)(nil)

func newScene(width, height, left int) *scene {
	s := &scene{size: image.Pt(width, height), left: left}
	s.release = func() { s.out-- }
	s.texture = image.NewYCbCr(image.Rect(0, 0, 2*width, 2*height), image.YCbCrSubsampleRatio420)
	for y := range 2 * height {
		for x := range 2 * width {
			v := 100 + 60*math.Sin(float64(x)/23)*math.Cos(float64(y)/31) + float64((x*7+y*13)%24)
			s.texture.Y[y*s.texture.YStride+x] = byte(v)
		}
	}
	for i := range s.texture.Cb {
		s.texture.Cb[i] = byte(110 + i%s.texture.CStride*30/s.texture.CStride)
		s.texture.Cr[i] = byte(140 - i/s.texture.CStride*30/height)
	}
	s.pic = image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	return s
}

func (s *scene) Read() (image.Image, func(), error) {
	if s.left == 0 {
		return nil, nil, io.EOF
	}
	s.left--
	s.draw(s.pic, s.number)
	s.number++
	s.out++
	return s.pic, s.release, nil
}

// Captured encodes the number of the picture.
func (s *scene) Captured() time.Time { return time.Unix(int64(s.number-1), 0) }

func (s *scene) draw(pic *image.YCbCr, n int) {
	dx, dy := 2*(3*n%(s.size.X/2)), 2*(n%(s.size.Y/2))
	for y := range s.size.Y {
		copy(pic.Y[y*pic.YStride:][:s.size.X], s.texture.Y[(y+dy)*s.texture.YStride+dx:])
	}
	for y := range s.size.Y / 2 {
		copy(pic.Cb[y*pic.CStride:][:s.size.X/2], s.texture.Cb[(y+dy/2)*s.texture.CStride+dx/2:])
		copy(pic.Cr[y*pic.CStride:][:s.size.X/2], s.texture.Cr[(y+dy/2)*s.texture.CStride+dx/2:])
	}
	side := s.size.Y / 4
	at := 5 * n % (s.size.X - side)
	for y := side; y < 2*side; y++ {
		row := pic.Y[y*pic.YStride+at:][:side]
		for i := range row {
			row[i] = 220
		}
	}
}

// decode has ffmpeg (Debian package ffmpeg, for this test alone) decode a
// stream, and returns its pictures as planes one after the other.
func decode(t *testing.T, e *Encoder, stream []byte, width, height int) [][]byte {
	t.Helper()
	var out, problems bytes.Buffer
	format := map[Codec]string{H264: "h264", H265: "hevc", AV1: "obu"}[e.candidate.codec]
	cmd := exec.Command("ffmpeg", "-v", "warning", "-xerror", "-f", format, "-i", "-",
		"-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stream), &out, &problems
	if err := cmd.Run(); err != nil || problems.Len() > 0 {
		t.Fatalf("decode: %v\n%s", err, problems.Bytes())
	}
	size := width * height * 3 / 2
	if out.Len()%size != 0 {
		t.Fatalf("decoded %d bytes, not a multiple of a picture's %d", out.Len(), size)
	}
	var pics [][]byte
	for data := out.Bytes(); len(data) > 0; data = data[size:] {
		pics = append(pics, data[:size])
	}
	return pics
}

// psnr compares all three planes of a decoded picture, in decibels.
func psnr(decoded []byte, pic *image.YCbCr) float64 {
	var sum float64
	for _, plane := range [][]byte{pic.Y, pic.Cb, pic.Cr} {
		for j, v := range plane {
			d := float64(v) - float64(decoded[j])
			sum += d * d
		}
		decoded = decoded[len(plane):]
	}
	n := float64(len(pic.Y) + len(pic.Cb) + len(pic.Cr))
	return 10 * math.Log10(255*255*n/max(sum, 1))
}
