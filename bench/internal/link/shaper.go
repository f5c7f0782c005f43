package link

import (
	"math/rand/v2"
	"time"
)

// Conditions of one direction.
type Conditions struct {
	Rate   int           // bits a second of IP packets; 0 sets no limit
	Queue  time.Duration // how much waits at most, in time at Rate; 0 stands for 300 ms (RFC 8867, 4.1)
	Delay  time.Duration // one way, on top of queue and transmission
	Jitter time.Duration // the most that comes on top of Delay; packets keep their order
	Loss   float64       // share of packets lost at random behind the queue
	Burst  Burst         // losses that come together
	Down   bool          // everything that leaves the queue is lost
}

// queueTime is the default of Conditions.Queue.
const queueTime = 300 * time.Millisecond

func (c Conditions) queueBytes() int {
	limit := c.Queue
	if limit == 0 {
		limit = queueTime
	}
	return int(limit.Seconds() * float64(c.Rate) / 8)
}

// transmission is how long a packet occupies the line.
func (c Conditions) transmission(size int) time.Duration {
	if c.Rate == 0 {
		return 0
	}
	return time.Duration(float64(size) * 8 / float64(c.Rate) * float64(time.Second))
}

// Fate is what became of a packet.
type Fate uint8

// The fates of packets.
const (
	Underway  Fate = iota // in the queue or on the line
	Delivered             // left at the other end
	Overflow              // the queue was full
	Random                // lost at random
	Bursts                // lost in a burst
	Outage                // the line was down
)

// Packet is the record of a packet. Times are since the link's start.
type Packet struct {
	Arrived time.Duration
	Waited  time.Duration // in the queue, before its transmission began
	Left    time.Duration // at the other end, or where it was lost
	Size    int           // bytes with the IP header
	Fate    Fate
}

// Shaper is one direction of a link in virtual time: a FIFO queue with
// drop-tail before a line of limited rate, with losses behind it and then a
// delay.
//
//	Push ─▶ queue ─▶ line at Rate ─▶ outage, losses ─▶ delay and jitter ─▶ Pop
//
// It has no clock and no goroutine: whoever calls it says what time it is,
// never an earlier one than before. Packets leave in the order in which they
// came. The same seed, packets and times give the same results.
type Shaper struct {
	conditions Conditions
	rng        *rand.Rand
	burst      gilbert
	jitter     jitter

	line
	flying  fifo          // behind the line
	last    time.Duration // when the last of them leaves
	buffers [][]byte      // of packets that are gone
	log     []Packet
}

// line is the line with the queue before it.
type line struct {
	queue  fifo          // waiting; the first is on the line if busy
	queued int           // bytes of them
	busy   bool          // the first of the queue is on the line
	since  time.Duration // when the line took it, or the conditions changed
	served float64       // share of it that was on the line before since
}

// logged is how many records there is room for at first: a minute at 30 Mb/s.
// To make more room later takes a moment, in which packets would wait.
const logged = 1 << 18

// NewShaper begins with the conditions.
func NewShaper(c Conditions, seed uint64) *Shaper {
	return &Shaper{conditions: c, rng: rand.New(rand.NewPCG(seed, 1)), log: make([]Packet, 0, logged)}
}

// Set changes the conditions: the packet on the line goes on at the new rate,
// those behind the line are not touched. A queue that is longer than the new
// conditions allow is worked off.
func (s *Shaper) Set(now time.Duration, c Conditions) {
	s.advance(now)
	if s.busy {
		size := s.log[s.queue.first().index].Size
		if whole := s.conditions.transmission(size); whole > 0 {
			s.served += float64(now-s.since) / float64(whole)
		}
		s.since = now
	}
	s.conditions = c
}

// Push takes a packet that has come. It copies the bytes.
func (s *Shaper) Push(now time.Duration, p []byte) {
	s.advance(now)
	s.log = append(s.log, Packet{Arrived: now, Size: len(p)})
	index := len(s.log) - 1
	if c := s.conditions; c.Rate > 0 && s.queued+len(p) > c.queueBytes() {
		s.end(index, now, Overflow)
		return
	}
	s.queue.push(queuedPacket{index: index, data: append(s.buffer(), p...)})
	s.queued += len(p)
	if !s.busy {
		s.occupy(now)
	}
	s.advance(now) // without a rate it passes at once
}

// Pop returns a packet that has left by now, in the order of leaving; its
// bytes are good until the next call of Push.
func (s *Shaper) Pop(now time.Duration) ([]byte, bool) {
	s.advance(now)
	if s.flying.empty() || s.flying.first().leaves > now {
		return nil, false
	}
	p := s.flying.pop()
	s.end(p.index, p.leaves, Delivered)
	s.buffers = append(s.buffers, p.data)
	return p.data, true
}

// Next is when Pop will have something, as far as is known: look again then.
// False: not before the next Push.
func (s *Shaper) Next() (time.Duration, bool) {
	switch {
	case !s.flying.empty():
		return s.flying.first().leaves, true
	case s.busy:
		return s.finish(), true
	default:
		return 0, false
	}
}

// Log is the record of all packets so far, in the order of their coming.
func (s *Shaper) Log() []Packet { return s.log }

// advance lets the line work until now.
func (s *Shaper) advance(now time.Duration) {
	for s.busy {
		done := s.finish()
		if done > now {
			return
		}
		p := s.queue.pop()
		s.queued -= s.log[p.index].Size
		s.busy = false
		s.leave(p, done)
		if !s.queue.empty() {
			s.occupy(done)
		}
	}
}

// occupy puts the first of the queue on the line.
func (s *Shaper) occupy(now time.Duration) {
	s.busy, s.since, s.served = true, now, 0
	p := &s.log[s.queue.first().index]
	p.Waited = now - p.Arrived
}

// finish is when the packet on the line will have passed it.
func (s *Shaper) finish() time.Duration {
	whole := s.conditions.transmission(s.log[s.queue.first().index].Size)
	return s.since + time.Duration((1-s.served)*float64(whole))
}

// leave decides what becomes of a packet that has passed the line.
func (s *Shaper) leave(p queuedPacket, now time.Duration) {
	c := s.conditions
	lost := s.burst.lost(c.Burst, s.rng)
	fate := Underway
	switch {
	case c.Down:
		fate = Outage
	case lost:
		fate = Bursts
	case c.Loss > 0 && s.rng.Float64() < c.Loss:
		fate = Random
	}
	if fate != Underway {
		s.end(p.index, now, fate)
		s.buffers = append(s.buffers, p.data)
		return
	}
	p.leaves = max(s.last, now+c.Delay+s.jitter.at(now, c.Jitter, s.rng))
	s.last = p.leaves
	s.flying.push(p)
}

func (s *Shaper) end(index int, at time.Duration, fate Fate) {
	s.log[index].Left, s.log[index].Fate = at, fate
}

// buffer is an empty one.
func (s *Shaper) buffer() []byte {
	if last := len(s.buffers) - 1; last >= 0 {
		b := s.buffers[last]
		s.buffers = s.buffers[:last]
		return b[:0]
	}
	return make([]byte, 0, MTU)
}
