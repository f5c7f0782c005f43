package simulation

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/events"
)

// party is a lobby from its members' view.
type party struct {
	id      events.LobbyID
	chance  *rand.Rand // not its members', of whom others may be left out
	host    *player
	invited []*player
	members []*player
	code    events.CodeHash
	opened  bool
	started bool
	rounds  int // that were played
}

// gather opens a lobby for those friends who have nothing to do, if there are any.
func (ps *people) gather(ctx context.Context, w *world, p *player) bool {
	origin := p.wish(w)
	pt := &party{id: events.LobbyOf(origin.ID), host: p}
	pt.chance = chanceOf(w.Seed, pt.id)
	for _, id := range w.friends.of[p.id] {
		if other := ps.players[id]; other != nil && !other.busy(ps) && pt.chance.IntN(4) > 0 {
			pt.invited = append(pt.invited, other)
		}
	}
	if len(pt.invited) == 0 {
		return false
	}
	create := lobby.Create{Lobby: pt.id, By: p.id, Visibility: events.LobbyFriends, Capacity: 2 + pt.chance.IntN(3)}
	switch pt.chance.IntN(3) {
	case 0:
		create.Visibility = events.LobbyPublic
	case 1:
		pt.code = events.HashOfCode(pt.id.String())
		create.Visibility, create.CodeHash = events.LobbyByCode, pt.code
	}
	p.party, ps.parties[pt.id] = pt, pt
	ps.send(ctx, w, p, commands.Issue(create, origin))
	w.in(2*time.Minute, func(context.Context) {
		if !pt.opened && p.party == pt {
			p.party = nil
			ps.home(w, p)
		}
	})
	return true
}

func (ps *people) sawLobby(w *world, e events.Event) {
	id, ok := lobbyOf(e)
	pt := ps.parties[id]
	if !ok || pt == nil {
		return
	}
	switch e := e.(type) {
	case events.LobbyOpened:
		ps.opened(w, pt)
	case events.LobbyJoined:
		ps.joined(w, pt, ps.players[e.Player])
	case events.LobbyHandedOver:
		pt.host = ps.players[e.To]
	case events.LobbyStarted:
		ps.started(w, pt, e)
	case events.LobbyReopened:
		ps.reopened(w, pt)
	case events.LobbyLeft:
		p := ps.players[e.Player]
		pt.members = slices.DeleteFunc(pt.members, func(m *player) bool { return m == p })
		if p.party == pt {
			p.party = nil
			ps.home(w, p)
		}
	case events.LobbyClosed:
		delete(ps.parties, pt.id)
	}
}

func (ps *people) opened(w *world, pt *party) {
	pt.opened, pt.members = true, []*player{pt.host}
	host := pt.host
	game := host.habits.likes[0]
	w.in(0, func(ctx context.Context) {
		ps.send(ctx, w, host, commands.Issue(lobby.Choose{Lobby: pt.id, By: host.id, Game: game, Title: string(game)}, host.wish(w)))
	})
	for _, guest := range pt.invited {
		w.in(within(pt.chance, 5*time.Second, time.Minute), func(ctx context.Context) { ps.follow(ctx, w, pt, guest) })
	}
	w.in(within(pt.chance, time.Minute, 3*time.Minute), func(ctx context.Context) { ps.start(ctx, w, pt, 0) })
}

// follow has who was invited join, and give up where they are not let in.
func (ps *people) follow(ctx context.Context, w *world, pt *party, guest *player) {
	if ps.closed || guest.busy(ps) || ps.parties[pt.id] == nil {
		return
	}
	guest.party = pt
	ps.arrive(ctx, w, guest)
	join := lobby.Join{Lobby: pt.id, Player: guest.id, CodeHash: pt.code}
	if slices.Contains(w.friends.of[guest.id], pt.host.id) {
		join.FriendOf = pt.host.id
	}
	ps.send(ctx, w, guest, commands.Issue(join, guest.wish(w)))
	w.in(2*time.Minute, func(context.Context) {
		if guest.party == pt && !slices.Contains(pt.members, guest) {
			guest.party = nil
			ps.home(w, guest)
		}
	})
}

func (ps *people) joined(w *world, pt *party, p *player) {
	pt.members = append(pt.members, p)
	if p.party != pt { // they had given up
		w.in(0, func(ctx context.Context) { ps.quit(ctx, w, pt, p) })
		return
	}
	w.in(within(pt.chance, time.Second, 30*time.Second), func(ctx context.Context) { ps.ready(ctx, w, pt, p) })
}

