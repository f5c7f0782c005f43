package player

import "time"

const (
	// firstTrip is the round trip that is assumed until one was measured.
	firstTrip = 100 * time.Millisecond
	// leastTrip between two requests for a packet, for a server next door.
	leastTrip = 10 * time.Millisecond
	// maxRequests for one packet.
	maxRequests = 10
)

// requester knows which packets are missing and when to ask for them: at once,
// and again after each round trip, as browsers do. It takes the round trip from
// packets that it asked for once (Karn's rule). It has no clock.
//
// It sees all packets, repaired ones too. The library's own does not see those
// that come on the stream of repairs, and asks for them until it forgets them.
type requester struct {
	newest  uint16 // the packet furthest ahead
	begun   bool
	missing []missing // in their order
	trip    time.Duration
	numbers []uint16 // what due returns
}

type missing struct {
	number uint16
	asked  int
	at     time.Time // of the last request
}

// got takes a packet that came.
func (r *requester) got(number uint16, now time.Time) {
	if !r.begun {
		r.begun, r.newest, r.trip = true, number, firstTrip
		return
	}
	if ahead := number - r.newest; ahead != 0 && ahead < 1<<15 {
		if ahead > window {
			r.missing = r.missing[:0] // another place in the stream
		} else {
			for n := r.newest + 1; n != number; n++ {
				r.missing = append(r.missing, missing{number: n})
			}
		}
		r.newest = number
		return
	}
	for i, m := range r.missing {
		if m.number != number {
			continue
		}
		if m.asked == 1 {
			r.trip += (now.Sub(m.at) - r.trip) / 8
		}
		r.missing = append(r.missing[:i], r.missing[i+1:]...)
		return
	}
}

// passed forgets the packets before one: they are not waited for any more.
func (r *requester) passed(number uint16) {
	kept := r.missing[:0]
	for _, m := range r.missing {
		if m.number-number < 1<<15 {
			kept = append(kept, m)
		}
	}
	r.missing = kept
}

// due returns the packets that are to be asked for now, until the next call.
func (r *requester) due(now time.Time) []uint16 {
	r.numbers = r.numbers[:0]
	pause := max(r.trip*5/4, leastTrip)
	for i := range r.missing {
		m := &r.missing[i]
		if m.asked > 0 && (m.asked >= maxRequests || now.Sub(m.at) < pause) {
			continue
		}
		m.asked++
		m.at = now
		r.numbers = append(r.numbers, m.number)
	}
	return r.numbers
}
