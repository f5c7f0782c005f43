package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/events"
)

// gatherings: a lobby has no more members than it is for, each once, and one host,
// who is one of them; it starts when all the others are ready; a start comes to
// one session, of the host, in which each member who is still one has a seat and
// a gamepad soon; when it is over the lobby soon knows.
type gatherings struct {
	lobbies map[events.LobbyID]*gathering
	order   []events.LobbyID // some are closed
	starts  map[events.SessionID]*outing
	opened  int
	started int
}

type gathering struct {
	capacity int
	host     events.PlayerID
	members  []events.PlayerID
	ready    map[events.PlayerID]bool
	hostless bool    // the host has left just now
	plays    *outing // nil: it is open
}

// outing is a session that a lobby has started.
type outing struct {
	session events.SessionID
	members []events.PlayerID // that are to have a seat
	since   time.Time
	began   bool      // it was requested
	held    time.Time // since when a worker has it; zero: none has
	over    time.Time // zero: it goes on
	pads    map[events.PlayerID]int
}

func newGatherings() *gatherings {
	return &gatherings{lobbies: map[events.LobbyID]*gathering{}, starts: map[events.SessionID]*outing{}}
}

var _ invariant = (*gatherings)(nil)

func (g *gatherings) take(n commands.Noted) error {
	id, ok := lobbyOf(n.Event)
	if !ok {
		return g.session(n)
	}
	if opened, first := n.Event.(events.LobbyOpened); first {
		g.opened++
		g.order = append(g.order, id)
		g.lobbies[id] = &gathering{capacity: opened.Capacity, host: opened.Host, members: []events.PlayerID{opened.Host}, ready: map[events.PlayerID]bool{}}
		return nil
	}
	l := g.lobbies[id]
	if l == nil {
		return g.wrong(n.Time, id, "%s follows its end", n.Event.EventType())
	}
	if says := l.take(n); says != "" {
		return g.wrong(n.Time, id, "%s", says)
	}
	switch e := n.Event.(type) {
	case events.LobbyStarted:
		g.started++
		if g.starts[e.Session] != nil {
			return g.wrong(n.Time, id, "session %s is started twice", e.Session)
		}
		g.starts[e.Session] = l.plays
	case events.LobbyClosed:
		delete(g.lobbies, id)
	}
	return nil
}

// take says what is wrong with an event of a lobby; empty: nothing.
func (l *gathering) take(n commands.Noted) string {
	handed, is := n.Event.(events.LobbyHandedOver)
	_, closed := n.Event.(events.LobbyClosed)
	if l.hostless && !is && !closed {
		return n.Event.EventType() + " comes while there is no host"
	}
	switch e := n.Event.(type) {
	case events.LobbyJoined:
		if l.members = append(l.members, e.Player); len(l.members) > l.capacity || slices.Contains(l.members[:len(l.members)-1], e.Player) {
			return fmt.Sprintf("%s joins a lobby for %d, which has %v", e.Player, l.capacity, l.members)
		}
	case events.LobbyLeft:
		if !slices.Contains(l.members, e.Player) {
			return fmt.Sprintf("%s leaves, and is not there", e.Player)
		}
		l.members = slices.DeleteFunc(l.members, func(p events.PlayerID) bool { return p == e.Player })
		delete(l.ready, e.Player)
		l.hostless = e.Player == l.host
		if l.plays != nil {
			l.plays.members = slices.DeleteFunc(l.plays.members, func(p events.PlayerID) bool { return p == e.Player })
		}
	case events.LobbyHandedOver:
		if l.hostless = false; handed.From != l.host || !slices.Contains(l.members, e.To) {
			return fmt.Sprintf("%s hands over to %s, and the host is %s of %v", e.From, e.To, l.host, l.members)
		}
		l.host = e.To
	case events.LobbyReadied:
		l.ready[e.Player] = e.Ready
	case events.LobbyGameChosen:
		clear(l.ready)
	case events.LobbyStarted:
		return l.start(n, e)
	case events.LobbyReopened:
		if l.plays == nil || l.plays.session != e.Session {
			return fmt.Sprintf("it opens again after session %s, which it does not play", e.Session)
		}
		l.plays = nil
		clear(l.ready)
	case events.LobbyClosed:
		if len(l.members) > 0 {
			return fmt.Sprintf("it closes on %v", l.members)
		}
	}
	return ""
}

