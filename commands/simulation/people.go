package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// people are the players, and the gateways that speak for them.
type people struct {
	players  map[events.PlayerID]*player
	order    []*player
	gateways []*commands.Handler
	visits   map[events.Stream]*visit // that are not over, by the session's stream
	closed   bool
}

// player is one person with habits.
type player struct {
	id       events.PlayerID
	number   int
	chance   *rand.Rand
	mean     time.Duration // between two visits, were all hours alike
	likes    []events.GameID
	patience time.Duration // in the queue
	plays    time.Duration // at a stretch
	wishes   int           // so far: it makes the ids of their commands
	session  events.SessionID
}

// visit is a session from its player's view.
type visit struct {
	player    *player
	session   events.SessionID
	connected bool
	asked     bool // the request was heard
	here      int  // counts the times that the player has come and gone
	leaves    bool
}

var games = []events.GameID{"freedoom", "supertux", "neverball", "openttd", "etr", "pingus", "blobby", "frozen-bubble", "wesnoth", "minetest"}

func newPeople(w *world) *people {
	ps := &people{players: map[events.PlayerID]*player{}, visits: map[events.Stream]*visit{}}
	for range 2 {
		ps.gateways = append(ps.gateways, commands.NewHandler(w.store, w.clock))
	}
	for _, i := range w.players {
		r := chance(w.Seed, chanceOfPlayers, i)
		p := &player{id: events.PlayerID(fmt.Sprintf("p%d-%05d", w.Seed, i)), number: i, chance: r}
		p.mean = 10*time.Hour + about(r, 10*time.Hour)
		first := r.IntN(len(games))
		p.likes = []events.GameID{games[first], games[first], games[(first+1)%len(games)], games[r.IntN(len(games))]}
		p.patience = 5*time.Minute + about(r, 30*time.Minute)
		p.plays = within(r, 10*time.Minute, 70*time.Minute)
		ps.players[p.id] = p
		ps.order = append(ps.order, p)
	}
	return ps
}

func (ps *people) begin(w *world) {
	for _, p := range ps.order {
		ps.later(w, p)
	}
}

// goHome lets nobody come any more, and everybody leave.
func (ps *people) goHome(w *world) {
	ps.closed = true
	for _, p := range ps.order {
		if v := ps.visits[events.SessionStream(p.session)]; v != nil {
			w.in(within(p.chance, 0, 10*time.Minute), func(ctx context.Context) { ps.leave(ctx, w, v) })
		}
	}
}

// hours is how much is played in each hour of a day; their mean is about 1.
var hours = [24]float64{0.8, 0.5, 0.3, 0.2, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
	0.9, 1, 1, 1.1, 1.3, 1.6, 1.9, 2.3, 2.5, 2.4, 1.9, 1.3}

// busiest is the most of hours, on a day off.
const (
	dayOff  = 1.4
	busiest = 2.5 * dayOff
)

// drawn is how much a time of the week draws people.
func drawn(at time.Time) float64 {
	weight := hours[at.Hour()]
	if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
		weight *= dayOff
	}
	return weight
}

// later has a player come back at a time that suits them.
func (ps *people) later(w *world, p *player) {
	at := w.now
	for {
		at = at.Add(about(p.chance, time.Duration(float64(p.mean)/busiest)))
		if p.chance.Float64()*busiest < drawn(at) {
			break
		}
	}
	w.agenda.enter(at, func(ctx context.Context) { ps.come(ctx, w, p) })
}

// come begins a visit.
func (ps *people) come(ctx context.Context, w *world, p *player) {
	if ps.closed {
		return
	}
	origin := p.wish(w)
	v := &visit{player: p, session: events.SessionOf(origin.ID)}
	p.session = v.session
	ps.visits[events.SessionStream(v.session)] = v
	game := p.likes[p.chance.IntN(len(p.likes))]
	ps.send(ctx, w, p, commands.Issue(session.Request{Session: v.session, Player: p.id, Game: game, Title: string(game)}, origin))
	w.in(p.patience, func(ctx context.Context) {
		switch {
		case !v.asked: // it was refused
			delete(ps.visits, events.SessionStream(v.session))
			ps.later(w, p)
		case !v.connected && !v.leaves:
			ps.leave(ctx, w, v)
		}
	})
}

func (p *player) wish(w *world) commands.Origin {
	p.wishes++
	return commands.Origin{ID: w.commandID(fmt.Sprintf("%s %d", p.id, p.wishes)), Actor: events.ByPlayer(p.id)}
}

