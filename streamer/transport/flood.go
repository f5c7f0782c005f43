package transport

import "time"

// What a client may send for long, in messages a second, and at once. A page
// sends motion 500 times a second at most, and a few texts a minute.
const (
	inputRate, inputBurst     = 1000, 256
	controlRate, controlBurst = 50, 256
)

// bucket is a token bucket, kept as the time at which it is full again (GCRA,
// ITU-T I.371). It begins full.
type bucket struct {
	every time.Duration // between two tokens
	depth time.Duration // for how long it fills, but for the last token
	full  time.Time     // when it is full again
}

func newBucket(rate, burst int) bucket {
	every := time.Second / time.Duration(rate)
	return bucket{every: every, depth: time.Duration(burst-1) * every}
}

// wait is how long until there is a token; 0 or less: there is one.
func (b *bucket) wait(now time.Time) time.Duration { return b.full.Sub(now.Add(b.depth)) }

// take takes the token that there is.
func (b *bucket) take(now time.Time) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(b.every)
}

// valve lets messages of one channel through, as many as its bucket allows.
// Those that come faster wait in the channel's queue.
type valve struct {
	bucket
	queue chan []byte
	shut  bool // since the last message there was no token for the next
}

// open returns the queue if a message may be taken now, else nil, and how long
// until then.
func (v *valve) open(now time.Time) (<-chan []byte, time.Duration) {
	wait := v.wait(now)
	if wait > 0 {
		v.shut = true
		return nil, wait
	}
	return v.queue, 0
}

// newest returns what is to be taken instead of a message that has come through
// after the valve was shut: the newest that waits. It says how many were left
// out for it.
func (v *valve) newest(msg []byte) (newest []byte, left int) {
	for v.shut {
		select {
		case msg = <-v.queue:
			left++
		default:
			v.shut = false
		}
	}
	return msg, left
}
