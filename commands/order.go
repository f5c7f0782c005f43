package commands

import (
	"fmt"
	"time"

	"github.com/playcast/playcast/events"
)

// State is an aggregate's state. Its zero value is that of an empty stream.
type State[S any] interface {
	// Evolve returns the state after an event. It never rejects one.
	Evolve(events.Event) S
}

// Command is one wish, asked of one aggregate.
type Command[S State[S]] interface {
	// Target is the aggregate's stream.
	Target() events.Stream
	// Decide returns the events that follow from the wish in a state: none
	// when it holds already, an *events.Fault when it can't be.
	Decide(state S, now time.Time) ([]events.Event, error)
}

// Origin says who issues a command and because of what.
type Origin struct {
	ID          events.CommandID
	Actor       events.Actor
	Correlation string // empty: the command starts a correlation of its own
	Causation   string // empty: nothing but the actor's wish
}

// By returns the origin of a fresh command of an actor's own wish.
func By(actor events.Actor) Origin {
	return Origin{ID: events.NewCommandID(), Actor: actor}
}

// Cause is an event that a policy reacts to.
type Cause struct {
	Event       events.EventID
	Correlation string
}

// Because returns the origin of the command that a policy issues for a
// purpose because of an event. Its id derives from both, so that it takes
// effect once however often it is issued.
func Because(cause Cause, policy, purpose string) Origin {
	return Origin{
		ID:          events.DeriveCommandID(cause.Event, policy+"/"+purpose),
		Actor:       events.ByPolicy(policy),
		Correlation: cause.Correlation,
		Causation:   cause.Event.String(),
	}
}

// Order is a command on its way: what is asked, of which stream, by whom.
type Order struct {
	Origin
	Target  events.Stream
	Name    string // of the command, for logs
	Command any    // as it was issued, for tests and logs that show it
	begin   func() decision
}

// Issue makes an order of a command.
func Issue[S State[S]](command Command[S], origin Origin) Order {
	return Order{
		Origin:  origin,
		Target:  command.Target(),
		Name:    fmt.Sprintf("%T", command),
		Command: command,
		begin:   func() decision { return &folding[S]{command: command} },
	}
}

// decision folds a history and then decides, whatever the type of the state.
type decision interface {
	evolve(events.Event)
	decide(now time.Time) ([]events.Event, error)
}

type folding[S State[S]] struct {
	command Command[S]
	state   S
}

func (f *folding[S]) evolve(e events.Event) { f.state = f.state.Evolve(e) }

func (f *folding[S]) decide(now time.Time) ([]events.Event, error) {
	return f.command.Decide(f.state, now)
}
