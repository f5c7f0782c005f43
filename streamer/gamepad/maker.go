package gamepad

import (
	"fmt"
	"path/filepath"
)

// Maker makes the pads of sessions.
type Maker struct {
	run     string
	library []byte // nil: there are no pads
}

// NewMaker chooses the way: what is asked for, and with Auto what works here. The
// directory run is for what lives as long as a session. ErrNotBuilt says that
// there can be no pads; with Auto the Maker makes none then.
func NewMaker(way Way, run string) (*Maker, error) {
	m := &Maker{run: run}
	switch way {
	case Off:
		return m, nil
	case Auto, Preload:
		m.library = Library()
	default:
		return nil, fmt.Errorf("gamepads %q: want %s, %s or %s", way, Auto, Preload, Off)
	}
	if m.library != nil {
		return m, nil
	}
	if way == Preload {
		return nil, ErrNotBuilt
	}
	return m, ErrNotBuilt
}

// With makes pads by a library that was built elsewhere.
func With(library []byte, run string) *Maker { return &Maker{run: run, library: library} }

// Open makes what a session's pads need, none yet. It returns nil where there
// are none. One goroutine tells rumble how they shake.
func (m *Maker) Open(session string, rumble func(pad int, r Rumble)) (Pads, error) {
	if m == nil || m.library == nil {
		return nil, nil
	}
	pads, err := openPreloaded(filepath.Join(m.run, session+"-pads"), m.library, rumble)
	if err != nil {
		return nil, fmt.Errorf("open the gamepads: %w", err)
	}
	return pads, nil
}
