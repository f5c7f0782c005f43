package game

import (
	"testing"

	"github.com/playcast/playcast/events"
)

// session is what belongs to a session here.
type session struct {
	id      events.SessionID
	player  events.PlayerID
	display *Display
	sound   *Sound
	game    *Process
}

// beginStage starts all but the game.
func beginStage(t *testing.T, l *Launcher, player events.PlayerID) *session {
	t.Helper()
	s := &session{id: events.NewSessionID(), player: player}
	s.sound = startSound(t, l, s.id)
	s.display = startDisplay(t, l, s.id, 320, 240)
	t.Cleanup(func() {
		if err := s.sound.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *session) start(t *testing.T, l *Launcher, entry Entry) *Process {
	t.Helper()
	p, err := l.StartGame(Launch{Session: s.id, Player: s.player, Entry: entry, Display: s.display, Sound: s.sound})
	if err != nil {
		t.Fatal(err)
	}
	s.game = p
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// beginNeighbour starts the Latency Lab for another player.
func beginNeighbour(t *testing.T, l *Launcher) *session {
	t.Helper()
	s := beginStage(t, l, "ann")
	entry := shell("")
	entry.ID, entry.Title, entry.Command = "lab", "Lab", []string{self, "lab"}
	s.start(t, l, entry)
	return s
}
