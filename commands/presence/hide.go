package presence

import (
	"time"

	"github.com/playcast/playcast/events"
)

// Hide lets others see a player as offline, or as what they are again. Restate
// says so even where it holds already, for who waits for the event.
type Hide struct {
	Player    events.PlayerID
	Invisible bool
	Restate   bool
}

func (h Hide) Target() events.Stream { return events.PresenceStream(h.Player) }

func (h Hide) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := checkPlayer(h.Player); err != nil || s.Invisible == h.Invisible && !h.Restate {
		return nil, err
	}
	return s.decided(h.Player, now, events.VisibilityChanged{Player: h.Player, Invisible: h.Invisible, At: now})
}
