package record

import (
	"bytes"
	"time"
)

// The clocks of a recording.
const (
	videoScale = 90_000 // ticks a second of picture, and of the timeline
	soundScale = 48_000 // of sound
	perMilli   = videoScale / 1000
)

// segment is some seconds of a recording, from a key frame on.
type segment struct {
	format *format
	start  int64 // on the timeline
	length int64
	gap    bool // something is left out before it
	video  []sample
	sound  []sample
}

// sample is a frame, or a packet of sound, on the timeline of its clock.
type sample struct {
	at     int64
	length int64
	data   []byte
	key    bool
}

// cutter lays frames and sound on the timeline, and cuts it into segments. It
// does no I/O.
type cutter struct {
	target  int64 // length of a segment
	dropped uint64

	live   bool      // a stretch without gaps is under way
	base   time.Time // when the stretch began
	offset int64     // where on the timeline, a whole number of milliseconds
	end    int64     // of what is cut, on the timeline

	current   segment
	bytes     int
	nextSound int64 // where sound goes on; 0: it has not begun in this stretch
}

// maxSegment bounds the memory of a segment for which no key frame comes.
const maxSegment = 64 << 20

// frame takes a picture, and returns the segment that it ends, if it ends one.
func (c *cutter) frame(f *Frame) (*segment, error) {
	if !c.live && !f.Key {
		c.dropped++
		return nil, nil
	}
	if c.bytes > maxSegment && !f.Key {
		c.dropped++
		return c.cut(f.Captured), nil
	}
	next := c.current.format
	if f.Key {
		described, err := describe(f)
		if err != nil {
			return nil, err
		}
		if next == nil || !bytes.Equal(next.parameters, described.parameters) {
			next = described
		}
	}
	data, err := f.stored()
	if err != nil {
		return nil, err
	}
	if !c.live {
		c.begin(f.Captured)
	}
	at := c.place(f.Captured)
	ended := c.until(at, f.Key && (next != c.current.format || at-c.current.start >= c.target))
	if len(c.current.video) == 0 {
		c.current.start = at
	}
	c.current.format = next
	c.current.video = append(c.current.video, sample{at: at, data: data, key: f.Key})
	c.bytes += len(data)
	return ended, nil
}

// begin opens a stretch where the one before has ended.
func (c *cutter) begin(captured time.Time) {
	c.live, c.base = true, captured
	c.offset = (c.end + perMilli - 1) / perMilli * perMilli
	c.current.gap = c.end > 0
	c.nextSound = 0
}

// place is where on the timeline a picture lies: after the one before.
func (c *cutter) place(captured time.Time) int64 {
	at := c.offset + ticks(captured.Sub(c.base), videoScale)
	if n := len(c.current.video); n > 0 {
		at = max(at, c.current.video[n-1].at+1)
	}
	return at
}

// until has the last picture shown up to a time, which is the end of the segment
// if it is to be closed.
func (c *cutter) until(at int64, closed bool) *segment {
	n := len(c.current.video)
	if n == 0 {
		return nil
	}
	last := &c.current.video[n-1]
	last.length = max(1, at-last.at)
	if !closed {
		return nil
	}
	full := c.current
	full.length = last.at + last.length - full.start
	c.end = max(c.end, full.start+full.length)
	if s := len(full.sound); s > 0 {
		c.end = max(c.end, (full.sound[s-1].at+full.sound[s-1].length)*videoScale/soundScale)
	}
	c.current, c.bytes = segment{format: full.format}, 0
	return &full
}

// jitter is how far packets of sound may lie from where the one before ends and
// still be taken for its continuation.
const jitter = 5 * time.Millisecond

// hear takes sound. What comes before a stretch, or overlaps, is left out; a gap
// is bridged by the packet before it.
func (c *cutter) hear(s *Sound) {
	if !c.live || s.Captured.Before(c.base) {
		return
	}
	at := c.offset*soundScale/videoScale + ticks(s.Captured.Sub(c.base), soundScale)
	if c.nextSound > 0 {
		off, near := at-c.nextSound, ticks(jitter, soundScale)
		switch n := len(c.current.sound); {
		case off < -near:
			return
		case off <= near:
			at = c.nextSound
		case n > 0:
			c.current.sound[n-1].length += off
		}
	}
	length := ticks(s.Length, soundScale)
	c.current.sound = append(c.current.sound, sample{at: at, length: length, data: s.Data, key: true})
	c.nextSound = at + length
	c.bytes += len(s.Data)
}

// cut ends the stretch at a time, and returns its last segment, if there is one.
// The next one begins with the next key frame.
func (c *cutter) cut(at time.Time) *segment {
	if !c.live {
		return nil
	}
	c.live = false
	return c.until(c.place(at), true)
}

// age is how much the segment under way holds at a time.
func (c *cutter) age(now time.Time) int64 {
	if !c.live || len(c.current.video) == 0 {
		return 0
	}
	return c.offset + ticks(now.Sub(c.base), videoScale) - c.current.start
}

func ticks(d time.Duration, scale int64) int64 {
	seconds, rest := d/time.Second, d%time.Second
	return int64(seconds)*scale + int64(rest)*scale/int64(time.Second)
}
