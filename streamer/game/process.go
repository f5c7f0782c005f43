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
	child *child
	home  *home
	title string
}

// Launch says what to start for whom.
type Launch struct {
	Session     events.SessionID
	Player      events.PlayerID // whose saves
	Entry       Entry
	Display     *Display
	Sound       *Sound            // nil: the game plays in silence
	Environment map[string]string // beside the entry's, and stronger
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
	child, err := l.startChild(launch, args, home.path)
	if err != nil {
		return nil, errors.Join(err, home.close())
	}
	return &Process{child: child, home: home, title: launch.Entry.Title}, nil
}

func (l *Launcher) startChild(launch Launch, args []string, home string) (*child, error) {
	dir, record, err := l.makeDir(launch.Session, "game")
	if err != nil {
		return nil, err
	}
	child, err := l.runGame(launch, args, home, dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := child.record(record); err != nil {
		return nil, errors.Join(err, child.close())
	}
	return child, nil
}

func (l *Launcher) runGame(launch Launch, args []string, home, dir string) (*child, error) {
	places, err := l.furnish(launch, home, dir)
	if err != nil {
		return nil, err
	}
	child, err := newChild(dir, args, launch.environment(places), home+".log")
	if err != nil {
		return nil, err
	}
	child.cmd.Dir = home
	if l.Sandboxed() {
		s, err := l.sandboxOf(launch, home, dir)
		if err != nil {
			return nil, err
		}
		if err := child.confine(s, l.tools); err != nil {
			return nil, err
		}
	}
	return child, l.start(child)
}

// reserved are the variables that a catalog must not set: they are what keeps
// sessions apart.
var reserved = map[string]struct{}{
	"HOME": {}, "DISPLAY": {}, "XAUTHORITY": {}, "TMPDIR": {}, markName: {},
	"XDG_DATA_HOME": {}, "XDG_CONFIG_HOME": {}, "XDG_CACHE_HOME": {}, "XDG_RUNTIME_DIR": {}, "PULSE_SERVER": {}, "PULSE_SINK": {}, "PULSE_SOURCE": {},
}

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
	if err := p.signal(unix.SIGSTOP); err != nil {
		return fmt.Errorf("pause %s: %w", p.title, err)
	}
	return nil
}

// Resume continues a game that is paused.
func (p *Process) Resume() error {
	if err := p.signal(unix.SIGCONT); err != nil {
		return fmt.Errorf("resume %s: %w", p.title, err)
	}
	return nil
}

// signal reaches the group, and what has left it, and what those start until
// they have the signal.
func (p *Process) signal(signal unix.Signal) error {
	if err := p.child.signal(signal); err != nil {
		return err
	}
	sent := map[process]bool{}
	for {
		found, err := p.processes()
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(other process) bool { return sent[other] })
		if len(found) == 0 {
			return nil
		}
		for _, other := range found {
			if err := other.send(signal); err != nil {
				return err
			}
			sent[other] = true
		}
	}
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

// Close ends the game and all that it started, and removes its temporary
// files; the home stays. It may be called again, also when the game has ended.
func (p *Process) Close() error {
	if err := errors.Join(p.child.close(), p.home.close()); err != nil {
		return fmt.Errorf("close %s: %w", p.title, err)
	}
	return nil
}
