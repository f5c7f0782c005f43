package game

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// cell is the sandbox in which a child runs. Its first process is bubblewrap's,
// with whose end the kernel ends all that is inside, whatever it is and however
// it hides.
//
//	us ─▶ bwrap, the child ─▶ its first process ─▶ the game ─▶ …
//	                          └──── a PID namespace ───────────┘
type cell struct {
	info *os.File // tells the first process
	gate *os.File // nothing of the child's runs before this is closed

	mu    sync.Mutex
	first process // zero: not known yet
}

// cellTimeout bounds the making of a sandbox, which takes some milliseconds.
const cellTimeout = 15 * time.Second

// confine has the child start in the sandbox; call it before Launcher.start.
func (c *child) confine(s *sandbox, tools sandboxTools) error {
	info, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	wait, gate, err := os.Pipe()
	if err != nil {
		return errors.Join(err, info.Close(), tell.Close())
	}
	next := 3 + len(c.cmd.ExtraFiles)
	c.cmd.ExtraFiles = append(c.cmd.ExtraFiles, tell, wait)
	command := s.command(tools, next, next+1)
	c.cmd.Path, c.cmd.Args = command[0], append(command, c.cmd.Args...)
	c.cell = &cell{info: info, gate: gate}
	return nil
}

// await reads who the first process is.
func (c *cell) await() error {
	defer c.info.Close()
	if err := c.info.SetReadDeadline(time.Now().Add(cellTimeout)); err != nil {
		return err
	}
	var told struct {
		PID int `json:"child-pid"`
	}
	if err := json.NewDecoder(c.info).Decode(&told); err != nil || told.PID <= 0 {
		return errors.New("the sandbox could not be made")
	}
	first, err := identify(told.PID)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = first
	return nil
}

// open lets the child's program start.
func (c *cell) open() error { return c.gate.Close() }

// discard closes what is open, where the child was not started.
func (c *cell) discard() error { return errors.Join(c.info.Close(), c.gate.Close()) }

// leader is the first process, zero where there is none.
func (c *cell) leader() process {
	if c == nil {
		return process{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first
}

// end ends all that is inside. It may be called again.
func (c *cell) end() error {
	first := c.leader()
	if first.PID == 0 {
		return nil
	}
	if err := first.kill(); err != nil {
		return err
	}
	for deadline := time.Now().Add(clearTimeout); first.alive(); awaitEnd(first) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the sandbox of process %d does not end", first.PID)
		}
	}
	return nil
}

// processes lists all that is inside but the first, the oldest before others.
func (c *cell) processes() ([]process, error) {
	first := c.leader()
	if first.PID == 0 {
		return nil, nil
	}
	namespace, err := pidNamespace(first.PID)
	if err != nil {
		return nil, nil // it has ended
	}
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []process
	for _, dir := range dirs {
		pid, err := strconv.Atoi(dir.Name())
		if err != nil || pid == first.PID {
			continue
		}
		if other, err := pidNamespace(pid); err != nil || other != namespace {
			continue
		}
		if p, err := identify(pid); err == nil && p.alive() {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b process) int {
		if a.Start != b.Start {
			return int(int64(a.Start) - int64(b.Start))
		}
		return a.PID - b.PID
	})
	return found, nil
}

// pidNamespace names the PID namespace that a process is in.
func pidNamespace(pid int) (string, error) {
	return os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "ns/pid"))
}

// signal sends to the group of the first process, which the child's program is
// in. The first process itself takes none but SIGKILL and SIGSTOP. Before there
// is a program there is no group either, and a request to end is an end.
func (c *cell) signal(signal unix.Signal) error {
	first := c.leader()
	if !first.alive() {
		return nil
	}
	err := unix.Kill(-first.PID, signal)
	if errors.Is(err, unix.ESRCH) && signal == unix.SIGTERM {
		return first.kill()
	}
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("send %s: %w", unix.SignalName(signal), err)
	}
	return nil
}
