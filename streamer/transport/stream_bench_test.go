package transport

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// BenchmarkStream sends frames of 10 Mb/s at 60 fps, one after the other, from
// WriteFrame to the socket: in bursts, and a packet at a time. What the client
// does is none of it, but that it takes the packets from the system.
func BenchmarkStream(b *testing.B) {
	b.Run("bursts", func(b *testing.B) { benchmarkStream(b, false) })
	b.Run("singly", func(b *testing.B) { benchmarkStream(b, true) })
}

func benchmarkStream(b *testing.B, singly bool) {
	s, err := Listen(Config{UDPAddr: "127.0.0.1:0", Bitrate: Bitrate{Start: 1e9, Max: 1e9}})
	must(b, err)
	defer s.Close()
	s.conn.cannot.Store(singly)
	wire := newCutNet(b)
	wire.lose = func(*rtp.Header) bool { return true }
	rec, client := newRecorder(), newPlayer(b, playerOptions{settings: wire.use})
	peer, answer, err := s.Offer(context.Background(), client.offer(b), rec.handlers())
	must(b, err)
	client.accept(b, answer)
	await(b, "connection", rec.connected)
	unit := keyUnit(10_000_000 / 8 / 60)
	b.ReportAllocs()
	b.SetBytes(int64(len(unit)))
	before := cpuTime(b)
	for b.Loop() {
		must(b, peer.WriteFrame(H264, unit, time.Now()))
		<-rec.sent
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
}

// cpuTime is that of the process, the client's part and the system's included.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
