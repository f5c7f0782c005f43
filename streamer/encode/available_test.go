package encode

import (
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

func TestOpenTakesTheFirstThatWorks(t *testing.T) {
	all := Available()
	var first string
	for _, support := range all {
		if support.Err != nil && !support.Hardware {
			t.Errorf("%s: %v", support.Name, support.Err)
		}
		if first == "" && support.Err == nil && support.Codec == H264 && !support.ByName {
			first = support.Name
		}
	}
	e, err := Open(newScene(64, 48, 1), Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.Name() != first {
		t.Errorf("opened %s, want %s", e.Name(), first)
	}
}

// What is preferred is the first that works of each codec, AV1 and H.265 only in
// hardware.
func TestPreferred(t *testing.T) {
	var want []Support
	for _, c := range []Codec{AV1, H265, H264} {
		for _, support := range Available() {
			if support.Codec == c && support.Err == nil && !support.ByName {
				want = append(want, support)
				break
			}
		}
	}
	best, passed, err := Preferred("")
	if err != nil || !slices.Equal(best, want) {
		t.Errorf("preferred are %+v, %v; want %+v", best, err, want)
	}
	for _, support := range best {
		if support.Codec != H264 && !support.Hardware {
			t.Errorf("%s is preferred", support.Name)
		}
	}
	for _, support := range passed {
		if support.Err == nil || support.ByName {
			t.Errorf("passed over %+v", support)
		}
	}
	if best, _, err := Preferred("openh264"); err != nil || len(best) != 1 || best[0].Name != "openh264" {
		t.Errorf("named, preferred are %+v, %v", best, err)
	}
	if _, _, err := Preferred("sorenson"); err == nil || !strings.Contains(err.Error(), "sorenson is none of the encoders") {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000}
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"odd", func(c *Config) { c.Width = 63 }, "63x48: want even"},
		{"too small", func(c *Config) { c.Height = 8 }, "64x8: want even"},
		{"too large", func(c *Config) { c.Width = 1 << 20 }, "to 4096"},
		{"negative", func(c *Config) { c.Width = -64 }, "-64x48"},
		{"no frame rate", func(c *Config) { c.FrameRate = 0 }, "frame rate 0"},
		{"no bit rate", func(c *Config) { c.BitRate = 0 }, "bit rate 0"},
		{"absurd bit rate", func(c *Config) { c.BitRate = 1 << 40 }, "bit rate 1099511627776"},
		{"no codec", func(c *Config) { c.Codec = 7 }, "Codec(7)"},
		{"no encoder", func(c *Config) { c.Encoder = "sorenson" }, "sorenson is none of the encoders"},
		{"another's codec", func(c *Config) { c.Codec, c.Encoder = AV1, "openh264" }, "openh264 makes H264, and AV1 is wanted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			e, err := Open(newScene(64, 48, 0), cfg)
			if err == nil {
				e.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
		})
	}
	e, err := Open(newScene(64, 48, 0), good)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.SetBitRate(-1); err == nil {
		t.Error("a negative bit rate is taken")
	}
	if err := e.SetFrameRate(0); err == nil {
		t.Error("no frame rate is taken")
	}
}

