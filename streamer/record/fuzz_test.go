package record

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"version":1,"inits":[{"codec":"H264","width":640,"height":360,"sound":true}],"segments":[{"init":0,"start":0,"length":180000,"bytes":5000},{"init":0,"start":180000,"length":90,"bytes":1,"break":true}],"ended":true}`), int64(0), int64(3_000))
	f.Add([]byte(`{"version":1,"inits":[],"segments":[{"init":-1}]}`), int64(5), int64(1))
	f.Add([]byte(`{"version":2}`), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, from, to int64) {
		m, err := ParseManifest(data)
		if err != nil {
			if !errors.Is(err, ErrManifest) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		span := Span{From: from % (1 << 40), To: to % (1 << 40)}
		if first, end := m.within(span); first < 0 || end < first || end > len(m.Segments) {
			t.Fatalf("%v is the segments from %d to %d of %d", span, first, end, len(m.Segments))
		}
		if list := m.Playlist(span, ""); !bytes.HasSuffix(list, []byte("#EXT-X-ENDLIST\n")) {
			t.Fatalf("the playlist is %q", list)
		}
	})
}

// FuzzSegment reads what may lie in a store instead of a segment.
func FuzzSegment(f *testing.F) {
	made, err := mediaSegment(&segment{
		video: []sample{{at: 0, length: 3000, data: []byte{0, 0, 0, 1, 0x65}, key: true}, {at: 3000, length: 3000, data: []byte{0, 0, 0, 1, 0x41}}},
		sound: []sample{{at: 0, length: 480, data: silence, key: true}},
	}, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made)
	f.Add(made[:len(made)/2])
	f.Add([]byte("\x00\x00\x00\x08moof"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := readFragment(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if !errors.Is(err, errSegment) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		for _, s := range append(read.video, read.sound...) {
			if s.offset < 0 || s.size < 0 || s.offset+s.size > int64(len(data)) {
				t.Fatalf("a sample at %d of %d bytes lies outside of %d", s.offset, s.size, len(data))
			}
		}
	})
}

// FuzzUnits reads what is no AV1.
func FuzzUnits(f *testing.F) {
	f.Add([]byte{0x12, 0, 0x0a, 0x0b, 0, 0, 0, 0x24, 0xc4, 0xff, 0xdf, 0x00, 0x68, 0x02, 0x00})
	f.Add([]byte{0x0a, 0x80})
	f.Fuzz(func(t *testing.T, data []byte) {
		if kept := withoutDelimiters(data); len(kept) > len(data) {
			t.Fatal("it has grown")
		}
		if header, err := sequenceHeader(data); err == nil {
			_, _ = operatingPoint(header)
		}
	})
}

// BenchmarkRecord is what recording adds to a frame, but for the store.
func BenchmarkRecord(b *testing.B) {
	data := append([]byte{0, 0, 1, 0x41}, bytes.Repeat([]byte{0x55}, 17_000)...) // of 8 Mb/s
	key := append([]byte{0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0, 0xa0, 0x2f, 0xf9, 0x50, 0, 0, 1, 0x68, 0xcb, 0x83, 0xcb, 0x20, 0, 0, 1, 0x65}, data[4:]...)
	c := cutter{target: 4 * videoScale}
	b.ReportAllocs()
	for n := range b.N {
		frame := &Frame{Data: data, Codec: H264, Width: 640, Height: 360, Captured: at(n)}
		if frame.Key = n%120 == 0; frame.Key {
			frame.Data = key
		}
		full, err := c.frame(frame)
		if err != nil {
			b.Fatal(err)
		}
		if full != nil {
			if _, err := mediaSegment(full, 0); err != nil {
				b.Fatal(err)
			}
		}
		c.hear(&Sound{Data: silence, Captured: at(n)})
	}
}
