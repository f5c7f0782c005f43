package latency

import (
	"bytes"
	"math"
	"testing"
)

func TestPSNR(t *testing.T) {
	want := []byte{10, 20, 30, 40}
	if got := psnr([]byte{10, 20, 0, 30, 40, 0}, 3, want, 2); got != bestPSNR {
		t.Errorf("of the same: %g", got)
	}
	// One of four pixels is 4 off: a mean square error of 4.
	if got, exact := psnr([]byte{10, 24, 30, 40}, 2, want, 2), 10*math.Log10(255*255/4.0); math.Abs(got-exact) > 1e-9 {
		t.Errorf("got %g, want %g", got, exact)
	}
}

func TestResize(t *testing.T) {
	from := []byte{
		10, 20, 30, 40, 50, 60,
		30, 40, 50, 60, 70, 80,
	}
	for _, c := range []struct {
		width, height int
		want          []byte
	}{
		{6, 2, from},
		{3, 1, []byte{25, 45, 65}},
		{4, 2, []byte{13, 27, 43, 57, 33, 47, 63, 77}}, // a pixel and a half each
	} {
		if got := resize(from, 6, 2, c.width, c.height); !bytes.Equal(got, c.want) {
			t.Errorf("%d by %d: got %v, want %v", c.width, c.height, got, c.want)
		}
	}
}
