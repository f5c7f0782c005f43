package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/friends"
	"github.com/playcast/playcast/commands/invoice"
	"github.com/playcast/playcast/commands/lobby"
	parental "github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/commands/recording"
	"github.com/playcast/playcast/commands/session"
)

// Config says what is simulated. The zero value of what is optional is named
// with it.
type Config struct {
	Seed    uint64
	Players int
	Workers int
	Days    int
	// Events goes on, past Days, until the history has so many; 0: just Days.
	Events int
	// Calm leaves out all faults.
	Calm bool
	// Progress is told of each day that is over; nil: nobody is.
	Progress func(days, events int)

	// Books are kept of the history by somebody else, anew for each simulation;
	// nil: nobody does.
	Books func() Books

	// policies are those of a runner; nil: the real ones. Tests plant bugs.
	policies func() []commands.Policy
}

// Validate says what can't be simulated.
func (c Config) Validate() error {
	switch {
	case c.Players < 1 || c.Players > 100_000:
		return fmt.Errorf("%d players: it takes 1 to 100000", c.Players)
	case c.Workers < 1 || c.Workers > 1000:
		return fmt.Errorf("%d workers: it takes 1 to 1000", c.Workers)
	case c.Days < 1 || c.Days > 366:
		return fmt.Errorf("%d days: it takes 1 to 366", c.Days)
	case c.Events < 0:
		return fmt.Errorf("%d events: it takes a number from 0", c.Events)
	}
	return nil
}

const day = 24 * time.Hour

// start is when the first day begins, a Monday. The platform opens before that,
// so that on the first day there are subscriptions of all ages, some of them due
// to be renewed; nobody plays yet.
var (
	start   = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	opening = start.Add(-35 * day)
)

// scenario is all that a history follows from.
type scenario struct {
	Config
	players []int
	workers []int
	faults  []fault
	until   time.Time
}

func scenarioOf(c Config) scenario {
	s := scenario{Config: c, until: start.Add(time.Duration(c.Days) * day)}
	if s.policies == nil {
		s.policies = policies
	}
	for i := range c.Players {
		s.players = append(s.players, i)
	}
	for i := range c.Workers {
		s.workers = append(s.workers, i)
	}
	if !c.Calm {
		for d := range c.Days {
			s.faults = append(s.faults, faultsOf(c, d)...)
		}
	}
	return s
}

// policies are those that every runner has. The leases are beside them, since a
// runner tells them who has answered.
func policies() []commands.Policy {
	return []commands.Policy{
		session.NewAllocation(), session.NewDeadlines(session.DefaultLimits()),
		billing.NewMetering(), billing.NewRenewal(), billing.NewArrears(),
		invoice.NewInvoicing(taxRate), invoice.NewNumbers(), invoice.NewCollection(invoice.DefaultLadder()), invoice.NewRefunds(invoice.DefaultLadder()),
		recording.NewClosing(), parental.NewParental(), lobby.NewStarting(), lobby.NewAbsences(),
		presence.NewSessions(), presence.NewLingering(), presence.NewStranded(), presence.NewPreferring(), presence.NewErasing(),
		friends.NewErasing(), billing.NewErasing(), session.NewErasing(), session.NewCrowding(),
	}
}

// taxRate is in basis points.
const taxRate = 2000

// extended is the scenario with one more day.
func (s scenario) extended() scenario {
	s.until = s.until.Add(day)
	s.Days++
	if !s.Calm {
		s.faults = append(slices.Clip(s.faults), faultsOf(s.Config, s.Days-1)...)
	}
	return s
}

// The kinds of chance. Each thing has its own.
const (
	chanceOfPlayers = iota + 1
	chanceOfWorkers
	chanceOfFaults
)

// chance returns the random numbers of one thing.
func chance(seed uint64, kind, which int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(kind)<<32|uint64(which)))
}

// about returns a time around a mean: seldom much longer, never quite nothing.
func about(r *rand.Rand, mean time.Duration) time.Duration {
	return time.Millisecond + time.Duration(r.ExpFloat64()*float64(mean)).Truncate(time.Millisecond)
}

// within returns a time between two.
func within(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)+1)).Truncate(time.Millisecond)
}
