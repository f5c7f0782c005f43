// Package gatewaylease decides which process a gateway has. A gateway renews its
// lease outside of the log, by answering; what is an event is that a process of
// it came, stopped, or was lost. What a process held is found by who holds it:
// package presence disconnects its devices.
//
//	(none) ── Register ──▶ runs ── Stop ──▶ none
//	                        │ └── Lose, or another Register ──▶ lost
package gatewaylease

import "github.com/playcast/playcast/events"

// State is a gateway as its stream tells it.
type State struct {
	Incarnation string
	Running     bool
}

// Evolve returns the state after an event.
func (s State) Evolve(e events.Event) State {
	switch e := e.(type) {
	case events.GatewayRegistered:
		return State{Incarnation: e.Incarnation, Running: true}
	case events.GatewayLost, events.GatewayStopped:
		s.Running = false
	}
	return s
}
