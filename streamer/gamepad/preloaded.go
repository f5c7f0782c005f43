package gamepad

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// preloaded are pads that a game finds by the library that is preloaded into it.
type preloaded struct {
	path   string
	dir    *os.Root // where the nodes are
	rumble func(pad int, r Rumble)
	orders chan struct{}
	stop   context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	pads   [Count]*device
	gone   []*device // unplugged, and still open somewhere
	closed bool
}

var _ Pads = (*preloaded)(nil)

// The names in the directory of a session's pads.
const (
	nodesDir    = "input"
	libraryFile = "pads.so"
)

// openPreloaded makes the directory.
func openPreloaded(path string, library []byte, rumble func(int, Rumble)) (*preloaded, error) {
	if err := os.Mkdir(path, 0o700); err != nil {
		return nil, err
	}
	p := &preloaded{path: path, rumble: rumble, orders: make(chan struct{}, 1), done: make(chan struct{})}
	err := errors.Join(
		os.WriteFile(filepath.Join(path, libraryFile), library, 0o500),
		os.Mkdir(filepath.Join(path, nodesDir), 0o700))
	if err == nil {
		p.dir, err = os.OpenRoot(filepath.Join(path, nodesDir))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go p.run(ctx)
	return p, nil
}

// The paths in a sandbox.
const (
	insideDevices = "/dev/input"
	insideLibrary = "/run/playcast/pads.so"
)

// Launch is what a game needs to find the pads. SDL looks into /dev/input
// itself where it is told to use no udev, of which a sandbox has none.
func (p *preloaded) Launch(sandboxed bool) Launch {
	library, nodes := filepath.Join(p.path, libraryFile), filepath.Join(p.path, nodesDir)
	l := Launch{Preload: library, Environment: map[string]string{"SDL_JOYSTICK_DISABLE_UDEV": "1"}}
	if !sandboxed {
		l.Environment["PLAYCAST_INPUT"] = nodes
		return l
	}
	l.Preload = insideLibrary
	l.Mounts = []Mount{{Host: library, Inside: insideLibrary}, {Host: nodes, Inside: insideDevices}}
	return l
}

func (p *preloaded) Plug(pad int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return errClosed
	case p.pads[pad] != nil:
		return nil
	}
	plugged, err := plug(p.dir, pad, p.orders)
	if err != nil {
		return fmt.Errorf("plug in pad %d: %w", pad+1, err)
	}
	p.pads[pad] = plugged
	return nil
}

func (p *preloaded) Play(pad int, state State) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pads[pad] == nil {
		return nil
	}
	if err := p.pads[pad].play(state.report()); err != nil {
		return fmt.Errorf("play pad %d: %w", pad+1, err)
	}
	return nil
}

// maxGone is how many pads that were unplugged may still be open in games; the
// oldest is closed then.
const maxGone = 8

func (p *preloaded) Unplug(pad int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	plugged := p.pads[pad]
	if plugged == nil {
		return nil
	}
	p.pads[pad] = nil
	errs := []error{plugged.unplug()}
	p.gone = append(p.gone, plugged)
	for i, old := range p.gone {
		if over := len(p.gone) - i; over > maxGone || !old.left() {
			errs = append(errs, old.close())
			p.gone[i] = nil
		}
	}
	p.gone = slices.DeleteFunc(p.gone, func(old *device) bool { return old == nil })
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("unplug pad %d: %w", pad+1, err)
	}
	return nil
}

// run tells of rumbles: what games order, and what ends or goes on by itself.
func (p *preloaded) run(ctx context.Context) {
	defer close(p.done)
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.orders:
		case <-again.C:
		}
		if next := p.tell(time.Now()); !next.IsZero() {
			again.Reset(time.Until(next))
		}
	}
}

// tell tells of each pad that shakes otherwise than before.
func (p *preloaded) tell(now time.Time) (next time.Time) {
	var tell [Count]*Rumble
	p.mu.Lock()
	for i, plugged := range p.pads {
		if plugged != nil {
			var again time.Time
			tell[i], again = plugged.rumble(now)
			next = earlier(next, again)
		}
	}
	p.mu.Unlock()
	for i, r := range tell {
		if r != nil {
			p.rumble(i, *r) // without the lock, for it may play
		}
	}
	return next
}

// Close unplugs everything and removes the directory.
func (p *preloaded) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	var errs []error
	for _, plugged := range append(p.gone, p.pads[:]...) {
		if plugged != nil {
			errs = append(errs, plugged.close())
		}
	}
	p.pads, p.gone = [Count]*device{}, nil
	p.mu.Unlock()
	p.stop()
	<-p.done
	errs = append(errs, p.dir.Close(), os.RemoveAll(p.path))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the pads: %w", err)
	}
	return nil
}
