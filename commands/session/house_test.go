package session_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/commands/worker"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/events/memstore"
)

// house is a platform on a store in memory: those who ask, and two processes
// that run the policies on what each has read of the log.
type house struct {
	t         *rapid.T
	store     *memstore.Store
	now       time.Time
	latest    time.Time         // that a clock has shown
	desk      *commands.Handler // of who asks
	processes [2]*process
	past      []commands.Order // that came to something
	read      events.Position
	facts     *facts
}

// process runs policies. Its handler knows streams as of its last look at them.
type process struct {
	name     string
	handler  *commands.Handler
	policies []commands.Policy
	folds    []*commands.Reactor // of the policies, which only fold
	at       events.Position
}

func newHouse(t *rapid.T) *house {
	h := &house{t: t, now: Now, latest: Now, facts: newFacts(t)}
	h.store = memstore.New(func() time.Time { return h.now })
	h.desk = commands.NewHandler(h.store, func() time.Time { return h.now })
	h.start(0)
	h.start(1)
	return h
}

// start begins a process anew, with nothing but the log.
func (h *house) start(i int) {
	p := &process{
		name:     fmt.Sprint("process ", i),
		handler:  commands.NewHandler(h.store, func() time.Time { return h.now }),
		policies: []commands.Policy{session.NewAllocation(), session.NewDeadlines(session.DefaultLimits())},
	}
	for _, policy := range p.policies {
		p.folds = append(p.folds, commands.NewReactor(policy, p.handler, nil, slog.New(slog.DiscardHandler)).
			While(func() bool { return false }))
	}
	h.processes[i] = p
}

// follow lets a process read on, at most so many events, the first of them
// perhaps once more.
func (h *house) follow(p *process, most int, again bool) {
	from := int(p.at)
	if again {
		from = max(0, from-2)
	}
	for _, n := range h.facts.log[from:min(len(h.facts.log), int(p.at)+most)] {
		for _, fold := range p.folds {
			if err := fold.Take(context.Background(), n); err != nil {
				h.t.Fatal(err)
			}
		}
		p.at = max(p.at, n.Position)
	}
}

func (p *process) due(now time.Time) []commands.Order {
	var due []commands.Order
	for _, policy := range p.policies {
		due = append(due, policy.Due(now)...)
	}
	return due
}

// do carries out an order, and tells what came of it. A refusal is an answer.
func (h *house) do(by *commands.Handler, order commands.Order) {
	done, err := by.Do(context.Background(), order)
	if fault := (*events.Fault)(nil); err != nil && !errors.As(err, &fault) {
		h.t.Fatalf("%s: %v", order.Name, err)
	}
	if len(done.Events) > 0 {
		h.past = append(h.past, order)
	}
	h.look()
}

func ask[S commands.State[S]](h *house, command commands.Command[S]) {
	h.do(h.desk, commands.Issue(command, commands.By("player:anna")))
}

// look reads what has been recorded.
func (h *house) look() {
	sub, err := h.store.Subscribe(context.Background(), h.read)
	if err != nil {
		h.t.Fatal(err)
	}
	defer sub.Close()
	for {
		d, err := sub.Next(context.Background())
		if err != nil {
			h.t.Fatal(err)
		}
		if d.CaughtUp() {
			return
		}
		n, err := commands.Note(*d.Event)
		if err != nil {
			h.t.Fatal(err)
		}
		h.read = n.Position
		h.facts.take(n)
	}
}

// act lets the processes carry out what is due for each, an order of one after
// one of the other.
func (h *house) act() {
	var queues [2][]commands.Order
	for i, p := range h.processes {
		queues[i] = p.due(h.now)
	}
	for i := 0; len(queues[0])+len(queues[1]) > 0; i = rapid.IntRange(0, 1).Draw(h.t, "whose turn") {
		if len(queues[i]) > 0 {
			h.do(h.processes[i].handler, queues[i][0])
			queues[i] = queues[i][1:]
		}
	}
}

// pass lets time go by, or back: the clocks of machines differ.
func (h *house) pass(span time.Duration) {
	h.now = h.now.Add(span)
	if h.now.After(h.latest) {
		h.latest = h.now
	}
}

// settle lets the processes read and act in turn until nothing is due, by a
// clock that is not behind. Who acts has read all there is.
func (h *house) settle() {
	h.pass(max(0, h.latest.Sub(h.now)))
	for round := range 1000 {
		p := h.processes[round%2]
		h.follow(p, len(h.facts.log), false)
		due, before := p.due(h.now), h.read
		if len(due) == 0 {
			return
		}
		h.facts.decide(func() {
			for _, order := range due {
				h.do(p.handler, order)
			}
		})
		if h.read == before {
			h.t.Fatalf("nothing comes of what is due: %+v", due)
		}
	}
	h.t.Fatal("something is due for ever")
}

// repeat issues an order again, as who has not heard of its effect does.
func (h *house) repeat(order commands.Order, by *commands.Handler) {
	before := h.read
	h.do(by, order)
	if h.read != before {
		h.t.Fatalf("%s came to something a second time: %+v", order.Name, h.facts.log[before:])
	}
}

// check wants every session to be where it should be when all is settled, and
// a process that begins now to know what those do that were there all along.
func (h *house) check() {
	h.facts.check()
	h.follow(h.processes[0], len(h.facts.log), false)
	anew := &house{t: h.t, store: h.store, now: h.now, facts: h.facts}
	anew.start(0)
	anew.follow(anew.processes[0], len(h.facts.log), false)
	for later := range 3 {
		at := h.now.Add(time.Duration(later) * 10 * time.Minute)
		was, is := h.processes[0].due(at), anew.processes[0].due(at)
		if !slices.EqualFunc(was, is, func(a, b commands.Order) bool { return a.ID == b.ID }) {
			h.t.Fatalf("after a restart other orders are due:\n%+v\nthan without one:\n%+v", is, was)
		}
	}
}

// register starts a process of a worker, with whatever it has.
func (h *house) register(name events.WorkerID, incarnation string) {
	games := rapid.SampledFrom([][]events.GameID{nil, {"chess", "doom"}, {"doom"}}).Draw(h.t, "games")
	ask(h, worker.Register{
		Worker: name, Incarnation: incarnation, Slots: rapid.IntRange(1, 3).Draw(h.t, "size"), Games: games,
		Region: rapid.SampledFrom([]string{"", "eu"}).Draw(h.t, "region"), GPU: rapid.SampledFrom([]string{"", "a GPU"}).Draw(h.t, "GPU"),
		Encoders: rapid.SampledFrom([][]string{{"x264"}, {"vaapi", "x264"}}).Draw(h.t, "encoders"),
	})
}

// request has somebody want a game, on whatever terms.
func (h *house) request() {
	ask(h, session.Request{
		Session: events.SessionID{0: byte(len(h.facts.ids) + 1)}, Player: "anna", Game: rapid.SampledFrom([]events.GameID{"chess", "doom"}).Draw(h.t, "game"),
		Terms: events.SessionTerms{
			Priority: rapid.IntRange(0, events.MaxPriority).Draw(h.t, "priority"),
			Needs: events.Needs{
				Region:  rapid.SampledFrom([]string{"", "", "eu"}).Draw(h.t, "where"),
				Encoder: rapid.SampledFrom([]string{"", "", "vaapi"}).Draw(h.t, "encoder"),
				GPU:     rapid.IntRange(0, 3).Draw(h.t, "with a GPU") == 0,
			},
		},
	})
}
