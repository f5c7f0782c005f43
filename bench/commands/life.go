package commands

import (
	"fmt"

	"github.com/playcast/playcast/events"
)

// Step is one command of a session's life.
type Step string

// The steps. Request, Pause, Resume and End are the player's; Launch, Ready,
// Activate, Quality and Finish the worker's; the others the policies'.
const (
	Request  Step = "request"
	Reserve  Step = "reserve"
	Allocate Step = "allocate"
	Launch   Step = "launch"
	Ready    Step = "ready"
	Activate Step = "activate"
	Quality  Step = "quality"
	Pause    Step = "pause"
	Meter    Step = "meter"
	Resume   Step = "resume"
	End      Step = "end"
	Finish   Step = "finish"
	Release  Step = "release"
)

// life is what every session goes through. Windows of quality are the most
// frequent command of a platform that is played on.
var life = []Step{
	Request, Reserve, Allocate, Launch, Ready, Activate,
	Quality, Quality, Quality, Quality, Pause, Meter,
	Resume, Quality, Quality, Quality, Quality, End, Meter, Finish, Release,
}

// Life returns the steps in their order.
func Life() []Step { return append([]Step(nil), life...) }

// SlotsEach is how many sessions a worker has.
const SlotsEach = 25

// Session is one player's place in the measurement: when a session's life is
// over, the next one begins there.
type Session struct {
	ID      events.SessionID
	Player  events.PlayerID
	Worker  events.WorkerID
	Segment int // of play, that is open or was closed last

	at int
}

// Step is the one that comes next.
func (s *Session) Step() Step { return life[s.at] }

// Advance goes on to the next step, and after the last to the next session's first.
func (s *Session) Advance() {
	switch s.Step() {
	case Activate, Resume:
		s.Segment++
	}
	if s.at++; s.at == len(life) {
		*s = Session{ID: events.NewSessionID(), Player: s.Player, Worker: s.Worker}
	}
}

// Sessions returns n places, each with a player of its own.
func Sessions(n int) []*Session {
	workers := Workers(n)
	all := make([]*Session, n)
	for i := range all {
		all[i] = &Session{
			ID: events.NewSessionID(), Player: events.PlayerID(fmt.Sprintf("bench-%d", i)), Worker: workers[i/SlotsEach],
		}
	}
	return all
}

// Workers are those that so many sessions need, of SlotsEach slots.
func Workers(sessions int) []events.WorkerID {
	all := make([]events.WorkerID, (sessions+SlotsEach-1)/SlotsEach)
	for i := range all {
		all[i] = events.WorkerID(fmt.Sprintf("bench-%d", i))
	}
	return all
}
