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
// its owner asks how long to wait before the next packet.
type pacer struct {
	rate float64   // bytes a second
	next time.Time // when what was sent would have left at the rate, paceBurst early
}

// frame sets the rate for a frame of so many bytes at a target in bits a
// second.
func (p *pacer) frame(size, target int) {
	p.rate = max(float64(target)/8*paceFactor, float64(size)/paceLimit.Seconds())
}

// reserve takes one packet's bytes at now and returns how long to wait before
// sending it: zero while the burst lasts.
func (p *pacer) reserve(now time.Time, size int) time.Duration {
	if full := now.Add(-paceBurst); p.next.Before(full) {
		p.next = full
	}
	wait := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(float64(size) / p.rate * float64(time.Second)))
	if wait < paceGrain {
		return 0
	}
	return wait
}
