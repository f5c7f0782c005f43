package capture

import (
	"fmt"
	"image"
	"slices"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// BenchmarkDrawToPicture draws at 59.94 pictures a second, so that a run sweeps
// through every phase of a capture at 60, and measures from the drawing to the
// converted picture that shows it, settling included.
func BenchmarkDrawToPicture(b *testing.B) {
	for _, size := range []image.Point{{1280, 720}, {1920, 1080}} {
		b.Run(fmt.Sprintf("%dp", size.Y), func(b *testing.B) { drawToPicture(b, size) })
	}
}

func drawToPicture(b *testing.B, size image.Point) {
	server := xvfbtest.Start(b, size.X, size.Y)
	paint := newPainter(b, server)
	cfg := config(server)
	cfg.FrameRate = 60
	screen := open(b, cfg)
	if _, _, err := screen.Read(); err != nil {
		b.Fatal(err)
	}
	type drawing struct {
		luma float64
		at   time.Time
	}
	drawn := make(chan drawing, b.N) // never full: what is drawn is counted
	go func() {
		defer close(drawn)
		ticker := time.NewTicker(time.Second * 100 / 5994)
		defer ticker.Stop()
		for i := range b.N {
			<-ticker.C
			grey := uint32(2 * (i % 128)) // each has a luma of its own
			luma, _, _ := reference(float64(grey), float64(grey), float64(grey))
			drawn <- drawing{luma, time.Now()}
			paint.rect(image.Rectangle{Max: size}, grey*0x10101)
		}
	}()
	b.ReportAllocs()
	b.ResetTimer()
	var delays []time.Duration
	skipped := 0
	for last := false; !last; {
		img, release, err := screen.Read()
		if err != nil {
			b.Fatal(err)
		}
		now, luma := time.Now(), img.(*image.YCbCr).Y[0]
		release()
		for d := range drawn {
			if near(luma, d.luma) {
				delays = append(delays, now.Sub(d.at))
				break
			}
			skipped++
		}
		last = len(delays)+skipped >= b.N
	}
	slices.Sort(delays)
	at := func(q int) float64 { return float64(delays[len(delays)*q/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(95), "p95-ms")
	b.ReportMetric(float64(skipped), "skipped")
}
