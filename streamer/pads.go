package streamer

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/gamepad"
	"github.com/playcast/playcast/streamer/input"
)

// pads are a session's gamepads, in the game before anybody is at the controls.
type pads struct {
	gamepad.Pads // nil: games get none here

	players atomic.Pointer[controls] // nil until there are some
}

// openPads makes the pads. A session can do without them.
func openPads(parts Parts, launch game.Launch, log *slog.Logger) *pads {
	p := &pads{}
	made, err := parts.Gamepads.Open(launch.Session.String(), func(pad int, r gamepad.Rumble) {
		if c := p.players.Load(); c != nil {
			c.rumble(pad, r)
		}
	})
	if err != nil {
		log.Warn("the session has no gamepads", "error", err)
	}
	p.Pads = made
	return p
}

// show has the game find the pads.
func (p *pads) show(launch game.Launch, sandboxed bool) game.Launch {
	if p.Pads == nil {
		return launch
	}
	const preload = "LD_PRELOAD"
	needs := p.Launch(sandboxed)
	environment := maps.Clone(launch.Environment)
	if environment == nil {
		environment = map[string]string{}
	}
	maps.Copy(environment, needs.Environment)
	environment[preload] = strings.Trim(needs.Preload+":"+launch.Entry.Environment[preload], ":")
	launch.Environment = environment
	for _, m := range needs.Mounts {
		launch.Mounts = append(launch.Mounts, game.Mount{Host: m.Host, Inside: m.Inside})
	}
	return launch
}

// play hands the pads to the controls.
func (p *pads) play(c *controls) {
	c.places.pads = p.Pads
	p.players.Store(c)
}

// close takes them from the game, which has ended.
func (p *pads) close() error {
	if p.Pads == nil {
		return nil
	}
	return p.Close()
}

// places are the session's gamepads, and whose each is. A viewer's pad takes the
// first that is free, keeps it while it is connected, and gives it up when it
// vanishes, when it is no longer granted, or with the viewer. The controls guard
// all of it.
type places struct {
	pads   gamepad.Pads // nil: games get none here
	log    *slog.Logger
	owners [gamepad.Count]owner
}

// owner is a viewer's pad, by the viewer's own number; the hand is nil where the
// place is free.
type owner struct {
	hand  *hand
	local int
}

// find returns the place of a viewer's pad, -1 if it has none, and how many the
// viewer has.
func (p *places) find(of owner) (place, count int) {
	place = -1
	for i, o := range p.owners {
		if o == of {
			place = i
		}
		if o.hand == of.hand {
			count++
		}
	}
	return place, count
}

// seat gives a viewer's pad a free place, -1 if there is none for it.
func (p *places) seat(of owner) int {
	place, count := p.find(of)
	if place >= 0 || p.pads == nil || count >= of.hand.granted.pads {
		return place
	}
	free := slices.Index(p.owners[:], owner{})
	if free < 0 {
		return -1
	}
	if err := p.pads.Plug(free); err != nil {
		p.log.Warn("a gamepad could not be plugged in", "error", err)
		return -1
	}
	p.owners[free] = of
	p.tell(of.hand)
	return free
}

// free takes a viewer's pads away but for the first so many.
func (p *places) free(h *hand, keep int) {
	for i, o := range p.owners {
		if o.hand != h {
			continue
		}
		if keep--; keep < 0 {
			p.leave(i)
		}
	}
	p.tell(h)
}

func (p *places) leave(place int) {
	p.owners[place] = owner{}
	if err := p.pads.Unplug(place); err != nil {
		p.log.Warn("a gamepad could not be unplugged", "error", err)
	}
}

// tell says which players in the game a viewer's pads are.
func (p *places) tell(h *hand) {
	var said struct {
		Type   string             `json:"type"`
		Places [gamepad.Count]int `json:"places"` // by the viewer's numbers: 1 to 4, 0: none
	}
	said.Type = "pads"
	for i, o := range p.owners {
		if o.hand == h {
			said.Places[o.local] = i + 1
		}
	}
	h.say(said)
}

// say tells the viewer something.
func (h *hand) say(message any) {
	if text, err := json.Marshal(message); err == nil { // of what we build ourselves
		h.tell(string(text))
	}
}

// handPads are a hand's gamepads. The controls are locked.
type handPads struct{ hand *hand }

var _ input.Pads = handPads{}

// Play has the pad be in a state, if the viewer may play it.
func (h handPads) Play(local int, state input.PadState) {
	p := &h.hand.controls.places
	place := p.seat(owner{h.hand, local})
	if place < 0 {
		return
	}
	if err := p.pads.Play(place, gamepad.State(state)); err != nil {
		p.log.Debug("a gamepad was not played", "error", err)
	}
}

// Vanish gives up the pad's place.
func (h handPads) Vanish(local int) {
	p := &h.hand.controls.places
	if place, _ := p.find(owner{h.hand, local}); place >= 0 {
		p.leave(place)
		p.tell(h.hand)
	}
}

// rumble has the page of a pad's player shake it. While the game is paused none
// is shaken.
func (c *controls) rumble(pad int, r gamepad.Rumble) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		r = gamepad.Rumble{}
	}
	c.shake(pad, r)
}

func (c *controls) shake(pad int, r gamepad.Rumble) {
	o := c.places.owners[pad]
	if o.hand == nil {
		return
	}
	o.hand.say(struct {
		Type   string  `json:"type"`
		Pad    int     `json:"pad"` // the viewer's number
		Strong float64 `json:"strong"`
		Weak   float64 `json:"weak"`
		Ms     int64   `json:"ms"`
	}{"rumble", o.local, r.Strong, r.Weak, int64(r.For / time.Millisecond)})
}

// calm stops what shakes.
func (c *controls) calm() {
	for pad := range c.places.owners {
		c.shake(pad, gamepad.Rumble{})
	}
}