func (ps *people) ready(ctx context.Context, w *world, pt *party, p *player) {
	if slices.Contains(pt.members, p) && !pt.started {
		ps.send(ctx, w, p, commands.Issue(lobby.SetReady{Lobby: pt.id, Player: p.id, Ready: true}, p.wish(w)))
	}
}

func (ps *people) quit(ctx context.Context, w *world, pt *party, p *player) {
	if slices.Contains(pt.members, p) {
		ps.send(ctx, w, p, commands.Issue(lobby.Leave{Lobby: pt.id, Player: p.id}, p.wish(w)))
	}
}

// start tries to, until everybody is ready; after a while they give up.
func (ps *people) start(ctx context.Context, w *world, pt *party, tries int) {
	if pt.started || ps.parties[pt.id] == nil {
		return
	}
	if tries == 4 || ps.closed {
		ps.disperse(w, pt)
		return
	}
	for _, m := range pt.members {
		if tries > 0 && m != pt.host {
			ps.ready(ctx, w, pt, m)
		}
	}
	host, origin := pt.host, pt.host.wish(w)
	ps.via(ctx, w, host, func(ctx context.Context, g *gateway) {
		terms, refused := w.gate.admit(host.id, events.SessionID{}, w.now)
		if refused != nil {
			w.counts.refusals[refused.Code]++
			return
		}
		w.do(ctx, g.handler, commands.Issue(lobby.Start{Lobby: pt.id, By: host.id, Terms: terms}, origin), always)
	})
	w.in(45*time.Second, func(ctx context.Context) { ps.start(ctx, w, pt, tries+1) })
}

// started makes the session a visit of the host's. Some leave before its end, and
// some hosts hand the lobby over.
func (ps *people) started(w *world, pt *party, e events.LobbyStarted) {
	pt.started = true
	host := ps.players[e.Host]
	v := &visit{player: host, session: e.Session}
	host.session = e.Session
	ps.visits[events.SessionStream(e.Session)] = v
	w.in(host.habits.patience, func(ctx context.Context) { ps.loseHeart(ctx, w, v) })
	for _, m := range slices.Clone(pt.members) {
		if pt.chance.IntN(10) == 0 {
			w.in(about(pt.chance, 15*time.Minute), func(ctx context.Context) { ps.quit(ctx, w, pt, m) })
		}
	}
	if to := pt.members[pt.chance.IntN(len(pt.members))]; to != host && pt.chance.IntN(10) == 0 {
		w.in(about(pt.chance, 15*time.Minute), func(ctx context.Context) {
			ps.send(ctx, w, host, commands.Issue(lobby.HandOver{Lobby: pt.id, By: host.id, To: to.id}, host.wish(w)))
		})
	}
}

// reopened plays one more round, or goes home.
func (ps *people) reopened(w *world, pt *party) {
	pt.started = false
	if pt.rounds++; pt.rounds > 1 || ps.closed || pt.chance.IntN(3) > 0 {
		ps.disperse(w, pt)
		return
	}
	for _, m := range pt.members {
		w.in(within(pt.chance, time.Second, 30*time.Second), func(ctx context.Context) { ps.ready(ctx, w, pt, m) })
	}
	w.in(within(pt.chance, 40*time.Second, 2*time.Minute), func(ctx context.Context) { ps.start(ctx, w, pt, 0) })
}

func (ps *people) disperse(w *world, pt *party) {
	for _, m := range pt.members {
		w.in(within(pt.chance, 0, time.Minute), func(ctx context.Context) { ps.quit(ctx, w, pt, m) })
	}
}

// lobbyOf returns the lobby that an event is of; false where it is of something
// else.
func lobbyOf(e events.Event) (events.LobbyID, bool) {
	switch e := e.(type) {
	case events.LobbyOpened:
		return e.Lobby, true
	case events.LobbyJoined:
		return e.Lobby, true
	case events.LobbyLeft:
		return e.Lobby, true
	case events.LobbyHandedOver:
		return e.Lobby, true
	case events.LobbyReadied:
		return e.Lobby, true
	case events.LobbyGameChosen:
		return e.Lobby, true
	case events.LobbyStarted:
		return e.Lobby, true
	case events.LobbyReopened:
		return e.Lobby, true
	case events.LobbyClosed:
		return e.Lobby, true
	}
	return events.LobbyID{}, false
}
