package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// SetReady says whether a member is ready to play the game that is chosen.
type SetReady struct {
	Lobby  events.LobbyID
	Player events.PlayerID
	Ready  bool
}

func (r SetReady) Target() events.Stream { return events.LobbyStream(r.Lobby) }

func (r SetReady) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.joined(r.Player); err != nil {
		return nil, err
	}
	switch {
	case s.Members[s.member(r.Player)].Ready == r.Ready:
		return nil, nil
	case s.Phase == events.LobbyIsStarted:
		return nil, ErrPlaying
	case s.Game == "":
		return nil, ErrNoGame
	}
	return []events.Event{events.LobbyReadied{Lobby: r.Lobby, Player: r.Player, Ready: r.Ready, At: now}}, nil
}
