package transport

import (
	"errors"
	"time"
)

// sending is what the sender's goroutine works with, from frame to frame.
type sending struct {
	*sender
	quit    <-chan struct{}
	timer   *time.Timer
	pace    pacer
	packets [codecCount]splitter // by codec

	frame *frame // that is on its way
	first bool   // its first packet is still to come

	// put and hold are the methods, made once.
	emit func(payload []byte, last bool) error
	wait func(size int) error
}

func newSending(s *sender, quit <-chan struct{}, timer *time.Timer) *sending {
	w := &sending{
		sender: s, quit: quit, timer: timer,
		pace: pacer{target: s.target},
	}
	for codec := range w.packets {
		w.packets[codec] = Codec(codec).splitter()
	}
	w.emit, w.wait = w.put, w.hold
	return w
}

// send sends a frame and counts it.
func (w *sending) send(f *frame) {
	w.frame, w.first = f, true
	w.pace.frame(time.Now(), len(f.data))
	timestamp := w.track.startFrame(f.codec, f.captured)
	w.begin()
	err := w.packets[f.codec].split(f.data, w.emit)
	if err = errors.Join(err, w.end()); err != nil {
		// The socket's errors pass (a full buffer, a route that went away):
		// a lasting one ends the connection through ICE.
		w.failed.Add(1)
		return
	}
	w.frames.Add(1)
	if f.key {
		w.keys.Add(1)
	}
	if w.report != nil {
		w.report(SentFrame{
			Captured: f.captured, RTP: timestamp, Queued: f.queued, Sent: time.Now(), Bytes: len(f.data), Key: f.key,
		})
	}
}

// put sends a packet of the frame, and its block's repairs behind the last.
func (w *sending) put(payload []byte, last bool) error {
	if err := w.hold(len(payload)); err != nil {
		return err
	}
	full, err := w.track.write(payload, w.first, last, w.frame.captured)
	w.first = false
	if err != nil || !full && !last {
		return err
	}
	return w.track.repair(w.wait)
}

// hold waits until so many bytes may leave. What was held back for one system
// call goes out before.
func (w *sending) hold(size int) error {
	wait := w.pace.reserve(time.Now(), size)
	if wait <= 0 {
		return nil
	}
	lost := w.end()
	defer w.begin()
	w.timer.Reset(wait)
	select {
	case <-w.timer.C:
		return lost
	case <-w.quit:
		return ErrPeerClosed
	}
}
