package lobby_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/playcast/playcast/commands"
	. "github.com/playcast/playcast/commands/decidetest"
	"github.com/playcast/playcast/commands/lobby"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

var crowd = []events.PlayerID{"anna", "bert", "cora", "dora", "emil", "fred"}

// wish draws any command on the lobby, of anybody.
func wish(t *rapid.T) commands.Command[lobby.State] {
	by := rapid.SampledFrom(crowd).Draw(t, "by")
	whom := rapid.SampledFrom(crowd).Draw(t, "whom")
	hash := rapid.SampledFrom([]events.CodeHash{{}, code, newer}).Draw(t, "code")
	return rapid.SampledFrom([]commands.Command[lobby.State]{
		lobby.Create{Lobby: id, By: by, Capacity: rapid.IntRange(0, 5).Draw(t, "capacity"), CodeHash: hash,
			Visibility: rapid.SampledFrom([]events.Visibility{events.LobbyPublic, events.LobbyFriends, events.LobbyByCode}).Draw(t, "visibility")},
		lobby.Join{Lobby: id, Player: by, CodeHash: hash, FriendOf: whom}, lobby.Join{Lobby: id, Player: by, CodeHash: hash, FriendOf: whom},
		lobby.Join{Lobby: id, Player: whom, CodeHash: code}, lobby.Join{Lobby: id, Player: whom, FriendOf: by},
		lobby.Leave{Lobby: id, Player: by}, lobby.Drop{Lobby: id, Player: whom}, lobby.ChangeCode{Lobby: id, By: by, CodeHash: hash},
		lobby.Kick{Lobby: id, By: by, Player: whom}, lobby.Ban{Lobby: id, By: by, Player: whom}, lobby.Unban{Lobby: id, By: by, Player: whom},
		lobby.HandOver{Lobby: id, By: by, To: whom},
		lobby.Choose{Lobby: id, By: by, Game: rapid.SampledFrom([]events.GameID{"", "doom", "quake"}).Draw(t, "game")},
		lobby.SetReady{Lobby: id, Player: by, Ready: true}, lobby.SetReady{Lobby: id, Player: whom, Ready: true}, lobby.SetReady{Lobby: id, Player: by},
		lobby.Start{Lobby: id, By: by}, lobby.Start{Lobby: id, By: whom},
		lobby.Reopen{Lobby: id, Session: events.SessionOfStart(id, rapid.IntRange(1, 3).Draw(t, "start")), Outcome: events.LobbyPlayed},
		lobby.Say{Lobby: id, Player: by, Text: text(whom, 3)},
	}).Draw(t, "wish")
}

// TestEveryHistoryKeepsTheOrder: whoever asks for what, the lobby is sound after
// each event, and nothing happens after its close.
func TestEveryHistoryKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state lobby.State
		var history []events.Event
		sessions := map[events.SessionID]bool{}
		now := Now
		do := func(c commands.Command[lobby.State]) {
			now = now.Add(time.Duration(rapid.IntRange(-5, 60).Draw(t, "seconds")) * time.Second)
			decided, err := c.Decide(state, now)
			var fault *events.Fault
			if err != nil && (!errors.As(err, &fault) || len(decided) > 0) {
				t.Fatalf("%T is refused with %v, and decides %v", c, err, decided)
			}
			if state.Phase == events.LobbyIsClosed && len(decided) > 0 {
				t.Fatalf("after the close, %T decides %v", c, decided)
			}
			for _, e := range decided {
				if began, ok := e.(events.LobbyStarted); ok {
					if sessions[began.Session] || state.Phase != events.LobbyIsOpen {
						t.Fatalf("%+v starts a session in %+v", began, state)
					}
					sessions[began.Session] = true
				}
				state = state.Evolve(e)
			}
			history = append(history, decided...)
			sound(t, state)
			if again, err := c.Decide(state, now); err == nil && len(again) > 0 && len(decided) > 0 {
				if _, speaks := c.(lobby.Say); !speaks {
					t.Fatalf("%+v, done again, decides %v after %v", c, again, decided)
				}
			}
		}
		do(lobby.Create{Lobby: id, By: "anna", Visibility: events.LobbyPublic, Capacity: rapid.IntRange(2, 4).Draw(t, "places")})
		for range rapid.IntRange(1, 60).Draw(t, "wishes") {
			do(wish(t))
		}
		var replayed lobby.State
		for _, e := range history {
			replayed = replayed.Evolve(e)
		}
		if !reflect.DeepEqual(replayed, state) {
			t.Fatalf("replay gives %+v, not %+v", replayed, state)
		}
	})
}

// sound holds what every lobby has in common between two commands.
func sound(t *rapid.T, s lobby.State) {
	if s.Phase == events.LobbyIsClosed || s.Phase == events.LobbyNone {
		if len(s.Members) > 0 || !s.Session.IsZero() {
			t.Fatalf("there is no lobby, but %+v", s)
		}
		return
	}
	if len(s.Members) == 0 || len(s.Members) > s.Capacity || s.Capacity > events.MaxPads {
		t.Fatalf("%d members of %d", len(s.Members), s.Capacity)
	}
	hosts, seen := 0, map[events.PlayerID]bool{}
	for _, m := range s.Members {
		if seen[m.Player] || slices.Contains(s.Banned, m.Player) {
			t.Fatalf("%s is a member twice, or banned: %+v", m.Player, s)
		}
		if seen[m.Player] = true; m.Player == s.Host {
			hosts++
		}
	}
	if hosts != 1 {
		t.Fatalf("%d hosts among the members: %+v", hosts, s)
	}
	if playing := s.Phase == events.LobbyIsStarted; playing == s.Session.IsZero() || playing && s.Session != events.SessionOfStart(id, s.Starts) {
		t.Fatalf("a lobby that is %s has the session %s", s.Phase, s.Session)
	}
}

