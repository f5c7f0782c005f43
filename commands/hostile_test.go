package commands_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/commands/poison"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// TestAnyInput decides commands of every kind with any input, at any time, on
// what was decided before: whatever comes is an event that can be kept, read
// again and followed, or a fault that says what to do. The policies are told of
// it, and what they find due is decided as well.
func TestAnyInput(t *testing.T) {
	const runs = 200
	names, err := constantsOfEvents()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for seed := range uint64(runs) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			anyInput(t, drawing{random: rand.New(rand.NewPCG(seed, 0)), names: names}, seen)
		})
	}
	missed := slices.DeleteFunc(events.Types(), func(of string) bool { return seen[of] > 0 })
	if len(missed) > len(events.Types())/10 {
		t.Errorf("nothing came to %v: so little of what can happen was tried", missed)
	}
}

// FuzzAnyInput is TestAnyInput for as long as one likes.
func FuzzAnyInput(f *testing.F) {
	names, err := constantsOfEvents()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint64(1), []byte{})
	f.Fuzz(func(t *testing.T, seed uint64, choices []byte) {
		anyInput(t, drawing{choices: choices, random: rand.New(rand.NewPCG(seed, 1)), names: names}, map[string]int{})
	})
}

// repeatable are commands that come to something each time, and why.
var repeatable = map[reflect.Type]string{
	reflect.TypeFor[lobby.Say]():             "the same can be said again",
	reflect.TypeFor[session.KeepSaves]():     "each is a report of its own",
	reflect.TypeFor[session.TroubleSaves]():  "each is a report of its own",
	reflect.TypeFor[session.ReportQuality](): "each is a report of its own",
	reflect.TypeFor[session.Adapt]():         "each is a report of its own",
	reflect.TypeFor[presence.Hide]():         "it can be asked to say so again",
	reflect.TypeFor[player.TryPIN]():         "each is a try of its own",
	reflect.TypeFor[poison.Replay]():         "a handler that did not run has not heard of it",
	reflect.TypeFor[billing.Renew]():         "after a long absence it goes on, ten years at a time",
}

func anyInput(t *testing.T, d drawing, seen map[string]int) {
	all := aggregates()
	h := &hostile{t: t, drawing: d, lives: map[events.Stream]life{}, logs: map[events.Stream][]events.Event{},
		of: map[reflect.Type]aggregate{}, policies: policies(), now: start, seen: seen}
	for _, a := range all {
		for _, c := range a.commands {
			h.of[reflect.TypeOf(c)] = a
		}
	}
	for range 3 {
		h.live(all[h.oneOf(len(all))])
	}
	h.react()
	h.replay()
}

// hostile is one run.
type hostile struct {
	t *testing.T
	drawing
	of       map[reflect.Type]aggregate
	lives    map[events.Stream]life
	logs     map[events.Stream][]events.Event
	policies []commands.Policy
	position events.Position
	now      time.Time
	seen     map[string]int // events, by type
}

// live goes some way through a life as it should be, and then any way, which
// takes what ends it less often.
func (h *hostile) live(a aggregate) {
	for _, like := range a.commands[:h.oneOf(len(a.commands)+1)] {
		for range 4 {
			h.now = h.now.Add(time.Duration(h.oneOf(100)) * time.Second)
			if h.try(h.drawing.command(like, false)) {
				break
			}
		}
	}
	for range 40 {
		h.now = h.drawing.clock(h.now)
		h.try(h.drawing.command(a.commands[min(h.oneOf(len(a.commands)), h.oneOf(len(a.commands)))], h.oneOf(2) == 0))
		if h.oneOf(10) == 0 {
			h.react()
		}
	}
}

// try decides a command, and again. It says whether something came of it.
func (h *hostile) try(command any) bool {
	fail := func(format string, args ...any) {
		h.t.Helper()
		said := long.ReplaceAllString(fmt.Sprintf("%.3000q", fmt.Sprintf("%+v", command)), "$1…")
		h.t.Fatalf("%T%s at %s: %s", command, said, h.now, fmt.Sprintf(format, args...))
	}
	a, known := h.of[reflect.TypeOf(command)]
	if !known {
		fail("is in no list")
	}
	stream := command.(interface{ Target() events.Stream }).Target()
	if err := stream.Check(); err != nil {
		if said := faulty(err); said != "" {
			fail("%s", said)
		}
		return false
	}
	on, met := h.lives[stream]
	if !met {
		on = a.begin()
		h.lives[stream] = on
	}
	_, decided, err := on.decide(command, h.now)
	if said := faulty(err); said != "" {
		fail("%s", said)
	}
	if err != nil && len(decided) > 0 {
		fail("is refused with %v, but comes to %v", err, decided)
	}
	read, said := h.keep(decided)
	if said != "" {
		fail("%s", said)
	}
	if read == nil {
		return false
	}
	for i, e := range decided {
		h.seen[e.EventType()]++
		on.evolve(e)
		h.tell(read[i])
	}
	h.logs[stream] = append(h.logs[stream], read...)
	_, again, err := on.decide(command, h.now)
	if said := faulty(err); said != "" {
		fail("again: %s", said)
	}
	if len(again) > 0 && repeatable[reflect.TypeOf(command)] == "" {
		fail("comes to %v and again to %v", decided, again)
	}
	return true
}

