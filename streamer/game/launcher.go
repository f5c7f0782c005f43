package game

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/playcast/playcast/events"
)

// Launcher starts displays and games, and owns the thread that they are
// started from.
type Launcher struct {
	cfg     Config
	spawner *spawner
	tools   sandboxTools
	works   Isolation

	mu       sync.Mutex
	closed   bool
	children map[*child]struct{} // that are not closed yet
}

// Config is what a Launcher needs to know.
type Config struct {
	RunDir     string        // for what lives as long as a session; one playcast at a time
	DataDir    string        // for the players' homes
	Executable string        // playcast's own program; empty: the one that runs
	Grace      time.Duration // from SIGTERM to SIGKILL; 0: 3 s
}

const defaultGrace = 3 * time.Second

// NewLauncher makes the directories and starts the thread. Close frees it. Call
// Sweep before, or what an earlier playcast left behind stays.
func NewLauncher(cfg Config) (*Launcher, error) {
	var err error
	if cfg.Executable == "" {
		if cfg.Executable, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find our own program: %w", err)
		}
	}
	if cfg.Grace == 0 {
		cfg.Grace = defaultGrace
	}
	for _, dir := range []*string{&cfg.RunDir, &cfg.DataDir} {
		if *dir == "" {
			return nil, errors.New("launcher: RunDir and DataDir are needed")
		}
		// Marks and HOME must mean the same from every working directory.
		if *dir, err = filepath.Abs(*dir); err != nil {
			return nil, fmt.Errorf("launcher: %w", err)
		}
		if err = os.MkdirAll(*dir, 0o700); err != nil {
			return nil, fmt.Errorf("launcher: %w", err)
		}
	}
	l := &Launcher{cfg: cfg, spawner: newSpawner(), children: map[*child]struct{}{}}
	l.works.Limits = errors.New("not examined yet")
	l.works = l.examine()
	return l, nil
}

// Isolation says what keeps games apart here.
func (l *Launcher) Isolation() Isolation { return l.works }

// Sandboxed says whether games run in a sandbox.
func (l *Launcher) Sandboxed() bool { return l.works.Sandbox == nil }

// Close closes every display and game that is not closed yet, all at once, and
// waits for them. Nothing can be started after it.
func (l *Launcher) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	var left []*child
	for c := range l.children {
		left = append(left, c)
	}
	l.mu.Unlock()

	errs := make([]error, len(left))
	var wg sync.WaitGroup
	for i, c := range left {
		wg.Go(func() { errs[i] = c.close() })
	}
	wg.Wait()
	l.spawner.stop()
	return errors.Join(errs...)
}

// makeDir makes the directory of a session's display or game, and puts the
// record there.
func (l *Launcher) makeDir(session events.SessionID, what string) (string, record, error) {
	dir := filepath.Join(l.cfg.RunDir, session.String()+"-"+what)
	r, err := newRecord()
	if err != nil {
		return "", r, err
	}
	err = os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return "", r, fmt.Errorf("session %s has a %s already", session, what)
	}
	if err != nil {
		return "", r, err
	}
	if err := r.write(dir); err != nil {
		os.RemoveAll(dir)
		return "", r, err
	}
	return dir, r, nil
}

// start starts a process for a directory that makeDir made; close of the
// child removes the directory, and so does start if it returns an error.
func (l *Launcher) start(c *child) error {
	err := l.spawn(c)
	c.started()
	if err == nil {
		return l.admit(c)
	}
	if c.cell != nil {
		err = errors.Join(err, c.cell.discard())
	}
	c.output.close()
	os.RemoveAll(c.dir)
	return err
}

// admit waits for the child's sandbox, and lets its program start there.
func (l *Launcher) admit(c *child) error {
	if c.cell == nil {
		return nil
	}
	err := c.cell.await()
	if err == nil {
		err = c.cell.bound(filepath.Base(c.dir), l.works.Limits == nil)
	}
	if err == nil && c.cell.attach != nil {
		err = c.cell.attach(c.cell.leader())
	}
	if err != nil {
		err = errors.Join(err, c.cell.open(), c.close())
		return c.output.explain(err)
	}
	return c.cell.open()
}

func (l *Launcher) spawn(c *child) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed
	}
	if err := l.spawner.start(c.cmd); err != nil {
		return err
	}
	l.children[c] = struct{}{}
	c.closed = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.children, c)
	}
	c.grace = l.cfg.Grace
	go c.wait()
	return nil
}