func TestOpenTakesTheOneThatIsNamed(t *testing.T) {
	e, err := Open(newScene(64, 48, 1), Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000, Encoder: "openh264"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.Name() != "openh264" || len(e.Passed()) != 0 {
		t.Errorf("opened %s after %v", e.Name(), e.Passed())
	}
}

var errFault = errors.New("the card fell off the bus")

// faulty is an encoder that fails at its picture number failAt, from 0 on; those
// before it are key frames.
func faulty(name string, failAt int) candidate {
	return candidate{name: name, builder: func(int) codec.VideoEncoderBuilder { return &fault{failAt: failAt} }}
}

type fault struct {
	reader video.Reader
	failAt int
	closed bool
}

func (f *fault) RTPCodec() *codec.RTPCodec { return H264.rtp() }
func (f *fault) BuildVideoEncoder(r video.Reader, _ prop.Media) (codec.ReadCloser, error) {
	f.reader = r
	return f, nil
}

func (f *fault) Read() ([]byte, func(), error) {
	if _, _, err := f.reader.Read(); err != nil {
		return nil, nil, err
	}
	if f.failAt--; f.failAt < 0 {
		return nil, nil, errFault
	}
	return []byte("\x00\x00\x01\x67s\x00\x00\x01\x68p\x00\x00\x01\x65i"), nothing, nil
}

func (f *fault) Controller() codec.EncoderController { return f }
func (f *fault) ForceKeyFrame() error                { return nil }
func (f *fault) Close() error                        { f.closed = true; return nil }

// An encoder that fails in the middle says so, with its reason, and the next in
// order goes on with the same source.
func TestFailureInTheMiddle(t *testing.T) {
	const n = 8
	order := append([]candidate{faulty("broken", 0), faulty("brittle", 5), faulty("flawed", 1)}, working()[0])
	source := newScene(320, 180, n)
	cfg := Config{Width: 320, Height: 180, FrameRate: 60, BitRate: 1_000_000}
	first, err := openFirst(order, source, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if first.Name() != "brittle" {
		t.Fatalf("opened %s: the first breaks at its first picture", first.Name())
	}
	if passed := first.Passed(); len(passed) != 1 || passed[0].Name != "broken" || !errors.Is(passed[0].Err, errFault) {
		t.Errorf("passed over %v", passed)
	}
	for range 5 {
		next(t, first)
	}
	_, err = first.Next()
	if !errors.Is(err, ErrFailed) || !errors.Is(err, errFault) || !strings.Contains(err.Error(), "brittle") {
		t.Errorf("got %v, want the encoder's failure", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	second, err := openFirst(after(order, first.Name()), source, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if unit := next(t, second); !unit.Key || unit.Captured.Unix() != 6 {
		t.Errorf("%s goes on with picture %d, key %v", second.Name(), unit.Captured.Unix(), unit.Key)
	}
	next(t, second)
	if _, err := second.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if source.out != 0 {
		t.Errorf("%d pictures were not released", source.out)
	}
}

// A size that the encoder does not take is its failure, and no more than that.
func TestSizeThatTheEncoderRefuses(t *testing.T) {
	narrow := faulty("narrow", 100)
	build64 := narrow.builder
	narrow.builder = func(bps int) codec.VideoEncoderBuilder { return &picky{build64(bps)} }
	source := &resized{scenes: []*scene{newScene(64, 48, 1), newScene(66, 48, 1), newScene(64, 48, 1)}}
	e, err := openFirst([]candidate{narrow}, source, Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000})
	if err != nil {
		t.Fatal(err)
	}
	next(t, e)
	if _, err := e.Next(); !errors.Is(err, ErrFailed) || !errors.Is(err, errFault) {
		t.Errorf("got %v, want the encoder's failure", err)
	}
	next(t, e)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// picky builds encoders of one width.
type picky struct{ codec.VideoEncoderBuilder }

func (p *picky) BuildVideoEncoder(r video.Reader, media prop.Media) (codec.ReadCloser, error) {
	if media.Width != 64 {
		return nil, errFault
	}
	return p.VideoEncoderBuilder.BuildVideoEncoder(r, media)
}

func TestOpenAfterGoesDownTheOrder(t *testing.T) {
	cfg := Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000}
	all := slices.DeleteFunc(slices.Clone(working()), func(c candidate) bool { return c.codec != H264 || c.byName })
	for i, failed := range all {
		cfg.Encoder = failed.name
		e, err := OpenAfter(newScene(64, 48, 1), cfg, failed.name)
		if i+1 == len(all) {
			if err == nil {
				e.Close()
				t.Errorf("%s after %s, which is the last", e.Name(), failed.name)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() != all[i+1].name {
			t.Errorf("%s after %s, want %s", e.Name(), failed.name, all[i+1].name)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// With none that works, the reasons of all are told.
func TestNoneWorks(t *testing.T) {
	_, err := openFirst([]candidate{faulty("one", 0), faulty("two", 2)}, newScene(64, 48, 1),
		Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000})
	if err == nil || !errors.Is(err, errFault) || !strings.Contains(err.Error(), "one: ") || !strings.Contains(err.Error(), "two: ") {
		t.Errorf("got %v", err)
	}
}

// A change that costs a key frame is made for what it is worth.
func TestSmallChangesOfRateAreLeftAloneWhereTheyCostAKeyFrame(t *testing.T) {
	for _, c := range []struct {
		rate rateChange
		want []int // the bit rates that reach the codec
	}{
		{rateAtOnce, []int{1_000_000, 1_100_000, 1_000_000, 900_000, 840_000, 1_000_000, 1_100_000}},
		{rateWithKeyFrame, []int{1_000_000, 840_000, 1_100_000}},
		{rateByReopening, []int{1_000_000, 840_000, 1_100_000}},
	} {
		var told []int
		e, err := build(candidate{name: "told", rate: c.rate, builder: func(bps int) codec.VideoEncoderBuilder {
			told = append(told, bps)
			return &obedient{fault: fault{failAt: 1 << 20}, told: &told}
		}}, newScene(64, 48, -1), Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 1_000_000})
		if err != nil {
			t.Fatal(err)
		}
		for _, bps := range []int{1_100_000, 1_000_000, 900_000, 840_000, 1_000_000, 1_100_000} {
			if err := e.SetBitRate(bps); err != nil {
				t.Fatal(err)
			}
			next(t, e)
		}
		if !slices.Equal(told, c.want) {
			t.Errorf("%v: told %v, want %v", c.rate, told, c.want)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// obedient notes what bit rates it is told.
type obedient struct {
	fault
	told *[]int
}

func (o *obedient) BuildVideoEncoder(r video.Reader, p prop.Media) (codec.ReadCloser, error) {
	_, err := o.fault.BuildVideoEncoder(r, p)
	return o, err
}
func (o *obedient) Controller() codec.EncoderController { return o }
func (o *obedient) SetBitRate(bps int) error            { *o.told = append(*o.told, bps); return nil }

func BenchmarkProbe(b *testing.B) {
	for _, c := range candidates() {
		for _, size := range []image.Point{{1280, 720}, {1920, 1080}} {
			b.Run(fmt.Sprintf("%s/%dp", c.name, size.Y), func(b *testing.B) {
				var err error
				for b.Loop() {
					err = probe(c, Config{Width: size.X, Height: size.Y, FrameRate: 60, BitRate: 6_000_000})
				}
				if err != nil {
					b.Log(err)
				}
			})
		}
	}
}