var long = regexp.MustCompile(`(x{20}|s{20}|0 0 0 0 0 0 0 0)[xs0 ]*`)

var code = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// faulty says what is wrong with a refusal.
func faulty(err error) string {
	if err == nil {
		return ""
	}
	fault, ok := err.(*events.Fault)
	switch {
	case !ok:
		return fmt.Sprintf("the error is a %T: %v", err, err)
	case fault.Kind < events.Invalid || fault.Kind > events.Outdated || !code.MatchString(fault.Code):
		return fmt.Sprintf("the fault has the kind %d and the code %q", fault.Kind, fault.Code)
	case fault.Message == "", len(fault.Message) > 500, !utf8.ValidString(fault.Message):
		return fmt.Sprintf("the fault %s says %.600q", fault.Code, fault.Message)
	}
	return ""
}

// keep encodes and decodes what was decided: nil where it can't be kept, which
// the codec says as a fault.
func (h *hostile) keep(decided []events.Event) (read []events.Event, wrong string) {
	for _, e := range decided {
		proposed, err := events.Encode(events.EventID{}, e, events.Metadata{})
		var fault *events.Fault
		if errors.As(err, &fault) {
			return nil, faulty(fault)
		}
		if err != nil {
			return nil, fmt.Sprintf("%T can't be kept: %v", e, err)
		}
		if said := sound(reflect.ValueOf(e)); said != "" {
			return nil, fmt.Sprintf("%T has %s", e, said)
		}
		back, _, err := events.Decode(events.Recorded{Type: proposed.Type, Data: proposed.Data, Metadata: proposed.Metadata})
		if err != nil {
			return nil, fmt.Sprintf("%T can't be read: %v", e, err)
		}
		if diff := cmp.Diff(e, back, alike...); diff != "" {
			return nil, fmt.Sprintf("%T is read as another: %.2000s", e, diff)
		}
		read = append(read, back)
	}
	return read, ""
}

// sound says what an event should not have anywhere: an id of no form, or money
// that is negative or in no currency.
func sound(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case events.BillGivenUp: // for such money, maybe
		return ""
	case events.PlayerID:
		return soundID(value)
	case events.GameID:
		return soundID(value)
	case events.WorkerID:
		return soundID(value)
	case events.PlanID:
		return soundID(value)
	case events.GatewayID:
		return soundID(value)
	case events.Money:
		if value != (events.Money{}) && (value.Currency.Check() != nil || value.Amount < 0) {
			return fmt.Sprintf("the money %+v", value)
		}
	}
	var said string
	switch v.Kind() {
	case reflect.Struct:
		for i := 0; i < v.NumField() && said == ""; i++ {
			if v.Type().Field(i).IsExported() {
				said = sound(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := 0; i < v.Len() && said == ""; i++ {
			said = sound(v.Index(i))
		}
	}
	return said
}

// soundID takes none for sound, too: many events have an id that may be missing.
func soundID[ID ~string](id ID) string {
	if id != "" && events.CheckIDs(id) != nil {
		return fmt.Sprintf("the %T %.40q", id, string(id))
	}
	return ""
}

// alike is what comes to the same: no list and an empty one.
var alike = []cmp.Option{cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true })}

// tell tells the policies of an event.
func (h *hostile) tell(e events.Event) {
	h.position++
	n := commands.Noted{Event: e, Cause: commands.Cause{Event: events.EventID(uuid.NewSHA1(uuid.Nil, fmt.Append(nil, h.position))), Correlation: "c"},
		Position: h.position, Time: h.now}
	for _, p := range h.policies {
		p.Evolve(n)
	}
}

// react decides what is due, once: some of it never takes effect here.
func (h *hostile) react() {
	for _, p := range h.policies {
		for i, order := range p.Due(h.now) {
			if order.ID.IsZero() || order.Target == "" || order.Actor != events.ByPolicy(p.Name()) {
				h.t.Fatalf("%s orders %+v", p.Name(), order)
			}
			if i < 3 {
				h.try(order.Command)
			}
		}
	}
}

// replay folds each stream as it was read: to the same state, which a snapshot
// holds all of.
func (h *hostile) replay() {
	for stream, on := range h.lives {
		log := h.logs[stream]
		if len(log) == 0 {
			continue
		}
		for _, a := range aggregates() {
			again := a.begin()
			if reflect.TypeOf(again) != reflect.TypeOf(on) {
				continue
			}
			for _, e := range log {
				again.evolve(e)
			}
			if diff := cmp.Diff(on.state(), again.state(), alike...); diff != "" {
				h.t.Fatalf("%.100q replays differently: %.2000s", stream, diff)
			}
			if _, lasting := on.state().(commands.Lasting); lasting {
				if _, err := json.Marshal(on.state()); err != nil {
					h.t.Fatalf("no snapshot of %.100q: %v", stream, err)
				}
			}
		}
	}
}
