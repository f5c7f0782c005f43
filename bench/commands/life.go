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

// slotsEach is how many sessions a worker has.
const slotsEach = 25

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

func (s *Session) advance() {
	switch s.Step() {
	case Activate, Resume:
		s.Segment++
	}
	if s.at++; s.at == len(life) {
		*s = Session{ID: events.NewSessionID(), Player: s.Player, Worker: s.Worker}
	}
}

func sessionsOf(n int) []*Session {
	workers := workersOf(n)
	all := make([]*Session, n)
	for i := range all {
		all[i] = &Session{
			ID: events.NewSessionID(), Player: events.PlayerID(fmt.Sprintf("bench-%d", i)), Worker: workers[i/slotsEach],
		}
	}
	return all
}

func workersOf(sessions int) []events.WorkerID {
	all := make([]events.WorkerID, (sessions+slotsEach-1)/slotsEach)
	for i := range all {
		all[i] = events.WorkerID(fmt.Sprintf("bench-%d", i))
	}
	return all
}
