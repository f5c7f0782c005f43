package player

import (
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

const (
	// window is how many packets may wait behind a hole: over half a second at
	// 30 Mb/s. When it is full the hole is given up.
	window = 2048
	// patience is how long a hole may be open, for retransmissions to fill it.
	patience = 200 * time.Millisecond
	// maxUnit is the largest unit in bytes; of a larger one the rest is left out.
	maxUnit = 8 << 20
	// keyEvery is how long the answer to a request for a key frame may take.
	keyEvery = 250 * time.Millisecond
)

// assembler puts packets in order and makes access units of them. It has no
// clock: packets come with the time of their arrival, and nothing happens
// between packets.
//
// A hole holds up what is behind it until it is filled, or older than patience.
// Then it is given up, and units are left out until the next key frame, which
// is asked for.
type assembler struct {
	slots [window]slot
	next  uint16 // the packet that comes next
	begun bool
	ahead int       // packets that wait behind the hole
	since time.Time // when the hole was found

	unit         Unit
	depacketizer codecs.H264Packet
	damaged      bool      // a part of the unit is missing
	lacksKey     bool      // units are left out until a key frame
	asked        time.Time // for one
	counts       Counts
}

type slot struct {
	packet  *rtp.Packet
	arrived time.Time
}

// push takes a packet, and calls emit for each unit that it completes. It tells
// whether a key frame should be asked for.
func (a *assembler) push(p *rtp.Packet, now time.Time, emit func(Unit)) (keyWanted bool) {
	a.counts.Packets++
	a.counts.Bytes += int64(len(p.Payload))
	if !a.begun {
		a.begun, a.lacksKey, a.asked = true, true, now
		a.next = p.SequenceNumber
	}
	distance := p.SequenceNumber - a.next
	if distance >= 1<<15 {
		return a.wantsKey(now) // late, or a repetition
	}
	for distance >= window { // far ahead: what is missing will not come
		a.giveUp()
		a.drain(emit)
		if distance = p.SequenceNumber - a.next; a.ahead == 0 && distance >= window {
			a.next, distance = p.SequenceNumber, 0
		}
	}
	if s := &a.slots[p.SequenceNumber%window]; s.packet == nil {
		*s = slot{p, now}
		a.ahead++
	}
	a.drain(emit)
	if a.ahead > 0 && now.Sub(a.since) > patience {
		a.giveUp()
		a.drain(emit)
	}
	return a.wantsKey(now)
}

// drain takes packets up to the next hole.
func (a *assembler) drain(emit func(Unit)) {
	took := false
	for s := &a.slots[a.next%window]; s.packet != nil; s = &a.slots[a.next%window] {
		a.take(*s, emit)
		*s = slot{}
		a.next++
		a.ahead--
		took = true
	}
	if a.ahead == 0 {
		a.since = time.Time{}
	} else if took || a.since.IsZero() {
		a.since = a.oldest()
	}
}

// oldest is when the first packet behind the hole arrived.
func (a *assembler) oldest() time.Time {
	for n := a.next; ; n++ {
		if s := a.slots[n%window]; s.packet != nil {
			return s.arrived
		}
	}
}

// giveUp goes on behind the hole.
func (a *assembler) giveUp() {
	if a.ahead == 0 {
		return
	}
	for a.slots[a.next%window].packet == nil {
		a.next++
	}
	a.counts.Abandoned++
	a.damaged, a.lacksKey = true, true
}

// take adds a packet to the unit. Padding belongs to none.
func (a *assembler) take(s slot, emit func(Unit)) {
	p := s.packet
	if len(p.Payload) == 0 {
		return
	}
	if a.unit.First.IsZero() || s.arrived.Before(a.unit.First) {
		a.unit.First = s.arrived
	}
	if s.arrived.After(a.unit.Last) {
		a.unit.Last = s.arrived
	}
	data, err := a.depacketizer.Unmarshal(p.Payload)
	if err != nil || len(a.unit.Data)+len(data) > maxUnit {
		a.damaged = true
	} else {
		a.unit.Data = append(a.unit.Data, data...)
	}
	if !p.Marker {
		return
	}
	a.unit.RTP, a.unit.Key = p.Timestamp, hasIDR(a.unit.Data)
	a.counts.Units++
	switch {
	case !a.damaged && (!a.lacksKey || a.unit.Key):
		a.lacksKey, a.asked = false, time.Time{}
		emit(a.unit)
	default:
		a.counts.Skipped++
	}
	a.unit, a.damaged, a.depacketizer = Unit{}, false, codecs.H264Packet{}
}

// skip leaves out units until the next key frame, because one was lost behind
// the assembler.
func (a *assembler) skip() { a.lacksKey = true }

func (a *assembler) wantsKey(now time.Time) bool {
	if !a.lacksKey || now.Sub(a.asked) < keyEvery {
		return false
	}
	a.asked = now
	a.counts.KeyRequests++
	return true
}

// hasIDR looks for a slice of an IDR picture (NAL unit type 5).
func hasIDR(unit []byte) bool {
	for i := 0; i+3 < len(unit); i++ {
		if unit[i] == 0 && unit[i+1] == 0 && unit[i+2] == 1 && unit[i+3]&0x1f == 5 {
			return true
		}
	}
	return false
}
