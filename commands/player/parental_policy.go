package player

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/playcast/playcast/commands"
	"github.com/playcast/playcast/commands/session"
	"github.com/playcast/playcast/events"
)

// steps are how long before the end a player is warned: an hour, a half, a
// quarter, five minutes.
var steps = []events.Seconds{3600, 1800, 900, 300}

// Parental warns players whose time is nearly up, and ends their sessions when
// it is. What was played is what sessions closed, and what runs: metering puts
// just that on the account. It keeps eight days of it, and of the rest what is
// open; Due looks at players who have something due.
type Parental struct {
	sessions map[events.SessionID]events.PlayerID
	wards    map[events.PlayerID]*ward
	recent   []recent // played within eight days, to be forgotten in this order
	timers   []timer  // by time
}

// ward is a player of whom something is known.
type ward struct {
	limits *events.ParentalLimits // nil: none
	played []Span
	active []running // in the order in which they began
	until  Verdict   // for who plays on
	next   time.Time // when something is due; zero: never
}

type running struct {
	session events.SessionID
	since   time.Time
	warned  events.Seconds // the last step of this end
	cause   commands.Cause
}

type recent struct {
	player events.PlayerID
	to     time.Time
}

type timer struct {
	at     time.Time
	player events.PlayerID
}

func compareTimers(a, b timer) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.player, b.player))
}

// NewParental returns the policy before the first event.
func NewParental() *Parental {
	return &Parental{sessions: map[events.SessionID]events.PlayerID{}, wards: map[events.PlayerID]*ward{}}
}

var _ commands.Policy = (*Parental)(nil)

func (*Parental) Name() string { return "parental" }

func (p *Parental) Evolve(n commands.Noted) {
	switch e := n.Event.(type) {
	case events.SessionRequested:
		p.sessions[e.Session] = e.Player
	case events.SessionActivated:
		p.began(e.Session, e.At, n.Cause)
	case events.SessionResumed:
		p.began(e.Session, e.At, n.Cause)
	default:
		if closing, is := events.ClosingOf(e); is {
			p.closed(closing)
		} else {
			p.decided(e)
		}
	}
}

// decided takes what is said of a player.
func (p *Parental) decided(e events.Event) {
	switch e := e.(type) {
	case events.ParentalLimitsSet:
		p.limit(e.Player, &e.Limits, e.At)
	case events.ParentalLimitsLifted:
		p.limit(e.Player, nil, e.At)
	case events.PlayerErased:
		p.limit(e.Player, nil, e.At)
	case events.SessionWarned:
		p.warned(e)
	}
}

func (p *Parental) limit(player events.PlayerID, limits *events.ParentalLimits, at time.Time) {
	p.ward(player).limits = limits
	p.judge(player, at)
}

func (p *Parental) ward(player events.PlayerID) *ward {
	w := p.wards[player]
	if w == nil {
		w = &ward{}
		p.wards[player] = w
	}
	return w
}

func (p *Parental) began(session events.SessionID, at time.Time, cause commands.Cause) {
	player, known := p.sessions[session]
	if !known {
		return
	}
	w := p.ward(player)
	w.active = append(w.active, running{session: session, since: at, cause: cause})
	p.judge(player, at)
}

func (p *Parental) closed(c events.Closing) {
	player, known := p.sessions[c.Session]
	if !known {
		return
	}
	if c.Over {
		delete(p.sessions, c.Session)
	}
	w := p.ward(player)
	w.active = slices.DeleteFunc(w.active, func(r running) bool { return r.session == c.Session })
	if s := c.Segment; s != nil {
		w.played = append(w.played, Span{From: s.From, To: s.To})
		p.recent = append(p.recent, recent{player: player, to: s.To})
	}
	p.judge(player, c.At)
	p.forget(c.At.Add(-looking))
}

// forget drops what no allowance counts any more.
func (p *Parental) forget(before time.Time) {
	for len(p.recent) > 0 && p.recent[0].to.Before(before) {
		player := p.recent[0].player
		p.recent = p.recent[1:]
		w := p.wards[player]
		if w == nil {
			continue
		}
		w.played = slices.DeleteFunc(w.played, func(s Span) bool { return s.To.Before(before) })
		p.drop(player)
	}
}

