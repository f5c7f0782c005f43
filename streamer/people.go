package streamer

import (
	"encoding/json"
	"sync"

	"github.com/playcast/playcast/events"
)

// people are who may see and play a session, as the log tells. The log's
// goroutine writes, and wakes the slot, which looks again: only what holds now
// counts, so that nothing is lost however late the slot hears of it.
type people struct {
	changed chan struct{} // one token: look again

	mu     sync.Mutex
	guests map[events.PlayerID]grant
	left   map[events.PlayerID]bool     // who were guests
	shut   map[events.InvitationID]bool // who came by these is sent away
}

func newPeople() *people {
	return &people{
		changed: make(chan struct{}, 1),
		guests:  map[events.PlayerID]grant{}, left: map[events.PlayerID]bool{}, shut: map[events.InvitationID]bool{},
	}
}

// note takes an event about the session's people, and does not wait.
func (p *people) note(e events.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case events.GuestJoined:
		p.guests[e.Player] = grant{}
		delete(p.left, e.Player)
	case events.GuestLeft:
		delete(p.guests, e.Player)
		p.left[e.Player] = true
	case events.ControlGiven:
		p.guests[e.Player] = grant{keyboard: e.Keyboard, pads: e.Pads}
	case events.ControlTaken:
		p.guests[e.Player] = grant{keyboard: e.Keyboard, pads: e.Pads}
	case events.InvitationWithdrawn:
		if e.Remove {
			p.shut[e.Invitation] = true
		}
	}
	select {
	case p.changed <- struct{}{}:
	default: // a token is there: the slot will see this too
	}
}

// may returns what a seat may play; false: it is nobody's any more. A guest of
// whom the log has not told yet was let in by who has read further: they see,
// and play when the log comes to it. What no guest has is the host's.
func (p *people) may(seat events.Seat) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch seat.Role {
	case events.SeatOfHost:
		rest := grant{keyboard: true, pads: events.MaxPads}
		for _, g := range p.guests {
			rest.keyboard = rest.keyboard && !g.keyboard
			rest.pads = max(0, rest.pads-g.pads)
		}
		return rest, true
	case events.SeatOfGuest:
		return p.guests[seat.Player], !p.left[seat.Player]
	}
	return grant{}, !p.shut[seat.Invitation]
}

// seatText tells a page what it may do.
func seatText(role events.SeatRole, g grant) string {
	text, err := json.Marshal(struct {
		Type     string          `json:"type"`
		Role     events.SeatRole `json:"role"`
		Keyboard bool            `json:"keyboard"`
		Pads     int             `json:"pads"`
	}{"seat", role, g.keyboard, g.pads})
	if err != nil {
		return ""
	}
	return string(text)
}

// hereText tells a page who is connected: the host and guests by their ids, and
// how many watch. All are told whether what they see is recorded, and whether
// the game stands still.
func hereText(here []events.PlayerID, watching int, recorded, paused bool) string {
	text, err := json.Marshal(struct {
		Type     string            `json:"type"`
		Here     []events.PlayerID `json:"here"`
		Watching int               `json:"watching"`
		Recorded bool              `json:"recorded"`
		Paused   bool              `json:"paused"`
	}{"people", here, watching, recorded, paused})
	if err != nil {
		return ""
	}
	return string(text)
}
