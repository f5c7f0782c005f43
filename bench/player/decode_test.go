//go:build !nolibav

package player

import (
	"bytes"
	_ "embed"
	"testing"
)

// Three pictures of 64 by 48, all of the luma 40, 80 and 120; the first is an
// IDR picture.
//
//go:embed testdata/three.h264
var three []byte

// units cuts a stream of one slice a picture in front of each slice, the first
// with its parameter sets.
func units(stream []byte) (all [][]byte) {
	start, slices := 0, 0
	for i := 1; i+4 < len(stream); i++ {
		if bytes.HasPrefix(stream[i:], []byte{0, 0, 1}) && (stream[i+3]&0x1f == 1 || stream[i+3]&0x1f == 5) {
			if slices++; slices > 1 {
				all = append(all, stream[start:i])
				start = i
			}
		}
	}
	return append(all, stream[start:])
}

func TestDecode(t *testing.T) {
	d, err := newDecoder()
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	all := units(three)
	if len(all) != 3 || !hasIDR(all[0]) || hasIDR(all[1]) {
		t.Fatalf("%d units", len(all))
	}
	for n, unit := range all {
		var p Picture
		decoded, err := d.decode(unit, &p)
		if !decoded || err != nil {
			t.Fatalf("picture %d does not come with its unit: %v", n, err)
		}
		want := 40 * (n + 1)
		if got := int(p.Luma(30, 20)); p.Width != 64 || p.Height != 48 || got < want-3 || got > want+3 {
			t.Errorf("picture %d is %d by %d with a luma of %d, want %d", n, p.Width, p.Height, got, want)
		}
	}
	for _, wrong := range [][]byte{nil, {0, 0, 1}, []byte("no H.264 at all"), all[1][:len(all[1])/2]} {
		if decoded, _ := d.decode(wrong, &Picture{}); decoded && len(wrong) < 20 {
			t.Errorf("a picture of %x", wrong)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, unit := range units(three) {
		f.Add(unit)
	}
	f.Fuzz(func(t *testing.T, unit []byte) {
		d, err := newDecoder()
		if err != nil {
			t.Fatal(err)
		}
		defer d.close()
		var p Picture
		if decoded, _ := d.decode(unit, &p); decoded && len(p.Y) < p.Width*p.Height {
			t.Errorf("%d by %d in %d bytes", p.Width, p.Height, len(p.Y))
		}
	})
}
