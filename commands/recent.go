package commands

import "github.com/playcast/playcast/events"

// recalled is how many events are known when they come again.
const recalled = 4096

// Recent knows the last events that a policy took, so that one that is
// delivered again, also after what it led to, changes nothing. The zero value
// knows none.
type Recent struct {
	known map[events.EventID]struct{}
	order []events.EventID // a ring
	next  int
}

// Again says whether the event is known, and knows it from then on.
func (r *Recent) Again(id events.EventID) bool {
	if _, known := r.known[id]; known {
		return true
	}
	if r.known == nil {
		r.known = map[events.EventID]struct{}{}
	}
	if len(r.order) < recalled {
		r.order = append(r.order, id)
	} else {
		delete(r.known, r.order[r.next])
		r.order[r.next] = id
	}
	r.next = (r.next + 1) % recalled
	r.known[id] = struct{}{}
	return false
}