func (l *gathering) start(n commands.Noted, e events.LobbyStarted) string {
	for _, p := range l.members {
		if p != l.host && !l.ready[p] || !slices.Contains(e.Members, p) {
			return fmt.Sprintf("it starts with %v of %v, and %s is not ready", e.Members, l.members, p)
		}
	}
	if l.plays != nil || e.Host != l.host || len(e.Members) != len(l.members) {
		return fmt.Sprintf("it starts with %v for %s, and has %v and the host %s", e.Members, e.Host, l.members, l.host)
	}
	seats := slices.DeleteFunc(slices.Clone(e.Members), func(p events.PlayerID) bool { return p == e.Host })
	l.plays = &outing{session: e.Session, members: seats, since: n.Time, pads: map[events.PlayerID]int{}}
	return ""
}

// session takes an event of a session that a lobby has started.
func (g *gatherings) session(n commands.Noted) error {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		if s := g.starts[e.Session]; s != nil {
			s.began = true
		}
	case events.SessionAllocated:
		if s := g.starts[e.Session]; s != nil {
			s.held = n.Time
		}
	case events.ControlGiven:
		if s := g.starts[e.Session]; s != nil {
			s.pads[e.Player] = e.Pads
		}
	default:
		id, ok := sessionOf(n.Event)
		if s := g.starts[id]; ok && s != nil && over(n.Event) {
			s.over = n.Time
			delete(g.starts, id)
		}
	}
	return nil
}

func (g *gatherings) check(now time.Time) error {
	still := g.order[:0]
	for _, id := range g.order {
		l := g.lobbies[id]
		if l == nil {
			continue
		}
		still = append(still, id)
		if l.hostless {
			return g.wrong(now, id, "it has no host")
		}
		if s := l.plays; s != nil {
			if says := s.check(now); says != "" {
				return g.wrong(now, id, "%s", says)
			}
		}
	}
	g.order = still
	return nil
}

// check says what a session that goes on is late with.
func (s *outing) check(now time.Time) string {
	switch {
	case !s.over.IsZero() && now.Sub(s.over) > worst:
		return fmt.Sprintf("session %s is over since %v, and it is not open again", s.session, now.Sub(s.over))
	case !s.over.IsZero():
		return ""
	case !s.began && now.Sub(s.since) > worst:
		return fmt.Sprintf("it has started %v ago, and there is no session", now.Sub(s.since))
	case s.held.IsZero() || now.Sub(s.held) <= worst:
		return ""
	}
	for _, p := range s.members {
		if s.pads[p] == 0 {
			return fmt.Sprintf("%s has no gamepad in session %s, which is allocated since %v", p, s.session, now.Sub(s.held))
		}
	}
	return ""
}

func (g *gatherings) final(now time.Time) error {
	if err := g.check(now); err != nil {
		return err
	}
	for _, id := range g.order {
		if l := g.lobbies[id]; l != nil {
			return g.wrong(now, id, "everybody has gone home, and it has %v", l.members)
		}
	}
	return nil
}

func (g *gatherings) wrong(at time.Time, id events.LobbyID, says string, details ...any) error {
	return &Violation{
		Invariant: "gatherings", At: at, Says: fmt.Sprintf("lobby %s: ", id) + fmt.Sprintf(says, details...), Streams: []events.Stream{events.LobbyStream(id)},
	}
}

func (g *gatherings) tell(r *Report) { r.Together.Lobbies, r.Together.Starts = g.opened, g.started }
