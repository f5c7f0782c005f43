package encode

import (
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// working are the encoders that work here, and all those in software.
var working = sync.OnceValue(func() []candidate {
	return slices.DeleteFunc(candidates(), func(c candidate) bool {
		return c.hardware && probe(c, typical(Config{})) != nil
	})
})

// each runs a test for every encoder that works here: all have the same
// contract.
func each(t *testing.T, test func(t *testing.T, open func(Source, Config) *Encoder)) {
	for _, c := range working() {
		t.Run(c.name, func(t *testing.T) {
			test(t, func(source Source, cfg Config) *Encoder {
				t.Helper()
				e, err := build(c, source, cfg)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := e.Close(); err != nil {
						t.Error(err)
					}
				})
				return e
			})
		})
	}
}

// every reports whether the encoder promises an access unit for every picture,
// and no key frames but those that were asked for.
func every(e *Encoder) bool { return e.Name() != "openh264" }

func next(t *testing.T, e *Encoder) AccessUnit {
	t.Helper()
	unit, err := e.Next()
	if err != nil {
		t.Fatal(err)
	}
	return unit
}

func TestStreamDecodesToWhatWentIn(t *testing.T) {
	// 360 and 1080 are no multiples of 16: the rest is cropped, not shown.
	for _, size := range []image.Point{{640, 360}, {1920, 1080}, {66, 50}} {
		t.Run(fmt.Sprintf("%dx%d", size.X, size.Y), func(t *testing.T) {
			each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
				const n = 30
				source := newScene(size.X, size.Y, n)
				e := open(source, Config{Width: size.X, Height: size.Y, FrameRate: 60, BitRate: 2_000_000 + 12*size.X*size.Y})
				var stream []byte
				var numbers []int // of the pictures that came out
				for source.left > 0 {
					unit := next(t, e)
					stream = append(stream, unit.Data...)
					i := int(unit.Captured.Unix())
					if unit.Key != (i == 0) && (i == 0 || every(e)) {
						t.Errorf("picture %d: key is %v", i, unit.Key)
					}
					if every(e) && i != len(numbers) {
						t.Errorf("access unit %d has the time of picture %d", len(numbers), i)
					}
					numbers = append(numbers, i)
					if unit.EncodeTime <= 0 || unit.EncodeTime > time.Minute {
						t.Errorf("picture %d took %v", i, unit.EncodeTime)
					}
				}
				if _, err := e.Next(); err != io.EOF {
					t.Errorf("at the end: got %v, want EOF", err)
				}
				if source.out != 0 {
					t.Errorf("%d pictures were not released", source.out)
				}
				pics := decode(t, e, stream, size.X, size.Y)
				if len(pics) != len(numbers) || len(pics) < n/2 {
					t.Fatalf("%d pictures decoded, of %d that came out, of %d that went in", len(pics), len(numbers), n)
				}
				worst := 100.0
				for i, pic := range pics {
					source.draw(source.pic, numbers[i])
					worst = min(worst, psnr(pic, source.pic))
				}
				t.Logf("worst picture: %.1f dB", worst)
				if worst < 28 {
					t.Errorf("worst picture has %.1f dB, want 28", worst)
				}
			})
		})
	}
}

func TestKeyFrameOnDemandIsWhereDecodingStarts(t *testing.T) {
	each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
		source := newScene(320, 240, -1)
		e := open(source, Config{Width: 320, Height: 240, FrameRate: 60, BitRate: 3_000_000})
		for i := range 600 { // none comes by itself, for long
			if unit := next(t, e); unit.Key != (i == 0) && every(e) {
				t.Fatalf("access unit %d: key is %v", i, unit.Key)
			}
		}
		e.ForceKeyFrame()
		e.ForceKeyFrame() // is still one
		asked := source.number
		var stream []byte
		var numbers []int
		for i := range 10 {
			unit := next(t, e)
			if unit.Key != (i == 0) && (i == 0 || every(e)) {
				t.Fatalf("access unit %d after it was asked for: key is %v", i, unit.Key)
			}
			stream = append(stream, unit.Data...)
			numbers = append(numbers, int(unit.Captured.Unix()))
		}
		if numbers[0] != asked {
			t.Errorf("the key frame is picture %d, want %d", numbers[0], asked)
		}
		pics := decode(t, e, stream, 320, 240)
		if len(pics) != len(numbers) {
			t.Fatalf("%d pictures decoded, want %d", len(pics), len(numbers))
		}
		for i, pic := range pics {
			source.draw(source.pic, numbers[i])
			if db := psnr(pic, source.pic); db < 30 {
				t.Errorf("picture %d after the key frame has %.1f dB", i, db)
			}
		}
	})
}

