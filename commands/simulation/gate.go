package simulation

import (
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/billing"
	parental "github.com/playcast/playcast/commands/player"
	"github.com/playcast/playcast/events"
)

// gate is what gateways look up before they ask for a session: what can be
// subscribed to, accounts, who plays, and what guardians allow.
type gate struct {
	offers   map[events.PlanID]events.Offer // the latest ones
	accounts map[events.PlayerID]billing.Account
	open     map[events.PlayerID][]events.SessionID
	players  map[events.SessionID]events.PlayerID
	active   map[events.PlayerID]map[events.SessionID]time.Time
	wards    map[events.PlayerID]*ward
}

// ward is a player with a guardian.
type ward struct {
	limits events.ParentalLimits
	played []parental.Span
}

func newGate() *gate {
	return &gate{
		offers: map[events.PlanID]events.Offer{}, accounts: map[events.PlayerID]billing.Account{},
		open: map[events.PlayerID][]events.SessionID{}, players: map[events.SessionID]events.PlayerID{}, wards: map[events.PlayerID]*ward{},
		active: map[events.PlayerID]map[events.SessionID]time.Time{},
	}
}

// What a gateway refuses by itself.
var (
	errAtOnce   = &events.Fault{Kind: events.Conflict, Code: "too-many-sessions", Message: "The plan allows no more sessions at once. End one first."}
	errGuardian = &events.Fault{Kind: events.Forbidden, Code: "guardian-says-no", Message: "Your guardian lets you play at another time."}
)

// admit says on which terms a player may start a session now.
func (g *gate) admit(p events.PlayerID, id events.SessionID, now time.Time) (events.SessionTerms, *events.Fault) {
	if !g.allowed(p, now) {
		return events.SessionTerms{}, errGuardian
	}
	unmetered := time.Duration(0)
	for _, since := range g.active[p] {
		unmetered += now.Sub(since)
	}
	entitled := g.accounts[p].Entitled(now, unmetered)
	if entitled.Refusal != nil {
		return events.SessionTerms{}, entitled.Refusal
	}
	others := len(g.open[p])
	if slices.Contains(g.open[p], id) {
		others--
	}
	access := entitled.Access
	if others >= access.Sessions {
		return events.SessionTerms{}, errAtOnce
	}
	return events.SessionTerms{
		Priority: min(access.Priority, events.MaxPriority), Longest: max(1, events.Seconds(access.Longest/time.Second)), Idle: 20 * 60, AtOnce: access.Sessions, Resolution: access.Resolution,
	}, nil
}

func (g *gate) allowed(p events.PlayerID, now time.Time) bool {
	of := g.wards[p]
	if of == nil {
		return true
	}
	played := slices.Clone(of.played)
	for _, since := range g.active[p] {
		played = append(played, parental.Span{From: since, To: now})
	}
	return parental.MayPlay(of.limits, now, played).Allowed
}

func (g *gate) begin(*world) {}

func (g *gate) saw(_ *world, n commands.Noted) {
	if p, ok := accountOf(n.Event); ok {
		g.accounts[p] = g.accounts[p].Evolve(n.Event)
		return
	}
	switch e := n.Event.(type) {
	case events.PlanPublished:
		g.offers[e.Plan] = e.Offer
	case events.SessionRequested:
		g.players[e.Session] = e.Player
		g.open[e.Player] = append(g.open[e.Player], e.Session)
	case events.ParentalLimitsSet:
		g.wards[e.Player] = &ward{limits: e.Limits}
	default:
		if id, ok := sessionOf(e); ok {
			g.plays(id, e, n.Time)
		}
	}
}

// plays follows a session.
func (g *gate) plays(id events.SessionID, e events.Event, at time.Time) {
	p := g.players[id]
	switch e.(type) {
	case events.SessionActivated, events.SessionResumed:
		if g.active[p] == nil {
			g.active[p] = map[events.SessionID]time.Time{}
		}
		g.active[p][id] = at
	}
	if segment := closed(e); segment != nil {
		delete(g.active[p], id)
		if of := g.wards[p]; of != nil {
			of.played = append(of.played, parental.Span{From: segment.From, To: segment.To})
		}
	}
	if over(e) {
		delete(g.players, id)
		g.open[p] = slices.DeleteFunc(g.open[p], func(open events.SessionID) bool { return open == id })
	}
}
