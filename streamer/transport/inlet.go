package transport

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/pion/transport/v4/packetio"
)

// inletStreams is how many streams a client may speak of. It has been offered
// four. One that goes on to invent others is given up: the library keeps
// something of each.
const inletStreams = 64

// inletSize bounds the RTCP that waits to be read: some 2000 reports. What
// comes when it is full is dropped and counted; RTCP repeats itself.
const inletSize = 100_000

// inletPackets bounds a stream of media that waits to be read: a third of a
// second of a voice. What comes when it is full is dropped.
const inletPackets = 16

// inlet gathers all the RTCP of one client for the one who reads it. The
// library parts it by the stream that it speaks of, and leaves unread what
// speaks of retransmissions and repairs; but a client names in its
// transport-wide feedback whichever stream it heard last.
type inlet struct {
	queue   *packetio.Buffer
	full    atomic.Uint64
	overrun func() // too many streams

	mu      sync.Mutex
	streams int
	last    []byte // as last written
	ssrc    uint32 // of the stream it was written for
}

func newInlet() *inlet {
	queue := packetio.NewBuffer()
	queue.SetLimitSize(inletSize)
	return &inlet{queue: queue}
}

// buffer is what the library is to use for a stream.
func (i *inlet) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	i.mu.Lock()
	i.streams++
	overrun := i.streams == inletStreams+1
	i.mu.Unlock()
	if overrun {
		i.overrun()
	}
	if kind == packetio.RTCPBufferPacket {
		return &inletStream{inlet: i, ssrc: ssrc}
	}
	// Of what a client sends its voice is read, if that is wanted.
	media := packetio.NewBuffer()
	media.SetLimitCount(inletPackets)
	return media
}

// close ends the reading, when all that is written has been read.
func (i *inlet) close() { _ = i.queue.Close() }

// inletStream is one stream's way into the inlet. All read the same.
type inletStream struct {
	*inlet
	ssrc uint32
}

// Write takes a packet once: one that speaks of several streams is written
// for each of them in turn.
func (s *inletStream) Write(packet []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inlet.ssrc != s.ssrc && bytes.Equal(s.last, packet) {
		return len(packet), nil
	}
	s.inlet.ssrc, s.last = s.ssrc, append(s.last[:0], packet...)
	n, err := s.queue.Write(packet)
	if errors.Is(err, packetio.ErrFull) {
		s.full.Add(1)
	}
	return n, err
}

func (s *inletStream) Read(b []byte) (int, error) { return s.queue.Read(b) }

// Close leaves the inlet open for the others; the peer closes it.
func (s *inletStream) Close() error { return nil }
