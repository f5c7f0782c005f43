package transport

import "time"

const (
	// paceFactor over the target lets a frame leave in 1/2.5 of the time
	// between frames.
	paceFactor = 2.5
	// paceBurst is how much may leave at once, in time at the paced rate. A
	// frame of the average size takes 6.7 ms of it at 60 fps and so leaves
	// without waiting: only key frames and other large ones are spread.
	// Spreading every frame would add its length to the latency of all.
	paceBurst = 10 * time.Millisecond
	// paceLimit bounds the time that one frame is spread over, however low
	// the target: a key frame that takes longer holds up those behind it
	// until the queue overflows, which costs another key frame.
	paceLimit = 50 * time.Millisecond
	// paceGrain is the least wait worth a timer.
	paceGrain = time.Millisecond
)

// pacer is a token bucket in virtual time. It holds no timer and no clock:
// its owner asks how long to wait before the next packet. The target may
// change while a frame is on its way.
type pacer struct {
	target func() int // bits a second
	next   time.Time  // when what was sent would have left at the rate, paceBurst early
	left   int        // bytes of the frame that have not been sent
	late   time.Time  // when the last of them is to leave
}

// frame begins one of so many bytes.
func (p *pacer) frame(now time.Time, size int) {
	p.left, p.late = size, now.Add(paceLimit)
}

// reserve takes one packet's bytes at now and returns how long to wait before
// sending it: zero while the burst lasts.
func (p *pacer) reserve(now time.Time, size int) time.Duration {
	if full := now.Add(-paceBurst); p.next.Before(full) {
		p.next = full
	}
	wait := p.next.Sub(now)
	rate := paceFactor * float64(p.target()) / 8
	if left := p.late.Sub(p.next).Seconds(); left > 0 {
		rate = max(rate, float64(p.left)/left)
	} else {
		wait = 0 // it has taken its time
	}
	p.left -= size
	p.next = p.next.Add(time.Duration(float64(size) / rate * float64(time.Second)))
	if wait < paceGrain {
		return 0
	}
	return wait
}
