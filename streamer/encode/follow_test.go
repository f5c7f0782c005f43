package encode

import (
	"image"
	"io"
	"testing"
	"time"
)

// resized is a source of one scene after the other.
type resized struct {
	scenes []*scene
	at     int // the scene that was read last
}

func (r *resized) Read() (image.Image, func(), error) {
	if r.scenes[r.at].left == 0 && r.at+1 < len(r.scenes) {
		r.at++
	}
	return r.scenes[r.at].Read()
}

func (r *resized) Captured() time.Time { return r.scenes[r.at].Captured() }

// At another frame rate, the same bit rate comes in other portions, with no key
// frame.
func TestFrameRateSharesTheBitRate(t *testing.T) {
	each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
		const rate = 800_000
		source := newScene(320, 180, -1)
		e := open(source, Config{Width: 320, Height: 180, FrameRate: 60, BitRate: rate})
		next(t, e)
		for _, fps := range []int{60, 30, 15, 60} {
			if err := e.SetFrameRate(fps); err != nil {
				t.Fatal(err)
			}
			for end := source.number + fps; source.number < end; {
				next(t, e)
			}
			sum, start := 0, source.number
			for source.number < start+2*fps {
				unit := next(t, e)
				sum += len(unit.Data)
				if unit.Key && every(e) {
					t.Errorf("a key frame at %d pictures a second", fps)
				}
			}
			got := sum * 8 * fps / (source.number - start)
			t.Logf("at %d pictures a second: %d bit/s", fps, got)
			if got < rate/2 || got > rate*13/10 {
				t.Errorf("at %d pictures a second: asked %d bit/s, got %d", fps, rate, got)
			}
		}
	})
}

func TestFollowsTheSizeOfItsPictures(t *testing.T) {
	each(t, func(t *testing.T, open func(Source, Config) *Encoder) {
		const n = 10
		sizes := []image.Point{{640, 360}, {320, 180}, {854, 480}, {640, 360}}
		source := &resized{}
		for _, size := range sizes {
			source.scenes = append(source.scenes, newScene(size.X, size.Y, n))
		}
		e := open(source, Config{Width: 640, Height: 360, FrameRate: 60, BitRate: 4_000_000})
		if err := e.SetBitRate(3_000_000); err != nil {
			t.Fatal(err)
		}
		streams := make([][]byte, len(sizes))
		numbers := make([][]int, len(sizes))
		for {
			unit, err := e.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			part, number := source.at, int(unit.Captured.Unix())
			if got := image.Pt(unit.Width, unit.Height); got != sizes[part] {
				t.Errorf("part %d, picture %d: access unit of %v", part, number, got)
			}
			if unit.Key != (number == 0) && (number == 0 || every(e)) {
				t.Errorf("part %d, picture %d: key is %v", part, number, unit.Key)
			}
			streams[part] = append(streams[part], unit.Data...)
			numbers[part] = append(numbers[part], number)
		}
		for part, size := range sizes {
			pics := decode(t, e, streams[part], size.X, size.Y)
			if len(pics) != len(numbers[part]) || len(pics) == 0 {
				t.Fatalf("part %d: %d pictures decoded, of %d", part, len(pics), len(numbers[part]))
			}
			scene := source.scenes[part]
			for i, pic := range pics {
				scene.draw(scene.pic, numbers[part][i])
				if db := psnr(pic, scene.pic); db < 28 {
					t.Errorf("part %d: picture %d has %.1f dB", part, i, db)
				}
			}
			if scene.out != 0 {
				t.Errorf("part %d: %d pictures were not released", part, scene.out)
			}
		}
	})
}

func BenchmarkReopen(b *testing.B) {
	for _, c := range working() {
		b.Run(c.name+"/1080p", func(b *testing.B) {
			small, large := newScene(1280, 720, -1), newScene(1920, 1080, -1)
			source := &resized{scenes: []*scene{small, large}}
			e, err := build(c, source, Config{Width: 1280, Height: 720, FrameRate: 60, BitRate: 12_000_000})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			var spent, steady time.Duration
			for b.Loop() {
				source.at = 1
				for _, sum := range []*time.Duration{&spent, &steady} {
					unit, err := e.Next()
					if err != nil {
						b.Fatal(err)
					}
					*sum += unit.EncodeTime
				}
				source.at = 0
				if _, err := e.Next(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "µs-reopened/op")
			b.ReportMetric(float64(steady.Microseconds())/float64(b.N), "µs-next/op")
		})
	}
}
