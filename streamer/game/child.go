package game

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// child is a process that we started, the leader of its session, with all that
// it started. Its goroutine is wait, which ends when the process has.
type child struct {
	cmd    *exec.Cmd
	dir    string // below RUN
	cell   *cell  // nil: without a sandbox
	output *output
	closed func() // called when close has freed it
	grace  time.Duration
	done   chan struct{}

	mu      sync.Mutex
	closing bool
	reaped  bool  // the number may be another's
	fault   error // why we ended it before it was closed; nil: we did not
	left    bool  // it ended with status 0
	err     error // why it ended; nil before
}

// newChild prepares a process; Launcher.start starts it. The log may be empty.
func newChild(dir string, args, environment []string, log string) (*child, error) {
	output, w, err := newOutput(log)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(environment, markOf(dir))
	cmd.Stdout, cmd.Stderr = w, w
	return &child{cmd: cmd, dir: dir, output: output, done: make(chan struct{})}, nil
}

// started closes our copies of what the process got, whether it started or not.
func (c *child) started() {
	c.cmd.Stdout.(*os.File).Close()
	for _, f := range c.cmd.ExtraFiles {
		f.Close()
	}
}

// record notes the process in its directory.
func (c *child) record(r record) error {
	p, err := identify(c.cmd.Process.Pid)
	if err != nil {
		return err
	}
	r.Child = &p
	if first := c.cell.leader(); first.PID != 0 {
		r.Inside = &first
	}
	return r.write(c.dir)
}

func (c *child) wait() {
	pid := c.cmd.Process.Pid
	waitErr := awaitExit(pid)
	// The process is a zombie, its number and its group's still its own.
	unix.Kill(-pid, unix.SIGKILL)
	clearErr := errors.Join(c.cell.end(), clearMarked(markOf(c.dir), pid))
	c.mu.Lock()
	c.reaped = true
	c.mu.Unlock()
	exitErr := c.cmd.Wait()
	if c.cell != nil {
		exitErr = c.cell.explain(relayed(exitErr))
	}
	c.output.close()

	c.mu.Lock()
	c.left = exitErr == nil
	if c.fault != nil {
		exitErr = c.fault
	} else if c.closing {
		exitErr = nil
	} else if exitErr != nil {
		exitErr = c.output.explain(exitErr)
	}
	c.err = errors.Join(exitErr, waitErr, clearErr)
	c.mu.Unlock()
	close(c.done)
}

// relayed tells the status that bubblewrap passes on as what it was: a program
// that a signal ended has 128 and the signal's number.
func relayed(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 128 {
		return err
	}
	signal := unix.Signal(exit.ExitCode() - 128)
	if unix.SignalName(signal) == "" {
		return err
	}
	return fmt.Errorf("signal: %s", signal)
}

// awaitExit waits for the end of a child and leaves it a zombie.
func awaitExit(pid int) error {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process %d: %w", pid, err)
		}
	}
}

// signal sends to the whole group of the program. After the end it does nothing.
func (c *child) signal(signals ...unix.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reaped {
		return nil
	}
	for _, signal := range signals {
		if c.cell != nil && signal != unix.SIGKILL {
			if err := c.cell.signal(signal); err != nil {
				return err
			}
			continue
		}
		if err := unix.Kill(-c.cmd.Process.Pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("send %s: %w", unix.SignalName(signal), err)
		}
	}
	return nil
}

// close ends the process and all that it started, and removes its directory.
// It may be called more than once, and at once.
func (c *child) close() error {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	// A stopped process takes its signals when it is continued.
	if err := c.signal(unix.SIGTERM, unix.SIGCONT); err != nil {
		return err
	}
	if !c.awaitDone(c.grace) {
		if err := c.signal(unix.SIGKILL); err != nil {
			return err
		}
		if !c.awaitDone(2 * clearTimeout) {
			return fmt.Errorf("process %d does not end", c.cmd.Process.Pid)
		}
	}
	c.closed()
	return os.RemoveAll(c.dir)
}

// blame ends the process for what it did, which is told as why it ended.
func (c *child) blame(fault error) {
	c.mu.Lock()
	if c.fault == nil && !c.closing {
		c.fault = fault
	}
	c.mu.Unlock()
	// What is in a sandbox is ended by wait, once bubblewrap has ended.
	if err := c.signal(unix.SIGKILL); err != nil {
		c.mu.Lock()
		c.fault = errors.Join(c.fault, err)
		c.mu.Unlock()
	}
}

func (c *child) awaitDone(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		return false
	}
}

// exit tells why the process ended, nil for a good end, and whether by close.
func (c *child) exit() (err error, byClose bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err, c.closing
}