// world is a lobby and its sessions, with the policy between them, to which
// events come late.
type world struct {
	lobby    lobby.State
	sessions map[events.SessionID]session.State
	log      []events.Event
	told     int // of log, to the policy
	done     map[events.CommandID]bool
	policy   *lobby.Starting
	now      time.Time
}

func (w *world) decideLobby(c commands.Command[lobby.State]) bool {
	decided, _ := c.Decide(w.lobby, w.now)
	for _, e := range decided {
		w.lobby = w.lobby.Evolve(e)
	}
	w.log = append(w.log, decided...)
	return len(decided) > 0
}

func (w *world) decideSession(at events.SessionID, c commands.Command[session.State]) bool {
	decided, _ := c.Decide(w.sessions[at], w.now)
	for _, e := range decided {
		w.sessions[at] = w.sessions[at].Evolve(e)
	}
	w.log = append(w.log, decided...)
	return len(decided) > 0
}

// tell brings the policy up to an event of the log, and carries out what is due,
// each order once.
func (w *world) tell(until int) {
	for ; w.told < until; w.told++ {
		Told(w.policy, w.log[w.told])
	}
	for _, order := range w.policy.Due(w.now) {
		if w.done[order.ID] {
			continue
		}
		switch c := order.Command.(type) {
		case lobby.Reopen:
			w.done[order.ID] = w.decideLobby(c)
		case session.Request:
			w.done[order.ID] = w.decideSession(c.Session, c)
		case session.Admit:
			w.done[order.ID] = w.decideSession(c.Session, c)
		case session.Leave:
			w.done[order.ID] = w.decideSession(c.Session, c)
		case session.End:
			w.done[order.ID] = w.decideSession(c.Session, c)
		}
	}
}

// TestALobbyThatPlaysHasOneSession: however late the policy is, a lobby that
// plays comes to one session, in which all its members sit, each with a pad
// as long as the session's player has not left them; one that does not play has none that lives, but that of who left it.
func TestALobbyThatPlaysHasOneSession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{sessions: map[events.SessionID]session.State{}, done: map[events.CommandID]bool{}, policy: lobby.NewStarting(), now: Now}
		w.decideLobby(lobby.Create{Lobby: id, By: "anna", Visibility: events.LobbyPublic, Capacity: 4})
		w.decideLobby(lobby.Join{Lobby: id, Player: "bert"})
		w.decideLobby(lobby.Choose{Lobby: id, By: "anna", Game: "doom", Title: "Doom"})
		w.decideLobby(lobby.SetReady{Lobby: id, Player: "bert", Ready: true})
		w.decideLobby(lobby.Start{Lobby: id, By: "anna"})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(100, 2000).Draw(t, "ms")) * time.Millisecond)
			current := w.lobby.Session
			switch rapid.IntRange(0, 7).Draw(t, "step") {
			case 0, 1, 2:
				w.tell(rapid.IntRange(w.told, len(w.log)).Draw(t, "told"))
			case 3:
				w.decideSession(current, session.Allocate{Session: current, Worker: "w"})
			case 4:
				w.decideSession(current, session.Fail{Session: current, Cause: events.FailedWorker})
			default:
				if c := wish(t); !isReopen(c) {
					w.decideLobby(c)
				}
			}
		}
		w.settle()
		current := w.lobby.Session
		for at, s := range w.sessions {
			if at != current && w.lobby.Phase != events.LobbyIsClosed && s.Phase != events.SessionNone && !s.Phase.Over() && s.Phase != events.SessionIsEnding {
				t.Fatalf("beside %s, %s lives as %+v", current, at, s)
			}
		}
		if w.lobby.Phase != events.LobbyIsStarted {
			return
		}
		s := w.sessions[current]
		stayed := !slices.ContainsFunc(w.log, func(e events.Event) bool {
			left, ok := e.(events.LobbyLeft)
			return ok && left.Player == s.Player
		})
		for _, m := range w.lobby.Members {
			sits := slices.ContainsFunc(s.People.Guests, func(g session.Guest) bool { return g.Player == m.Player && (g.Pads == 1 || !stayed) })
			if m.Player != s.Player && !sits {
				t.Fatalf("%s has no seat with a pad in %+v of %+v", m.Player, s, w.lobby)
			}
		}
		for _, g := range s.People.Guests {
			if !slices.ContainsFunc(w.lobby.Members, func(m lobby.Member) bool { return m.Player == g.Player }) {
				t.Fatalf("%s sits in %+v, but is no member of %+v", g.Player, s, w.lobby)
			}
		}
	})
}

func isReopen(c commands.Command[lobby.State]) bool {
	_, is := c.(lobby.Reopen)
	return is
}

// settle lets the policy hear all there is, and a worker take what waits.
func (w *world) settle() {
	for range 12 {
		w.now = w.now.Add(1100 * time.Millisecond)
		w.tell(len(w.log))
		if at := w.lobby.Session; !at.IsZero() {
			w.decideSession(at, session.Allocate{Session: at, Worker: "w"})
		}
	}
}
