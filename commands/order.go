package commands

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync/atomic"
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
	made        *making
}

// making is shared by the copies of an origin whose id was made up here, so
// that the first of them that is carried out is known to be the first.
type making struct {
	id    events.CommandID
	taken atomic.Bool
}

// By returns the origin of a fresh command of an actor's own wish.
func By(actor events.Actor) Origin {
	id := events.NewCommandID()
	return Origin{ID: id, Actor: actor, made: &making{id: id}}
}

// first says, once, that nobody can have carried out a command of this id:
// neither before nor at the moment, here or elsewhere.
func (o Origin) first() bool {
	return o.made != nil && o.made.id == o.ID && o.made.taken.CompareAndSwap(false, true)
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
	// resume goes on from an earlier decision's state; false where it is of
	// another kind, or nil.
	resume(state any) bool
	state() any
	// schema is that of the state's snapshots; 0: it has none.
	schema() int
	// restore goes on from a state as JSON, all of it or nothing.
	restore(state []byte) bool
	evolve(events.Event)
	decide(now time.Time) ([]events.Event, error)
}

type folding[S State[S]] struct {
	command Command[S]
	folded  S
}

func (f *folding[S]) resume(state any) (ok bool) {
	known, ok := state.(S)
	if ok {
		f.folded = known
	}
	return ok
}

func (f *folding[S]) state() any { return f.folded }

func (f *folding[S]) schema() int {
	if lasting, ok := any(f.folded).(Lasting); ok {
		return lasting.Schema()
	}
	return 0
}

func (f *folding[S]) restore(state []byte) bool {
	var known S
	decoder := json.NewDecoder(bytes.NewReader(state))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&known) != nil {
		return false
	}
	f.folded = known
	return true
}

func (f *folding[S]) evolve(e events.Event) { f.folded = f.folded.Evolve(e) }

func (f *folding[S]) decide(now time.Time) ([]events.Event, error) {
	return f.command.Decide(f.folded, now)
}