// send carries a wish to the player's gateway. Some come twice, and some late.
func (ps *people) send(ctx context.Context, w *world, p *player, order commands.Order) {
	gateway := ps.gateways[p.number%len(ps.gateways)]
	switch draw := p.chance.IntN(100); {
	case draw < 5:
		other := ps.gateways[(p.number+1)%len(ps.gateways)]
		w.in(within(p.chance, 0, 10*time.Second), func(ctx context.Context) { w.do(ctx, other, order, always) })
	case draw < 7:
		w.in(within(p.chance, time.Second, 30*time.Second), func(ctx context.Context) { w.do(ctx, gateway, order, always) })
		return
	}
	w.do(ctx, gateway, order, always)
}

func (ps *people) leave(ctx context.Context, w *world, v *visit) {
	v.leaves = true
	ps.send(ctx, w, v.player, commands.Issue(session.End{Session: v.session, By: v.player.id, Reason: events.EndedByPlayer}, v.player.wish(w)))
}

func (ps *people) saw(w *world, n commands.Noted) {
	id, ok := sessionOf(n.Event)
	if !ok {
		return
	}
	v := ps.visits[events.SessionStream(id)]
	if v == nil {
		return
	}
	switch n.Event.(type) {
	case events.SessionRequested:
		v.asked = true
	case events.SessionReady:
		if v.player.chance.IntN(50) > 0 { // or the page was closed meanwhile
			ps.connect(w, v, within(v.player.chance, time.Second, 8*time.Second))
		}
	case events.SessionActivated:
		v.connected = true
		ps.play(w, v)
	case events.SessionResumed:
		ps.play(w, v)
	case events.SessionPaused:
		ps.rest(w, v)
	case events.SessionInterrupted:
		v.here++
		if v.player.chance.IntN(10) < 7 {
			ps.connect(w, v, within(v.player.chance, 2*time.Second, 150*time.Second))
		}
	case events.SessionEnded, events.SessionFailed:
		v.here++
		delete(ps.visits, events.SessionStream(id))
		ps.later(w, v.player)
	}
}

// connect has the player's peer connected after a while, as its worker reports.
func (ps *people) connect(w *world, v *visit, after time.Duration) {
	if m := w.machines.holds[v.session]; m != nil {
		m.say(w, after, v.session, session.Activate{Session: v.session})
	}
}

// play goes on until the player leaves, rests, or loses the connection,
// whichever comes first.
func (ps *people) play(w *world, v *visit) {
	p := v.player
	v.here++
	here := v.here
	after := about(p.chance, p.plays)
	draw := p.chance.IntN(100)
	w.in(after, func(ctx context.Context) {
		switch {
		case v.here != here || v.leaves:
		case draw < 12 && !ps.closed:
			ps.send(ctx, w, p, commands.Issue(session.Pause{Session: v.session, By: p.id}, p.wish(w)))
		case draw < 22:
			ps.lose(w, v, "the peer is silent")
		case draw < 23: // walks away, with the game on, and comes back to end it
			w.in(time.Hour, func(ctx context.Context) { ps.leave(ctx, w, v) })
		default:
			ps.leave(ctx, w, v)
		}
	})
}

func (ps *people) lose(w *world, v *visit, cause string) {
	if m := w.machines.holds[v.session]; m != nil {
		silence := within(v.player.chance, time.Second, 5*time.Second)
		m.say(w, silence, v.session, session.Interrupt{Session: v.session, Cause: cause, Silence: silence})
	}
}

// rest ends with the player's return, or with the limit of a pause.
func (ps *people) rest(w *world, v *visit) {
	p := v.player
	v.here++
	here := v.here
	w.in(about(p.chance, 12*time.Minute), func(ctx context.Context) {
		if v.here == here && !v.leaves {
			ps.send(ctx, w, p, commands.Issue(session.Resume{Session: v.session, By: p.id}, p.wish(w)))
		}
	})
}

// crash takes the peers of a gateway's players with it.
func (ps *people) crash(w *world, f fault) {
	crashed := f.which % len(ps.gateways)
	ps.gateways[crashed] = commands.NewHandler(w.store, w.clock)
	for _, p := range ps.order {
		if p.number%len(ps.gateways) != crashed || p.session.IsZero() {
			continue
		}
		if v := ps.visits[events.SessionStream(p.session)]; v != nil && v.connected {
			ps.lose(w, v, "the gateway is gone")
		}
	}
}
