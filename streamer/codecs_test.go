package streamer

import (
	"testing"

	"github.com/playcast/playcast/streamer/encode"
	"github.com/playcast/playcast/streamer/transport"
)

func TestCommonCodec(t *testing.T) {
	all := []encode.Support{{Name: "best", Codec: encode.AV1}, {Name: "good", Codec: encode.H265}, {Name: "plain", Codec: encode.H264}}
	const av1, h265, h264 = transport.AV1, transport.H265, transport.H264
	type takes = []transport.Codec
	for _, c := range []struct {
		made     []encode.Support
		audience []takes
		want     string // empty: nothing is
	}{
		{all, nil, "best"},
		{all, []takes{{h264, h265, av1}}, "best"}, // their order does not count
		{all, []takes{{h264}}, "plain"},
		{all, []takes{{h264, av1}, {h264, h265}}, "plain"},
		{all, []takes{{h264, h265, av1}, {h264, h265}, {h265}}, "good"},
		{all, []takes{{av1}, {h264}}, ""},
		{all[2:], []takes{{av1, h264}}, "plain"},
		{all[:1], []takes{{h264}}, ""},
		{nil, nil, ""},
	} {
		got, ok := common(c.made, c.audience)
		if got.Name != c.want || ok != (c.want != "") {
			t.Errorf("of %v for %v: %q, want %q", c.made, c.audience, got.Name, c.want)
		}
	}
	audience := []takes{{h264}, {h264, av1}}
	if n := testing.AllocsPerRun(100, func() { common(all, audience) }); n != 0 {
		t.Errorf("choosing allocates %v times: it is done for each frame", n)
	}
}
