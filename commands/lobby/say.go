package lobby

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// MaxMessage bounds a message, in bytes of its text.
const MaxMessage = 2000

// How much a member may say: so many messages within a time that begins with the
// first of them.
const (
	MaxSaid   = 10
	SaidWhile = 10 * time.Second
)

// What Say refuses.
var (
	ErrMessage = &events.Fault{Kind: events.Invalid, Code: "lobby-message",
		Message: "A message has 1 to 2000 bytes. Say it in fewer words."}
	ErrTooFast = &events.Fault{Kind: events.TooMany, Code: "lobby-too-fast",
		Message: "You say very much at once. Wait a moment."}
)

// Say sends a message to the other members, sealed by the caller with the
// sender's key.
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
	if c.Text.Player != c.Player || c.Text.Length() < 1 || c.Text.Length() > MaxMessage {
		return nil, ErrMessage
	}
	if m := s.Members[s.member(c.Player)]; m.speaks(now) && m.Said >= MaxSaid {
		wait := m.Since.Add(SaidWhile).Sub(now)
		return nil, ErrTooFast.With(fmt.Sprintf("You say very much at once. Wait for %d s.", (wait+time.Second-1)/time.Second))
	}
	return []events.Event{events.LobbyMessageSent{
		Lobby: c.Lobby, Number: s.Messages + 1, Player: c.Player, Text: c.Text, At: now,
	}}, nil
}

// speaks says whether what is said at a time adds to what was said last. Where
// the clock went back it does not: nobody is silenced for what it has lost.
func (m Member) speaks(now time.Time) bool {
	since := now.Sub(m.Since)
	return since >= 0 && since < SaidWhile
}

// said counts a message of a member's.
func (m Member) said(at time.Time) Member {
	if !m.speaks(at) {
		m.Since, m.Said = at, 0
	}
	m.Said++
	return m
}