// drop forgets a player of whom nothing is left to know.
func (p *Parental) drop(player events.PlayerID) {
	if w := p.wards[player]; w != nil && w.limits == nil && len(w.active) == 0 && len(w.played) == 0 {
		delete(p.wards, player)
	}
}

// judge finds anew when a player's time is up. Another end is warned of anew.
func (p *Parental) judge(player events.PlayerID, at time.Time) {
	w := p.wards[player]
	before := w.until
	w.until = Verdict{Allowed: true}
	if w.limits != nil && len(w.active) > 0 {
		played := slices.Clone(w.played)
		for _, r := range w.active {
			played = append(played, Span{From: r.since, To: at})
		}
		w.until = MayPlay(*w.limits, at, played)
	}
	if !w.until.Until.Equal(before.Until) {
		for i := range w.active {
			w.active[i].warned = 0
		}
	}
	p.schedule(player, w)
	p.drop(player)
}

func (p *Parental) warned(e events.SessionWarned) {
	player := p.sessions[e.Session]
	w := p.wards[player]
	if w == nil || e.Reason != events.EndedByGuardian || !e.Ends.Equal(w.until.Until) {
		return
	}
	for i := range w.active {
		if w.active[i].session == e.Session {
			w.active[i].warned = e.Left
		}
	}
	p.schedule(player, w)
}

// schedule puts a player's timer where it belongs.
func (p *Parental) schedule(player events.PlayerID, w *ward) {
	if !w.next.IsZero() {
		if i, found := slices.BinarySearchFunc(p.timers, timer{w.next, player}, compareTimers); found {
			p.timers = slices.Delete(p.timers, i, i+1)
		}
	}
	if w.next = w.due(); !w.next.IsZero() {
		i, _ := slices.BinarySearchFunc(p.timers, timer{w.next, player}, compareTimers)
		p.timers = slices.Insert(p.timers, i, timer{w.next, player})
	}
}

// due is when there is something to say, or to do, next.
func (w *ward) due() time.Time {
	next := w.until.Until
	if next.IsZero() || w.until.Hold == HoldNone {
		return next
	}
	for _, r := range w.active {
		for _, step := range steps {
			if at := w.until.Until.Add(-step.Duration()); (r.warned == 0 || step < r.warned) && at.Before(next) {
				next = at
			}
		}
	}
	return next
}

// Due warns and ends. Who may play for longer than was looked ahead is looked at
// again.
func (p *Parental) Due(now time.Time) []commands.Order {
	var orders []commands.Order
	for _, t := range p.due(now) {
		w := p.wards[t.player]
		if w.until.Hold == HoldNone {
			p.judge(t.player, now)
			continue
		}
		for _, r := range w.active {
			orders = append(orders, p.order(w, r, now)...)
		}
	}
	return orders
}

// due are the timers whose time has come, as they are now: judging moves them.
func (p *Parental) due(now time.Time) []timer {
	n, _ := slices.BinarySearchFunc(p.timers, now, func(t timer, now time.Time) int {
		if t.at.After(now) {
			return 1
		}
		return -1
	})
	return slices.Clone(p.timers[:n])
}

// order is what is due of a running session: its end, or the nearest warning.
func (p *Parental) order(w *ward, r running, now time.Time) []commands.Order {
	until := w.until.Until
	if !now.Before(until) {
		because := commands.Because(r.cause, p.Name(), fmt.Sprintf("end at %d", until.UnixMilli()))
		return []commands.Order{commands.Issue(session.End{Session: r.session, Reason: events.EndedByGuardian}, because)}
	}
	var step events.Seconds
	for _, s := range steps {
		if until.Sub(now) <= s.Duration() {
			step = s
		}
	}
	if step == 0 || r.warned != 0 && r.warned <= step {
		return nil
	}
	because := commands.Because(r.cause, p.Name(), fmt.Sprintf("warn %d before %d", step, until.UnixMilli()))
	return []commands.Order{commands.Issue(session.Warn{Session: r.session, Reason: events.EndedByGuardian, Left: step, Ends: until}, because)}
}
