package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/presence"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// people are the players.
type people struct {
	players map[events.PlayerID]*player
	order   []*player
	visits  map[events.Stream]*visit // that are not over, by the session's stream
	parties map[events.LobbyID]*party
	closed  bool
}

// player is one person with habits.
type player struct {
	id      events.PlayerID
	number  int
	chance  *rand.Rand
	habits  habits
	wishes  int // so far: it makes the ids of their commands
	coming  bool
	session events.SessionID
	party   *party // nil: none

	connections []*connection
	connected   int // how many there have been
}

// habits are what a player is like.
type habits struct {
	mean     time.Duration // between two visits, were all hours alike
	likes    []events.GameID
	patience time.Duration // in the queue
	plays    time.Duration // at a stretch
	plan     int           // of those offered
	saves    bool          // subscribes to nothing before they have to
	broke    bool          // their card does not work
	shy      bool          // comes unseen
}

// visit is a session from its player's view.
type visit struct {
	player    *player
	session   events.SessionID
	connected bool
	asked     bool // the request was heard
	here      int  // counts the times that the player has come and gone
	leaves    bool
	refusal   string // of the gateway; empty: none
}

var games = []events.GameID{"freedoom", "supertux", "neverball", "openttd", "etr", "pingus", "blobby", "frozen-bubble", "wesnoth", "minetest"}

func newPeople(w *world) *people {
	ps := &people{players: map[events.PlayerID]*player{}, visits: map[events.Stream]*visit{}, parties: map[events.LobbyID]*party{}}
	for _, i := range w.players {
		r := chance(w.Seed, chanceOfPlayers, i)
		p := &player{id: playerID(w.Seed, i), number: i, chance: r}
		p.habits.mean = 10*time.Hour + about(r, 10*time.Hour)
		first := r.IntN(len(games))
		p.habits.likes = []events.GameID{games[first], games[first], games[(first+1)%len(games)], games[r.IntN(len(games))]}
		p.habits.patience = 5*time.Minute + about(r, 30*time.Minute)
		p.habits.plays = within(r, 10*time.Minute, 70*time.Minute)
		p.habits.plan, p.habits.saves, p.habits.broke, p.habits.shy = choice(r), r.IntN(4) == 0, r.IntN(30) == 0, r.IntN(30) == 0
		ps.players[p.id] = p
		ps.order = append(ps.order, p)
	}
	return ps
}

func playerID(seed uint64, i int) events.PlayerID {
	return events.PlayerID(fmt.Sprintf("p%d-%05d", seed, i))
}

func (ps *people) begin(w *world) {
	for _, p := range ps.order {
		ps.enrol(w, p)
		if p.chance.IntN(16) == 0 {
			ps.guard(w, p)
		}
		if p.habits.shy {
			w.in(within(p.chance, time.Hour, 20*day), func(ctx context.Context) {
				ps.send(ctx, w, p, commands.Issue(presence.Hide{Player: p.id, Invisible: true}, p.wish(w)))
			})
		}
		w.agenda.enter(start, func(context.Context) { ps.later(w, p) })
	}
}

