package game

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/events"
)

// Process is a running game, with all that it started.
type Process struct {
	child   *child
	network *network // nil: it has none
	home    string   // a directory
	title   string
	watched chan struct{} // closed when nobody looks at the home any more
}

// Launch says what to start for whom.
type Launch struct {
	Session     events.SessionID
	Player      events.PlayerID // whose saves
	Entry       Entry
	Display     *Display
	Sound       *Sound            // nil: the game plays in silence
	Environment map[string]string // beside the entry's, and stronger
	Home        string            // the game's home, which is the caller's to hold; empty: one in DataDir, which nobody holds
	Mounts      []Mount           // what the game shall have of the host's beside its own
}

// StartGame starts a game. It returns when the process runs; whether the game
// draws is seen on the display.
func (l *Launcher) StartGame(launch Launch) (*Process, error) {
	p, err := l.startGame(launch)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", launch.Entry.Title, err)
	}
	return p, nil
}

func (l *Launcher) startGame(launch Launch) (*Process, error) {
	if err := launch.Entry.Installed(); err != nil {
		return nil, err
	}
	args, err := launch.Entry.arguments(l.self())
	if err != nil {
		return nil, err
	}
	home, err := l.openHome(launch)
	if err != nil {
		return nil, err
	}
	p := &Process{home: home, title: launch.Entry.Title, watched: make(chan struct{})}
	if err := l.startChild(p, launch, args); err != nil {
		return nil, errors.Join(err, p.network.close())
	}
	go p.watch(launch.Entry.Limits.orDefault().Storage)
	return p, nil
}

func (l *Launcher) startChild(p *Process, launch Launch, args []string) error {
	dir, record, err := l.makeDir(launch.Session, "game")
	if err != nil {
		return err
	}
	if err := l.prepare(p, launch, args, dir); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	if err := l.start(p.child); err != nil {
		return err
	}
	if err := p.child.record(record); err != nil {
		return errors.Join(err, p.child.close())
	}
	return nil
}

// prepare makes all that the game needs to be started.
func (l *Launcher) prepare(p *Process, launch Launch, args []string, dir string) error {
	home := p.home
	places, err := l.furnish(launch, home, dir)
	if err != nil {
		return err
	}
	child, err := newChild(dir, args, launch.environment(places), home+".log")
	if err != nil {
		return err
	}
	child.cmd.Dir = home
	p.child = child
	if !l.Sandboxed() {
		return nil
	}
	s, err := l.sandboxOf(launch, home, dir)
	if err == nil {
		err = child.confine(s, l.tools, launch.Entry.Limits)
	}
	if err != nil {
		child.started()
		child.output.close()
		return err
	}
	if launch.Entry.Network {
		child.cell.attach = func(first process) (err error) {
			p.network, err = l.startNetwork(launch, first)
			return err
		}
	}
	return nil
}

// reserved are the variables that a catalog must not set: they are what keeps
// sessions apart.
var reserved = map[string]struct{}{
	"HOME": {}, "DISPLAY": {}, "XAUTHORITY": {}, "TMPDIR": {}, markName: {},
	"XDG_DATA_HOME": {}, "XDG_CONFIG_HOME": {}, "XDG_CACHE_HOME": {}, "XDG_RUNTIME_DIR": {}, "PULSE_SERVER": {}, "PULSE_SINK": {}, "PULSE_SOURCE": {},
}

// preload names libraries that a program loads before its own.
const preload = "LD_PRELOAD"

// environment is all that the game gets: nothing of ours, which holds secrets.
func (launch Launch) environment(at places) []string {
	variables := map[string]string{
		"PATH":            searchPath,
		"LANG":            "C.UTF-8",
		"SHELL":           "/bin/sh",
		"SDL_AUDIODRIVER": "dummy", // no device, no error
	}
	if launch.Sound != nil {
		variables["SDL_AUDIODRIVER"] = "pulseaudio"
	}
	maps.Copy(variables, launch.Entry.Environment)
	maps.Copy(variables, launch.Environment)
	if launch.Sound != nil {
		variables["PULSE_SERVER"] = at.sound
		variables["PULSE_SINK"], variables["PULSE_SOURCE"] = soundSink, soundSource
	}
	maps.Copy(variables, map[string]string{
		"HOME":            at.home,
		"XDG_DATA_HOME":   filepath.Join(at.home, ".local/share"),
		"XDG_CONFIG_HOME": filepath.Join(at.home, ".config"),
		"XDG_CACHE_HOME":  filepath.Join(at.home, ".cache"),
		"XDG_RUNTIME_DIR": at.runtime,
		"TMPDIR":          at.tmp,
		"DISPLAY":         launch.Display.Name(),
		"XAUTHORITY":      at.cookie,
	})
	if at.home == insideHome {
		delete(variables, preload) // leads nowhere outside; sandboxOf sets it
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		list = append(list, name+"="+variables[name])
	}
	return list
}

// PID is the number of the game's first process, 0 while it has none.
func (p *Process) PID() int {
	if p.child.cell == nil {
		return p.child.cmd.Process.Pid
	}
	inside, err := p.child.cell.processes()
	if err != nil || len(inside) == 0 {
		return 0
	}
	return inside[0].PID
}

// Pause stops the game where it is: it takes no CPU time, and sees no time pass
// but the wall clock's jump. What it started stops too.
func (p *Process) Pause() error {
	pause := func() error { return p.signal(unix.SIGSTOP) }
	if p.child.cell != nil {
		pause = p.child.cell.pause
	}
	if err := pause(); err != nil {
		return fmt.Errorf("pause %s: %w", p.title, err)
	}
	return nil
}

// Resume continues a game that is paused.
func (p *Process) Resume() error {
	resume := func() error { return p.signal(unix.SIGCONT) }
	if p.child.cell != nil {
		resume = p.child.cell.resume
	}
	if err := resume(); err != nil {
		return fmt.Errorf("resume %s: %w", p.title, err)
	}
	return nil
}

// signal reaches the group, and what has left it.
func (p *Process) signal(signal unix.Signal) error {
	if err := p.child.signal(signal); err != nil {
		return err
	}
	return signalAll(p.processes, signal)
}

// processes are the game and all that it started, as far as they can be found.
func (p *Process) processes() ([]process, error) {
	if p.child.cell != nil {
		return p.child.cell.processes()
	}
	return marked(markOf(p.child.dir), 0)
}

// Done is closed when the game and all that it started has ended.
func (p *Process) Done() <-chan struct{} { return p.child.done }

// Err says after Done how the game ended: nil if by Close or with status 0, as
// when the player quits it; else its status and what it said last.
func (p *Process) Err() error {
	select {
	case <-p.child.done:
	default:
		return nil
	}
	if err, _ := p.child.exit(); err != nil {
		return fmt.Errorf("%s ended: %w", p.title, err)
	}
	return nil
}

// Left says after Close, or Done, whether the game came to its end by itself,
// with status 0, of its own or because it was told: not by a signal.
func (p *Process) Left() bool {
	p.child.mu.Lock()
	defer p.child.mu.Unlock()
	return p.child.left
}

// Close ends the game and all that it started, and removes its temporary
// files; the home stays. It may be called again, also when the game has ended.
func (p *Process) Close() error {
	err := p.child.close()
	<-p.watched
	if err := errors.Join(err, p.network.close()); err != nil {
		return fmt.Errorf("close %s: %w", p.title, err)
	}
	return nil
}
