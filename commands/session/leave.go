package session

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Leave gives up a guest's seat: by the guest, or by the host who removes them.
// Who has none has left already.
type Leave struct {
	Session events.SessionID
	By      events.PlayerID
	Player  events.PlayerID // who leaves
}

func (l Leave) Target() events.Stream { return events.SessionStream(l.Session) }

func (l Leave) Decide(s State, now time.Time) ([]events.Event, error) {
	if l.By != l.Player {
		if err := s.owned(l.By); err != nil {
			return nil, err
		}
	} else if s.Phase == events.SessionNone {
		return nil, ErrUnknown
	}
	if _, ok := s.People.Guest(l.Player); !ok {
		return nil, nil
	}
	return []events.Event{events.GuestLeft{Session: l.Session, Player: l.Player, Removed: l.By != l.Player, At: now}}, nil
}