// goHome lets nobody come any more, and everybody leave.
func (ps *people) goHome(w *world) {
	ps.closed = true
	for _, p := range ps.order {
		if v := ps.visits[events.SessionStream(p.session)]; v != nil {
			w.in(within(p.chance, 0, 10*time.Minute), func(ctx context.Context) { ps.leave(ctx, w, v) })
		}
		if pt := p.party; pt != nil {
			w.in(within(p.chance, 2*time.Minute, 10*time.Minute), func(ctx context.Context) { ps.quit(ctx, w, pt, p) })
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
	if p.coming {
		return
	}
	p.coming = true
	at := w.now
	for {
		at = at.Add(about(p.chance, time.Duration(float64(p.habits.mean)/busiest)))
		if p.chance.Float64()*busiest < drawn(at) {
			break
		}
	}
	w.agenda.enter(at, func(ctx context.Context) { ps.come(ctx, w, p) })
}

// come begins a visit.
func (ps *people) come(ctx context.Context, w *world, p *player) {
	p.coming = false
	switch {
	case ps.closed:
		return
	case p.busy(ps):
		ps.later(w, p)
		return
	}
	ps.arrive(ctx, w, p)
	if p.chance.IntN(8) > 0 || !ps.gather(ctx, w, p) {
		ps.ask(ctx, w, p, 0)
	}
}

// ask asks for a session. Who may start none does something about it a few times.
func (ps *people) ask(ctx context.Context, w *world, p *player, tries int) {
	origin := p.wish(w)
	v := &visit{player: p, session: events.SessionOf(origin.ID)}
	p.session = v.session
	ps.visits[events.SessionStream(v.session)] = v
	game := p.habits.likes[p.chance.IntN(len(p.habits.likes))]
	ps.via(ctx, w, p, func(ctx context.Context, g *gateway) {
		terms, refused := w.gate.admit(p.id, v.session, w.now)
		if refused != nil {
			w.counts.refusals[refused.Code]++
			v.refusal = refused.Code
			return
		}
		v.refusal = ""
		w.do(ctx, g.handler, commands.Issue(session.Request{Session: v.session, Player: p.id, Game: game, Title: string(game), Terms: terms}, origin), always)
	})
	w.in(time.Minute, func(ctx context.Context) {
		if v.asked || v.refusal == "" {
			return
		}
		delete(ps.visits, events.SessionStream(v.session))
		if !ps.closed && tries < 2 && ps.remedy(ctx, w, p, v.refusal) {
			w.in(within(p.chance, 10*time.Second, 2*time.Minute), func(ctx context.Context) {
				if !p.busy(ps) {
					ps.ask(ctx, w, p, tries+1)
				}
			})
			return
		}
		ps.home(w, p)
	})
	w.in(p.habits.patience, func(ctx context.Context) { ps.loseHeart(ctx, w, v) })
}

// loseHeart ends a visit that has brought no game yet.
func (ps *people) loseHeart(ctx context.Context, w *world, v *visit) {
	stream := events.SessionStream(v.session)
	switch {
	case ps.visits[stream] != v:
	case !v.asked: // the request was lost on the way
		delete(ps.visits, stream)
		ps.home(w, v.player)
	case !v.connected && !v.leaves:
		ps.leave(ctx, w, v)
	}
}

func (p *player) wish(w *world) commands.Origin {
	p.wishes++
	return commands.Origin{ID: w.commandID(fmt.Sprintf("%s %d", p.id, p.wishes)), Actor: events.ByPlayer(p.id)}
}

// via carries a wish to a gateway of the player's. Some come twice, and some late.
func (ps *people) via(ctx context.Context, w *world, p *player, do func(context.Context, *gateway)) {
	switch draw := p.chance.IntN(100); {
	case draw < 5:
		w.in(within(p.chance, 0, 10*time.Second), func(ctx context.Context) { ps.reach(ctx, w, p.number+1, do) })
	case draw < 7:
		w.in(within(p.chance, time.Second, 30*time.Second), func(ctx context.Context) { ps.reach(ctx, w, p.number, do) })
		return
	}
	ps.reach(ctx, w, p.number, do)
}

// reach tries until there is a gateway.
func (ps *people) reach(ctx context.Context, w *world, number int, do func(context.Context, *gateway)) {
	if g := w.gateways.of(number); g != nil {
		do(ctx, g)
		return
	}
	w.in(5*time.Second, func(ctx context.Context) { ps.reach(ctx, w, number, do) })
}

func (ps *people) send(ctx context.Context, w *world, p *player, order commands.Order) {
	ps.via(ctx, w, p, func(ctx context.Context, g *gateway) { w.do(ctx, g.handler, order, always) })
}

func (ps *people) leave(ctx context.Context, w *world, v *visit) {
	v.leaves = true
	ps.send(ctx, w, v.player, commands.Issue(session.End{Session: v.session, By: v.player.id, Reason: events.EndedByPlayer}, v.player.wish(w)))
}

func (ps *people) saw(w *world, n commands.Noted) {
	id, ok := sessionOf(n.Event)
	if !ok {
		ps.sawLobby(w, n.Event)
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
		ps.home(w, v.player)
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
	after := about(p.chance, p.habits.plays)
	draw := p.chance.IntN(100)
	w.in(after, func(ctx context.Context) {
		switch {
		case v.here != here || v.leaves:
		case draw < 12 && !ps.closed:
			ps.send(ctx, w, p, commands.Issue(session.Pause{Session: v.session, By: p.id}, p.wish(w)))
		case draw < 22:
			ps.lose(w, v, "the peer is silent")
		case draw < 24:
			ps.walkAway(w, v)
		default:
			ps.leave(ctx, w, v)
		}
	})
}

// walkAway leaves the game on. Some come back in time, others to end it only.
func (ps *people) walkAway(w *world, v *visit) {
	m, r := w.machines.holds[v.session], v.player.chance
	if m == nil {
		return
	}
	const unused = 2 * time.Minute
	m.say(w, unused, v.session, session.Idle{Session: v.session, For: unused})
	if r.IntN(3) == 0 {
		back := about(r, 15*time.Minute)
		m.say(w, unused+back, v.session, session.Active{Session: v.session})
		w.in(back+about(r, v.player.habits.plays), func(ctx context.Context) { ps.leave(ctx, w, v) })
		return
	}
	w.in(time.Hour, func(ctx context.Context) { ps.leave(ctx, w, v) })
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
