package session_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// TestNobodyIsOvertakenForEver lets one session wait for the only slot, while
// sessions of higher priority come without end, faster than the slot comes free.
// Who overtakes it was requested within Ageing a class of the difference, and
// so it waits for those that were ahead, those, and no more.
func TestNobodyIsOvertakenForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, n := session.NewAllocation(), 0
		tell := func(e events.Event) {
			n++
			policy.Evolve(commands.Noted{Event: e, Cause: commands.Cause{Event: events.DeriveEventID(events.CommandID{}, n)}})
		}
		now, came := Now, map[events.SessionID]events.SessionRequested{}
		request := func(priority int) events.SessionID {
			id := events.SessionID{0: byte(n), 1: byte(n >> 8)}
			came[id] = events.SessionRequested{Session: id, Game: "doom", At: now, Terms: events.SessionTerms{Priority: priority}}
			tell(came[id])
			return id
		}
		tell(events.WorkerRegistered{Worker: "w", Incarnation: "a", Slots: 1, At: now})
		every := time.Duration(rapid.IntRange(5, 300).Draw(t, "a slot every seconds")) * time.Second
		ahead := rapid.IntRange(0, 5).Draw(t, "ahead")
		for range ahead {
			request(events.MaxPriority)
		}
		priority := rapid.IntRange(0, events.MaxPriority-1).Draw(t, "priority")
		waits, within := request(priority), 0
		for given := 0; ; given++ {
			if given > ahead+within {
				t.Fatalf("%d went first; %d were ahead, and %d came in time to overtake", given, ahead, within)
			}
			due := policy.Due(now)
			reserve, ok := due[0].Command.(worker.Reserve)
			if !ok {
				t.Fatalf("due is %+v", due[0].Command)
			}
			if reserve.Session == waits {
				break
			}
			tell(events.SlotReserved{Worker: "w", Session: reserve.Session, At: now})
			tell(events.SessionAllocated{Session: reserve.Session, Worker: "w", At: now})
			tell(events.SessionEnded{Session: reserve.Session, At: now})
			tell(events.SlotReleased{Worker: "w", Session: reserve.Session, At: now})
			now = now.Add(every)
			for range rapid.IntRange(1, 3).Draw(t, "come") {
				later := request(rapid.IntRange(priority+1, events.MaxPriority).Draw(t, "with priority"))
				if now.Sub(came[waits].At) < time.Duration(came[later].Terms.Priority-priority)*events.Ageing {
					within++
				}
			}
		}
	})
}
