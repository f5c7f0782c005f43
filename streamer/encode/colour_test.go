package encode

import (
	"bytes"
	"testing"
)

// spsHead is a parameter set of the baseline profile up to the flag of the VUI:
// 320x240, picture order type 2, no cropping.
func spsHead() *bitWriter {
	w := &bitWriter{}
	w.write(0x6742c01e, 32)
	w.write(0b1, 1)         // id 0
	w.write(0b1, 1)         // frame number in 4 bits
	w.write(0b011, 3)       // order type 2
	w.write(0b010, 3)       // one reference frame
	w.write(0, 1)           // no gaps
	w.write(0b000010100, 9) // 20 macroblocks
	w.write(0b0001111, 7)   // 15 macroblocks
	w.write(0b110, 3)       // frames, direct 8x8, no cropping
	return w
}

const (
	colours     = 0b1_101_0_1_00000001_00000001_00000001
	coloursSize = 30
)

func TestDescribeColour(t *testing.T) {
	for _, c := range []struct {
		name      string
		was, want func(*bitWriter)
	}{
		{"no VUI",
			func(w *bitWriter) { w.write(0, 1) },
			func(w *bitWriter) { w.write(0b100, 3); w.write(colours, coloursSize); w.write(0, 6) }},
		{"a VUI without colours, with restrictions",
			func(w *bitWriter) { w.write(0b1_0_0_0_00000_1_1_1_1_1_1, 15) },
			func(w *bitWriter) {
				w.write(0b1_0_0, 3)
				w.write(colours, coloursSize)
				w.write(0b00000_1_1_1_1_1_1, 11)
			}},
		{"other colours",
			func(w *bitWriter) { w.write(0b1_0_0, 3); w.write(0b1_010_1_1, 6); w.write(0x050505, 24); w.write(0, 6) },
			func(w *bitWriter) { w.write(0b1_0_0, 3); w.write(colours, coloursSize); w.write(0, 6) }},
		{"an aspect ratio and overscan, full range",
			func(w *bitWriter) { aspect(w); w.write(0b1_101_1_0, 6); w.write(0, 6) },
			func(w *bitWriter) { aspect(w); w.write(colours, coloursSize); w.write(0, 6) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			was, want := spsHead(), spsHead()
			c.was(was)
			was.write(1, 1)
			c.want(want)
			want.write(1, 1)
			rest := "\x00\x00\x00\x01\x68pps\x00\x00\x01\x65idr"
			got, err := describeColour([]byte("\x00\x00\x00\x01" + string(escape(was.data)) + rest))
			if err != nil {
				t.Fatal(err)
			}
			if wanted := "\x00\x00\x00\x01" + string(escape(want.data)) + rest; string(got) != wanted {
				t.Errorf("got  %x\nwant %x", got, wanted)
			}
		})
	}
}

// aspect starts a VUI with a ratio of 1:1 spelled out, and overscan.
func aspect(w *bitWriter) {
	w.write(0b1_1, 2)
	w.write(255, 8)
	w.write(0x00010001, 32)
	w.write(0b11, 2)
}

func TestDescribeColourRefuses(t *testing.T) {
	for _, unit := range []string{
		"\x00\x00\x01\x67",
		"\x00\x00\x01\x67\x42\xc0\x1e",
		"\x00\x00\x01\x67\x42\xc0\x1e\xff",
		"\x00\x00\x01\x67\x64\x00\x1e\xff\xff\xff\xff\xff", // high profile
	} {
		if got, err := describeColour([]byte(unit)); err == nil && len(got) > 4 {
			t.Errorf("%x became %x", unit, got)
		}
	}
	for _, unit := range []string{"", "\x00\x00\x01", "\x00\x00\x01\x41slice"} {
		if got, err := describeColour([]byte(unit)); err != nil || string(got) != unit {
			t.Errorf("%x became %x, %v", unit, got, err)
		}
	}
}

func FuzzDescribeColour(f *testing.F) {
	sps := spsHead()
	sps.write(0b0_1, 2)
	f.Add(append([]byte{0, 0, 1}, sps.data...))
	f.Fuzz(func(t *testing.T, unit []byte) {
		got, err := describeColour(bytes.Clone(unit))
		if err != nil {
			return
		}
		again, err := describeColour(got)
		if err != nil || !bytes.Equal(got, again) {
			t.Errorf("%x became %x, and that %x, %v", unit, got, again, err)
		}
	})
}
