package commands_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// stubborn has orders due whatever happens.
type stubborn []commands.Order

func (stubborn) Name() string                     { return "stubborn" }
func (stubborn) Evolve(commands.Noted)            {}
func (s stubborn) Due(time.Time) []commands.Order { return s }

// TestAnOrderIsNotIssuedAgainBeforeItsEffectIsSeen has three orders due. Each is
// carried out once, until the log has shown the policy what the last one did.
func TestAnOrderIsNotIssuedAgainBeforeItsEffectIsSeen(t *testing.T) {
	store := &counted{Store: memstore.New(clock)}
	var policy stubborn
	for _, name := range []events.WorkerID{"a", "b", "c"} {
		policy = append(policy, commands.Issue(worker.Register{Worker: name, Incarnation: "1", Slots: 1},
			commands.Because(commands.Cause{Event: events.EventID{1}}, "stubborn", string(name))))
	}
	reactor := commands.NewReactor(policy, commands.NewHandler(store, clock), clock, slog.New(slog.DiscardHandler))
	if err := reactor.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := func(position events.Position) (reads int) {
		before := store.reads
		if err := reactor.Take(t.Context(), commands.Noted{Event: events.WorkerLost{}, Position: position}); err != nil {
			t.Fatal(err)
		}
		return store.reads - before
	}
	if reads := seen(1); reads != 1 {
		t.Errorf("when one effect of three is seen, %d streams are read, want that of the order that is due in spite of it", reads)
	}
	if reads := seen(2); reads != 2 {
		t.Errorf("when two effects of three are seen, %d streams are read, want two", reads)
	}
	if head, err := store.Head(t.Context()); err != nil || head != 3 {
		t.Errorf("three orders come to %d events (%v)", head, err)
	}
}
