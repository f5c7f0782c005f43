package encode

import (
	"bytes"
	"testing"
)

func TestIsKey(t *testing.T) {
	for _, c := range []struct {
		codec Codec
		data  string
		want  bool
	}{
		{H264, "", false},
		{H264, "\x00\x00\x01", false},
		{H264, "\x00\x00\x01\x65", false}, // without parameter sets nobody can start here
		{H264, "\x00\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x01\x65d", true},
		{H264, "\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x01\x06s\x00\x00\x01\x65d", true},
		{H264, "\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x01\x41d", false},
		{H265, "", false},
		{H265, "\x00\x00\x01\x26\x01d", false},
		{H265, "\x00\x00\x01\x40\x01v\x00\x00\x01\x42\x01s\x00\x00\x01\x44\x01p\x00\x00\x01\x26\x01d", true},
		{H265, "\x00\x00\x01\x40\x01v\x00\x00\x01\x42\x01s\x00\x00\x01\x44\x01p\x00\x00\x01\x02\x01d", false},
		{H265, "\x00\x00\x01\x42\x01s\x00\x00\x01\x44\x01p\x00\x00\x01\x26\x01d", false},
		{AV1, "", false},
		{AV1, "\x12\x00\x0a\x01s\x32\x01\x10", true},
		{AV1, "\x12\x00\x0a\x01s\x30\x10", true},         // to the end
		{AV1, "\x12\x00\x0e\x00\x01s\x32\x01\x10", true}, // with an extension
		{AV1, "\x12\x00\x32\x01\x10", false},             // without a sequence
		{AV1, "\x12\x00\x0a\x01s\x32\x01\x30", false},    // inter
		{AV1, "\x12\x00\x0a\x01s\x32\x01\x90", false},    // shown again
		{AV1, "\x12\x00\x0a\x09s", false},
		{AV1, "\x0e", false},
	} {
		if got := c.codec.isKey([]byte(c.data)); got != c.want {
			t.Errorf("%v: %q: got %v", c.codec, c.data, got)
		}
	}
}

func TestCodecNames(t *testing.T) {
	for c, want := range map[Codec]string{H264: "H264", H265: "H265", AV1: "AV1", -1: "Codec(-1)", 3: "Codec(3)"} {
		if c.String() != want {
			t.Errorf("%d is %v, want %s", int(c), c, want)
		}
	}
	if got := AV1.RTP(); got.MimeType != "video/AV1" || got.ClockRate != 90000 {
		t.Errorf("AV1 is %+v", got)
	}
}

// What is no stream is no key frame, and is left as it is.
func FuzzIsKey(f *testing.F) {
	f.Add(byte(0), []byte("\x00\x00\x01\x67ab\x00\x00\x01\x68c\x00\x00\x01\x65d"))
	f.Add(byte(1), []byte("\x00\x00\x01\x40\x01v\x00\x00\x01\x42\x01s\x00\x00\x01\x44\x01p\x00\x00\x01\x26\x01d"))
	f.Add(byte(2), []byte("\x12\x00\x0a\x01s\x32\x01\x10"))
	f.Fuzz(func(t *testing.T, codec byte, unit []byte) {
		was := bytes.Clone(unit)
		if Codec(codec%3).isKey(unit) && len(unit) < 4 {
			t.Errorf("%x is a key frame", unit)
		}
		if !bytes.Equal(was, unit) {
			t.Errorf("%x became %x", was, unit)
		}
	})
}
