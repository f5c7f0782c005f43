package capture

import (
	"image"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

// BenchmarkStill is what a second of a still screen costs this process.
func BenchmarkStill(b *testing.B) {
	for name, cursor := range map[string]bool{"1080p": false, "1080p with a pointer": true} {
		b.Run(name, func(b *testing.B) {
			server := xvfbtest.Start(b, 1920, 1080)
			newPointer(b, server).set(image.Pt(24, 24), image.Pt(12, 12), solid(0xffffffff))
			cfg := config(server)
			cfg.FrameRate, cfg.Cursor, cfg.Keepalive = 60, cursor, 0
			screen := open(b, cfg)
			for range 6 { // until they are rare
				if _, _, err := screen.Read(); err != nil {
					b.Fatal(err)
				}
			}
			began, cpu := screen.Captured(), cpuTime()
			pictures := 0
			for b.Loop() {
				_, release, err := screen.Read()
				if err != nil {
					b.Fatal(err)
				}
				release()
				pictures++
			}
			seconds := screen.Captured().Sub(began).Seconds()
			b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/1000/seconds, "cpu-ms/s")
			b.ReportMetric(float64(pictures)/seconds, "pictures/s")
		})
	}
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
