package simulation

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
)

// small is a platform on which everything that can go wrong does within a day.
func small(seed uint64) Config { return Config{Seed: seed, Players: 120, Workers: 4, Days: 1} }

func TestWhatMustNeverBeIsInNoHistory(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			report, _, err := Run(t.Context(), small(seed))
			if err != nil {
				t.Fatal(err)
			}
			if report.Sessions < 100 || report.PlayedHours < 20 || report.PlayedHours != report.MeteredHours {
				t.Errorf("so little was lived through: %+v", report)
			}
			for _, k := range kinds {
				if report.Trouble.Faults[string(k.kind)] == 0 {
					t.Errorf("never: %s", k.kind)
				}
			}
			if report.Trouble.Conflicts == 0 {
				t.Errorf("nobody was in anybody's way: %+v", report.Trouble)
			}
		})
	}
}

func TestASeedMakesOneHistoryByteForByte(t *testing.T) {
	first, again := lines(t, small(7)), lines(t, small(7))
	if !bytes.Equal(first, again) {
		t.Error("the same seed made two histories")
	}
	if bytes.Equal(first, lines(t, small(8))) {
		t.Error("two seeds made one history")
	}
}

// lines is a history with all that is stored of it.
func lines(t *testing.T, c Config) []byte {
	t.Helper()
	_, history, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for r, err := range history.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%x %s %d %d %v %s %s %s\n", r.ID, r.Stream, r.Revision, r.Position, r.Time, r.Type, r.Data, r.Metadata)
	}
	return b.Bytes()
}

// greedy is worker.Reserve with a bug: it takes the first slot, free or not.
type greedy struct{ worker.Reserve }

func (g greedy) Decide(_ worker.State, now time.Time) ([]events.Event, error) {
	return []events.Event{events.SlotReserved{Worker: g.Worker, Session: g.Session, At: now}}, nil
}

// allocatingGreedily is the allocation, of which a decider is another one.
type allocatingGreedily struct{ commands.Policy }

func (a allocatingGreedily) Due(now time.Time) []commands.Order {
	orders := a.Policy.Due(now)
	for i, o := range orders {
		if reserve, ok := o.Command.(worker.Reserve); ok {
			orders[i] = commands.Issue(greedy{reserve}, o.Origin)
		}
	}
	return orders
}

func TestAPlantedBugIsShownByAHandfulOfEvents(t *testing.T) {
	buggy := Config{Seed: 3, Players: 200, Workers: 6, Days: 1}
	buggy.policies = func() []commands.Policy {
		all := policies()
		all[0] = allocatingGreedily{all[0]}
		return all
	}
	_, _, err := Run(t.Context(), buggy)
	var failure *Failure
	if !errors.As(err, &failure) || failure.Invariant != "slots" {
		t.Fatalf("got %v", err)
	}
	var types []string
	for _, r := range failure.History {
		types = append(types, r.Type)
	}
	if want := []string{"WorkerRegistered", "SlotReserved", "SlotReserved"}; !slices.Equal(types, want) {
		t.Errorf("the shortest history is %v, want %v", types, want)
	}
	if len(failure.Players) != 2 || len(failure.Workers) != 1 || len(failure.Faults) != 0 {
		t.Errorf("it takes %d players, %d workers and %v", len(failure.Players), len(failure.Workers), failure.Faults)
	}
	if lines := strings.Split(failure.Error(), "\n"); len(lines) != 3+len(types) || !strings.Contains(lines[0], "seed 3: slots: ") {
		t.Errorf("it reads:\n%v", failure)
	}
}

// TestManySeeds is the long form of TestWhatMustNeverBeIsInNoHistory: many seeds
// of a platform of middle size, one that is crowded, one on which nothing goes
// wrong, and a week of a large one. PLAYCAST_SOAK turns it on.
func TestManySeeds(t *testing.T) {
	if os.Getenv("PLAYCAST_SOAK") == "" {
		t.Log("PLAYCAST_SOAK is not set: three seeds of a small platform have to do")
		return
	}
	configs := []Config{
		{Seed: 1, Players: 500, Workers: 5, Days: 3},
		{Seed: 1, Players: 500, Workers: 12, Days: 7, Calm: true},
		{Seed: 1, Players: 2000, Workers: 40, Days: 7},
	}
	for seed := range uint64(24) {
		configs = append(configs, Config{Seed: seed, Players: 300, Workers: 8, Days: 4})
	}
	for _, c := range configs {
		began := time.Now()
		report, _, err := Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d, %d players, %d workers: %d events in %v, longest waits %v",
			c.Seed, c.Players, c.Workers, report.Events, time.Since(began), report.LongestWait)
	}
}
