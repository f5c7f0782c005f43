package session_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// crowd is a platform of 1,000 slots on 100 workers, all taken, and 10,000
// sessions of 50 games that wait.
func crowd(tell func(events.Event)) (playing, waiting []events.SessionID) {
	for w := range 100 {
		name := events.WorkerID(fmt.Sprintf("worker-%03d", w))
		tell(events.WorkerRegistered{Worker: name, Incarnation: "a", Slots: 10, At: Now})
		for slot := range 10 {
			s := events.NewSessionID()
			playing = append(playing, s)
			tell(events.SessionRequested{Session: s, Game: "doom", At: Now})
			tell(events.SlotReserved{Worker: name, Slot: slot, Session: s, At: Now})
			tell(events.SessionAllocated{Session: s, Worker: name, Slot: slot, At: Now})
			tell(events.SessionReady{Session: s, At: Now})
		}
	}
	for i := range 10_000 {
		s := events.NewSessionID()
		waiting = append(waiting, s)
		tell(events.SessionRequested{
			Session: s, Game: events.GameID(fmt.Sprint("game-", i%50)), At: Now.Add(time.Duration(i) * time.Second),
			Terms: events.SessionTerms{Priority: i % (events.MaxPriority + 1), Longest: 7200},
		})
		tell(events.SessionQueued{Session: s, At: Now})
	}
	return playing, waiting
}

func BenchmarkAllocation(b *testing.B) {
	policy := session.NewAllocation()
	tell := func(e events.Event) { policy.Evolve(commands.Noted{Event: e}) }
	_, waiting := crowd(tell)
	b.Run("event", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			s := waiting[(i*7919)%len(waiting)]
			if i%2 == 0 {
				tell(events.SessionEnded{Session: s, At: Now})
			} else {
				tell(events.SessionRequested{Session: s, Game: "doom", At: Now, Terms: events.SessionTerms{Priority: i % 5}})
				tell(events.SessionQueued{Session: s, At: Now})
			}
		}
	})
	b.Run("due, all taken", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			policy.Due(Now)
		}
	})
	tell(events.WorkerRegistered{Worker: "odd", Incarnation: "a", Slots: 1, Games: []events.GameID{"chess"}})
	b.Run("due, a free slot for none", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			policy.Due(Now)
		}
	})
}

func BenchmarkDeadlines(b *testing.B) {
	policy := session.NewDeadlines(session.DefaultLimits())
	tell := func(e events.Event) { policy.Evolve(commands.Noted{Event: e}) }
	playing, _ := crowd(tell)
	b.Run("event", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			tell(events.SessionPaused{Session: playing[i%len(playing)], At: Now})
		}
	})
	b.Run("due, nothing", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			policy.Due(Now)
		}
	})
}
