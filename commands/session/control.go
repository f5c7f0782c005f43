package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Control says all that a guest may use from now on. The keyboard, with the
// mouse, has one pair of hands: another guest who has it loses it.
type Control struct {
	Session  events.SessionID
	By       events.PlayerID
	Player   events.PlayerID // the guest
	Keyboard bool
	Pads     int
}

func (c Control) Target() events.Stream { return events.SessionStream(c.Session) }

func (c Control) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.owned(c.By); err != nil {
		return nil, err
	}
	if c.Pads < 0 || c.Pads > events.MaxPads {
		return nil, ErrPads
	}
	guest, ok := s.People.Guest(c.Player)
	if !ok {
		return nil, ErrNoGuest
	}
	if s.People.pads()-guest.Pads+c.Pads > events.MaxPads {
		return nil, ErrTooManyPads
	}
	var decided []events.Event
	take := func(from Guest, keyboard bool, pads int) {
		if keyboard != from.Keyboard || pads != from.Pads {
			decided = append(decided, events.ControlTaken{Session: c.Session, Player: from.Player, Keyboard: keyboard, Pads: pads, At: now})
		}
	}
	if c.Keyboard {
		for _, other := range s.People.Guests {
			if other.Player != c.Player {
				take(other, false, other.Pads)
			}
		}
	}
	left := Guest{Player: c.Player, Keyboard: guest.Keyboard && c.Keyboard, Pads: min(guest.Pads, c.Pads)}
	take(guest, left.Keyboard, left.Pads)
	if left.Keyboard != c.Keyboard || left.Pads != c.Pads {
		decided = append(decided, events.ControlGiven{Session: c.Session, Player: c.Player, Keyboard: c.Keyboard, Pads: c.Pads, At: now})
	}
	return decided, nil
}
