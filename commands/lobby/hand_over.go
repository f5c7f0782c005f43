package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// HandOver makes another member the host. A session that is played stays its
// player's.
type HandOver struct {
	Lobby events.LobbyID
	By    events.PlayerID
	To    events.PlayerID
}

func (h HandOver) Target() events.Stream { return events.LobbyStream(h.Lobby) }

func (h HandOver) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.hosted(h.By); err != nil {
		return nil, err
	}
	if h.To == h.By {
		return nil, nil
	}
	if s.member(h.To) < 0 {
		return nil, ErrNoMember
	}
	return []events.Event{events.LobbyHandedOver{Lobby: h.Lobby, From: h.By, To: h.To, At: now}}, nil
}
