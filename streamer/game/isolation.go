package game

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Isolation is what keeps games apart on this machine. What does not work is an
// error that says why, for people to read; nil is well.
type Isolation struct {
	Sandbox error // bubblewrap: without, a game can do whatever we can, and nothing else is set
	Network error // slirp4netns: without, a game that may use the network does not start
	Limits  error // cgroups: without, each process is bounded, and not all of a game's together
}

// Examine tries what works here.
func Examine() (_ Isolation, err error) {
	dir, err := os.MkdirTemp("", "playcast-examine-")
	if err != nil {
		return Isolation{}, fmt.Errorf("examine the isolation: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := NewLauncher(Config{RunDir: filepath.Join(dir, "run"), DataDir: filepath.Join(dir, "data")})
	if err != nil {
		return Isolation{}, fmt.Errorf("examine the isolation: %w", err)
	}
	return l.works, l.Close()
}

// examine tries a sandbox in a sandbox, as a game's stands in its X server's.
func (l *Launcher) examine() (found Isolation) {
	if l.tools, found.Sandbox = findSandboxTools(); found.Sandbox == nil {
		found.Sandbox = l.trySandbox()
	}
	found.Network, found.Limits = tryNetwork(), tryGroup()
	return found
}

func (l *Launcher) trySandbox() (err error) {
	dir, err := os.MkdirTemp(l.cfg.RunDir, "examine-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	outer, err := l.try(filepath.Join(dir, "outer"), aside(), "sleep", "60")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, outer.close()) }()
	inner, err := l.try(filepath.Join(dir, "inner"), inside(outer.cell.leader().PID, dir, Limits{}), "true")
	if err != nil {
		return err
	}
	<-inner.done
	tried, _ := inner.exit()
	return errors.Join(tried, inner.close())
}

// try starts a program in a sandbox.
func (l *Launcher) try(dir string, s *sandbox, command ...string) (*child, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	c, err := newChild(dir, command, []string{"PATH=" + searchPath}, "")
	if err != nil {
		return nil, err
	}
	if err := c.confine(s, l.tools, Limits{}); err != nil {
		return nil, err
	}
	return c, l.start(c)
}
