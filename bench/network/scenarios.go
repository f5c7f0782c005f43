package network

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/playcast/playcast/bench/internal/link"
)

// The path of all scenarios, where they say nothing else: what a house is
// connected by, 25 ms away and back.
const (
	pathRate  = 10_000_000
	pathDelay = 12500 * time.Microsecond // one way
)

// A scenario is a path that changes.
type scenario struct {
	name string
	legs []leg
}

// leg is a time of constant conditions. Rate and Queue are those towards the
// player; what comes back is never so much that they would matter.
type leg struct {
	link.Conditions
	share float64 // of the time that is given for a leg
}

// scenarios in the order in which they are measured.
var scenarios = []scenario{
	{"steady", []leg{{path(), 1}}},
	{"drop", []leg{{path(), 1}, {path(func(c *link.Conditions) { c.Rate = 2_000_000 }), 1}, {path(), 1}}},
	{"loss2", []leg{{path(func(c *link.Conditions) { c.Loss = 0.02 }), 1}}},
	{"loss5", []leg{{path(func(c *link.Conditions) { c.Loss = 0.05 }), 1}}},
	{"rtt100", []leg{{path(func(c *link.Conditions) { c.Delay = 50 * time.Millisecond }), 1}}},
	{"jitter", []leg{{path(func(c *link.Conditions) { c.Jitter = 30 * time.Millisecond }), 1}}},
	// Bursts of 10 packets, 2 % of all.
	{"burst", []leg{{path(func(c *link.Conditions) { c.Burst = link.Burst{Begin: 0.002, End: 0.1} }), 1}}},
	{"outage", []leg{{path(), 0.5}, {path(func(c *link.Conditions) { c.Down = true }), 0.05}, {path(), 0.5}}},
}

func path(changes ...func(*link.Conditions)) link.Conditions {
	c := link.Conditions{Rate: pathRate, Delay: pathDelay}
	for _, change := range changes {
		change(&c)
	}
	return c
}

// capacity is what the leg carries, in bits a second.
func (l leg) capacity() int {
	if l.Down {
		return 0
	}
	return l.Rate
}

// back is the way from the player to the server in the leg.
func (l leg) back() link.Conditions {
	c := l.Conditions
	c.Rate, c.Queue = 0, 0
	return c
}

// choose returns the scenarios of the names; none stands for all.
func choose(names []string) ([]scenario, error) {
	if len(names) == 0 {
		return scenarios, nil
	}
	var chosen []scenario
	for _, name := range names {
		at := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no scenario %q: they are %s", name, strings.Join(ScenarioNames(), ", "))
		}
		chosen = append(chosen, scenarios[at])
	}
	return chosen, nil
}

// ScenarioNames are the names of all scenarios.
func ScenarioNames() []string {
	var names []string
	for _, s := range scenarios {
		names = append(names, s.name)
	}
	return names
}
