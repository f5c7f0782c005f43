package transport

import (
	"io"
	"testing"

	"github.com/pion/transport/v4/packetio"
)

func TestInletTakesEachPacketOnce(t *testing.T) {
	in := newInlet()
	video, again := in.buffer(packetio.RTCPBufferPacket, 1), in.buffer(packetio.RTCPBufferPacket, 2)
	write := func(to io.Writer, text string) {
		t.Helper()
		_, err := to.Write([]byte(text))
		must(t, err)
	}
	write(video, "report of both")
	write(again, "report of both")
	write(video, "picture lost")
	write(video, "picture lost")
	write(again, "feedback")
	must(t, again.Close())
	in.close()
	buf := make([]byte, 100)
	for _, want := range []string{"report of both", "picture lost", "picture lost", "feedback"} {
		n, err := video.Read(buf)
		must(t, err)
		if got := string(buf[:n]); got != want {
			t.Errorf("read %q, want %q", got, want)
		}
	}
	if _, err := video.Read(buf); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestInletIsBounded(t *testing.T) {
	in := newInlet()
	defer in.close()
	stream := in.buffer(packetio.RTCPBufferPacket, 1)
	for range inletSize / 1000 {
		_, _ = stream.Write(make([]byte, 1000))
	}
	if _, err := stream.Write(make([]byte, 1000)); err != packetio.ErrFull || in.full.Load() == 0 {
		t.Errorf("got %v, %d counted", err, in.full.Load())
	}
}
