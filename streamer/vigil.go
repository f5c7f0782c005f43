package streamer

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Hang bounds how long a game may give no sign of life while somebody plays.
// The zero value will do.
type Hang struct {
	Notice time.Duration // before the players are told; 0: 15 s
	End    time.Duration // before the session ends; 0: 75 s
}

// orUsual fills in what is not given.
func (h Hang) orUsual() Hang {
	if h.Notice == 0 {
		h.Notice = 15 * time.Second
	}
	if h.End == 0 {
		h.End = 75 * time.Second
	}
	return h
}

// What a game that promises no answers is allowed beyond: many show a still
// picture for as long as the player likes, and have no use for some keys.
const (
	mutePatience = 2 // times as long
	mutePresses  = 5 // in vain
	muteRecent   = 15 * time.Second
)

// vigil notices a game that hangs: one that draws nothing and, where its window
// promises to answer pings, does not answer; or else ignores what is pressed. A
// session that is paused, or that nobody watches, is none. Presses come from
// the peers, all else from the slot.
type vigil struct {
	bounds Hang
	told   bool // that it does not answer

	mu      sync.Mutex
	woken   time.Time // from here on silence counts
	presses int       // since the game has last drawn
	first   time.Time // of them
	last    time.Time
}

// lifeSigns are the game's signs of life.
type lifeSigns struct {
	promised bool      // its window answers pings
	silent   time.Time // since when it has not; zero: it has
	drawn    time.Time // last
}

// press notes what the game should answer.
func (v *vigil) press(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.presses++; v.presses == 1 {
		v.first = now
	}
	v.last = now
}

// wake has silence count from now on: the player waits, or has come back.
func (v *vigil) wake(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.woken, v.presses = now, 0
}

// silence is for how long the game has given no sign of life, and whether that
// is enough to tell of it, and to end it.
func (v *vigil) silence(now time.Time, s lifeSigns) (silent time.Duration, notice, over bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.drawn.After(v.first) {
		v.presses = 0
	}
	since, times := s.silent, time.Duration(1)
	if !s.promised {
		since, times = v.first, mutePatience
		if v.presses < mutePresses {
			return 0, false, false
		}
	}
	if since.IsZero() {
		return 0, false, false
	}
	for _, sign := range []time.Time{s.drawn, v.woken} {
		if sign.After(since) {
			since = sign
		}
	}
	silent = now.Sub(since)
	tried := s.promised || now.Sub(v.last) < muteRecent
	return silent, silent > times*v.bounds.Notice, silent > times*v.bounds.End && tried
}

// watch looks for a game that hangs, tells the players when it begins to and
// when it is over, and returns the report of the session's end where it is.
func (s *slot) watch(now time.Time) Report {
	v := &s.stage.vigil
	if s.paused || !s.stage.picture.audience.isShown() {
		v.wake(now)
		return nil
	}
	silent, notice, over := v.silence(now, lifeSigns{
		promised: s.stage.windows.Seen().Pings, silent: s.stage.windows.Silent(), drawn: s.stage.picture.encoding.source.Drawn(),
	})
	if over {
		detail := fmt.Sprintf("the game gave no sign of life for %s", silent.Round(time.Second))
		s.log.Error("the game hangs", "game", s.allocated.Game, "silent", silent)
		return Broken{Cause: events.FailedHung, Detail: detail}
	}
	if notice != v.told {
		v.told = notice
		s.log.Warn("the game's answers have changed", "game", s.allocated.Game, "answering", !notice, "silent", silent)
		for _, each := range s.seats.all() {
			each.tell(fmt.Sprintf(`{"type":"game","answering":%t}`, !notice))
		}
	}
	return nil
}

// await takes the player's word that they wait for a game that does not answer.
func (v *viewer) await(said *saidGame) error {
	if !said.Wait {
		return errors.New("nothing is wanted of the game")
	}
	v.stage.vigil.wake(time.Now())
	return nil
}
