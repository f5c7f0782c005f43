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
	info   *os.File // tells the first process
	ready  *os.File // tells that all is there but the program
	gate   *os.File // the program starts when this is closed
	limits Limits
	attach func(first process) error // called before there is a program; nil: nothing to do

	mu      sync.Mutex
	first   process // zero: not known yet
	group   *group  // nil: there are no cgroups, or it is gone
	starved bool    // the kernel has ended something for want of memory
}

// cellTimeout bounds the making of a sandbox, which takes some milliseconds.
const cellTimeout = 15 * time.Second

// confine has the child start in the sandbox; call it before Launcher.start.
func (c *child) confine(s *sandbox, tools sandboxTools, limits Limits) error {
	var ours, theirs [3]*os.File
	for i := range ours {
		r, w, err := os.Pipe()
		if err != nil {
			return errors.Join(err, closeAll(ours[:i]), closeAll(theirs[:i]))
		}
		ours[i], theirs[i] = r, w
	}
	ours[2], theirs[2] = theirs[2], ours[2] // we close the gate, and hear of the others
	filter, err := seccompFile()
	if err != nil {
		return errors.Join(err, closeAll(ours[:]), closeAll(theirs[:]))
	}
	if filter != nil {
		s.add("--seccomp", strconv.Itoa(3+len(c.cmd.ExtraFiles)))
		c.cmd.ExtraFiles = append(c.cmd.ExtraFiles, filter)
	}
	command := s.command(tools, 3+len(c.cmd.ExtraFiles))
	c.cmd.ExtraFiles = append(c.cmd.ExtraFiles, theirs[:]...)
	c.cmd.Path, c.cmd.Args = command[0], append(command, c.cmd.Args...)
	c.cell = &cell{info: ours[0], ready: ours[1], gate: ours[2], limits: limits.orDefault()}
	return nil
}

func closeAll(files []*os.File) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// await waits until the sandbox is made, and learns who its first process is.
func (c *cell) await() error {
	defer c.ready.Close()
	defer c.info.Close()
	deadline := time.Now().Add(cellTimeout)
	if err := errors.Join(c.info.SetReadDeadline(deadline), c.ready.SetReadDeadline(deadline)); err != nil {
		return err
	}
	var told struct {
		PID int `json:"child-pid"`
	}
	if err := json.NewDecoder(c.info).Decode(&told); err != nil || told.PID <= 0 {
		return errNoSandbox
	}
	first, err := identify(told.PID)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.first = first
	c.mu.Unlock()
	if n, _ := c.ready.Read(make([]byte, 1)); n == 0 {
		return errNoSandbox
	}
	return nil
}

var errNoSandbox = errors.New("the sandbox could not be made")

// bound sets the limits, before there is a program: by a cgroup of this name,
// or where there are none by what the kernel lets a single process have.
func (c *cell) bound(name string, grouped bool) error {
	waiting, err := c.processes()
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting = append(waiting, c.first)
	bounds := map[int]uint64{unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: uint64(c.limits.Storage)}
	if !grouped {
		bounds[unix.RLIMIT_DATA], bounds[unix.RLIMIT_NPROC] = uint64(c.limits.Memory), uint64(c.limits.Processes)
	}
	for resource, bound := range bounds {
		for _, p := range waiting {
			if err := unix.Prlimit(p.PID, resource, &unix.Rlimit{Cur: bound, Max: bound}, nil); err != nil {
				return fmt.Errorf("limit resource %d: %w", resource, err)
			}
		}
	}
	if !grouped {
		return nil
	}
	group, err := newGroup(name, c.limits)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if err := group.add(p.PID); err != nil {
			return errors.Join(fmt.Errorf("put a process into its cgroup: %w", err), group.clear())
		}
	}
	c.group = group
	return nil
}

// open lets the child's program start.
func (c *cell) open() error { return c.gate.Close() }

// discard closes what is open, where the child was not started.
func (c *cell) discard() error { return closeAll([]*os.File{c.info, c.ready, c.gate}) }

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
	if err := errors.Join(first.kill(), c.resume()); err != nil { // what stands still does not end either
		return err
	}
	for deadline := time.Now().Add(clearTimeout); first.alive(); awaitEnd(first) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the sandbox of process %d does not end", first.PID)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.group == nil {
		return nil
	}
	kills, err := c.group.kills()
	c.starved = kills > 0
	err = errors.Join(err, c.group.clear())
	c.group = nil
	return err
}

// explain adds why the kernel has ended the program, where it has.
func (c *cell) explain(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil || !c.starved {
		return err
	}
	return fmt.Errorf("%w; it wanted more memory than its %s", err, c.limits.Memory)
}

// pause stops all that is inside where it is.
func (c *cell) pause() error {
	if done, err := c.still((*group).freeze); done {
		return err
	}
	return signalAll(c.processes, unix.SIGSTOP)
}

// resume lets all that is inside go on.
func (c *cell) resume() error {
	if done, err := c.still((*group).thaw); done {
		return err
	}
	return signalAll(c.processes, unix.SIGCONT)
}

// still has the cgroup do it, if there is one, and if its processes have not
// ended: what runs no more is not to be stopped.
func (c *cell) still(do func(*group) error) (done bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.group == nil {
		return false, nil
	}
	return true, do(c.group)
}

// signalAll reaches all that is listed, and what those start until they have
// the signal. What is to stop has stopped when it returns.
func signalAll(list func() ([]process, error), signal unix.Signal) error {
	sent := map[process]bool{}
	for {
		found, err := list()
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
		if signal == unix.SIGSTOP {
			awaitStop(found)
		}
	}
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
// in. The first process itself takes none but SIGKILL and SIGSTOP.
func (c *cell) signal(signal unix.Signal) error {
	first := c.leader()
	if !first.alive() {
		return nil
	}
	if signal == unix.SIGCONT {
		return c.resume()
	}
	err := unix.Kill(-first.PID, signal)
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("send %s: %w", unix.SignalName(signal), err)
	}
	return nil
}
