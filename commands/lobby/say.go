package lobby

import (
	"time"

	"github.com/playcast/playcast/events"
)

// MaxMessage bounds a message, in bytes of its text.
const MaxMessage = 2000

// sealing is what a seal adds to a text: a nonce of 12 bytes and a tag of 16.
const sealing = 28

// ErrMessage refuses what is no message.
var ErrMessage = &events.Fault{Kind: events.Invalid, Code: "lobby-message",
	Message: "A message has 1 to 2000 bytes. Say it in fewer words."}

// Say sends a message to the other members, sealed by the caller with the
// sender's key. How often one may speak is the caller's to bound.
type Say struct {
	Lobby  events.LobbyID
	Player events.PlayerID
	Text   events.Sealed
}

func (c Say) Target() events.Stream { return events.LobbyStream(c.Lobby) }

func (c Say) Decide(s State, now time.Time) ([]events.Event, error) {
	if err := s.joined(c.Player); err != nil {
		return nil, err
	}
	if c.Text.Player != c.Player || len(c.Text.Data) <= sealing || len(c.Text.Data) > MaxMessage+sealing {
		return nil, ErrMessage
	}
	return []events.Event{events.LobbyMessageSent{
		Lobby: c.Lobby, Number: s.Messages + 1, Player: c.Player, Text: c.Text, At: now,
	}}, nil
}
