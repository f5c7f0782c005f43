//go:build !nolibav

package encode

import (
	"strings"
	"testing"
)

// The probe says why an encoder will not do.
func TestProbeTellsTheReason(t *testing.T) {
	options := func(change func(*libavOptions)) libavOptions {
		o := libavOptions{name: "libx264", vbv: 200, gop: endless, settings: []string{"preset=ultrafast:tune=zerolatency:forced-idr=1"}}
		change(&o)
		return o
	}
	for _, c := range []struct {
		name    string
		options libavOptions
		want    string
	}{
		{"is not there", options(func(o *libavOptions) { o.name = "libsorenson" }), "built without it"},
		{"looks ahead", options(func(o *libavOptions) { o.settings = []string{"preset=medium"} }), "holds pictures back"},
		{"makes key frames without parameter sets", options(func(o *libavOptions) { o.settings[0] += ":x264-params=repeat-headers=0" }), "picture 0 did not come out as a key frame"},
		{"refuses its settings", options(func(o *libavOptions) { o.settings = []string{"crf=leisurely"} }), "leisurely"},
		{"refuses one of two settings", options(func(o *libavOptions) { o.settings = append([]string{"crf=leisurely"}, o.settings...) }), ""},
		{"is no encoder's input", options(func(o *libavOptions) { o.input = 2 }), "graphics card"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := probe(software("tried", H264, c.options, rateAtOnce), typical(Config{}))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Encoders that want their chroma interleaved get the same picture.
func TestInterleaved(t *testing.T) {
	nv12 := software("nv12", H264, libavOptions{
		name: "libx264", input: 1, vbv: 200, gop: endless,
		settings: []string{"preset=ultrafast:tune=zerolatency:profile=baseline:forced-idr=1"},
	}, rateAtOnce)
	const width, height = 322, 182
	source := newScene(width, height, 20)
	e, err := build(nv12, source, Config{Width: width, Height: height, FrameRate: 60, BitRate: 3_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var stream []byte
	for source.left > 0 {
		stream = append(stream, next(t, e).Data...)
	}
	for i, pic := range decode(t, e, stream, width, height) {
		source.draw(source.pic, i)
		if db := psnr(pic, source.pic); db < 30 {
			t.Errorf("picture %d has %.1f dB", i, db)
		}
	}
}