func TestBitRateIsKeptAndFollowsChanges(t *testing.T) {
	each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
		const fps = 60
		source := newScene(320, 180, -1)
		e := open(source, Config{Width: 320, Height: 180, FrameRate: fps, BitRate: 800_000})
		for _, rate := range []int{800_000, 250_000, 1_500_000} {
			if err := e.SetBitRate(rate); err != nil {
				t.Fatal(err)
			}
			// The change may take a second to be seen.
			for end := source.number + fps; source.number < end; {
				next(t, e)
			}
			sum, largest, start := 0, 0, source.number
			for source.number < start+2*fps {
				n := len(next(t, e).Data)
				sum, largest = sum+n, max(largest, n)
			}
			got := sum * 8 * fps / (source.number - start)
			t.Logf("asked %d bit/s, got %d, largest picture %.1f of the mean", rate, got, float64(largest*8*fps)/float64(got))
			if got < rate*7/10 || got > rate*13/10 {
				t.Errorf("asked %d bit/s, got %d", rate, got)
			}
		}
	})
}

func TestControlsFromOtherGoroutines(t *testing.T) {
	each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
		e := open(newScene(64, 48, -1), Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000})
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
						e.ForceKeyFrame()
						if err := errors.Join(e.SetBitRate(400_000+i%100_000), e.SetFrameRate(30+i%30)); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		for range 100 {
			next(t, e)
		}
		e.Close()
		close(stop)
		wg.Wait()
		if _, err := e.Next(); err != io.EOF {
			t.Errorf("after Close: got %v, want EOF", err)
		}
	})
}

var errSource = errors.New("the camera is on fire")

// odd is a source of whatever it is given.
type odd struct {
	image    image.Image
	err      error
	released bool
}

func (o *odd) Read() (image.Image, func(), error) {
	if o.err != nil {
		return nil, nil, o.err
	}
	return o.image, func() { o.released = true }, nil
}
func (o *odd) Captured() time.Time { return time.Time{} }

func TestPicturesThatDoNotFit(t *testing.T) {
	cut := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	cut.Cr = cut.Cr[:10]
	each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
		for _, source := range []*odd{
			{image: image.NewYCbCr(image.Rect(0, 0, 32, 33), image.YCbCrSubsampleRatio420)},
			{image: image.NewYCbCr(image.Rect(2, 2, 66, 50), image.YCbCrSubsampleRatio420)},
			{image: image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio444)},
			{image: image.NewRGBA(image.Rect(0, 0, 64, 48))},
			{image: cut},
			{err: errSource},
		} {
			e := open(source, Config{Width: 64, Height: 48, FrameRate: 60, BitRate: 500_000})
			_, err := e.Next()
			if err == nil || err == io.EOF {
				t.Errorf("got %v, want an error", err)
			}
			if source.err != nil && !errors.Is(err, errSource) {
				t.Errorf("got %v, want what the source said", err)
			}
			if source.err == nil && !source.released {
				t.Errorf("%v: the picture was not released", err)
			}
			if errors.Is(err, ErrFailed) {
				t.Errorf("%v: blames the encoder", err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range working() {
		for _, size := range []image.Point{{1280, 720}, {1920, 1080}} {
			b.Run(fmt.Sprintf("%s/%dp", c.name, size.Y), func(b *testing.B) {
				e, err := build(c, newScene(size.X, size.Y, -1), Config{
					Width: size.X, Height: size.Y, FrameRate: 60, BitRate: size.X * size.Y * 9,
				})
				if err != nil {
					b.Fatal(err)
				}
				defer e.Close()
				var spent time.Duration
				b.ReportAllocs()
				for b.Loop() {
					unit, err := e.Next()
					if err != nil {
						b.Fatal(err)
					}
					spent += unit.EncodeTime
				}
				b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "µs-encode/op")
			})
		}
	}
}
