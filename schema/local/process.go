package local

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// How long each kind of shutdown may take before the next, harder one.
const (
	smartGrace     = time.Second      // connections finish; ours are closed by then
	fastGrace      = 30 * time.Second // a checkpoint of what is in memory
	immediateGrace = 10 * time.Second
)

// process is a child with the goroutine that waits for it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the child has ended
	err  error         // how it ended; read after done
}

// startProcess starts the command. The kernel sends the child its death signal
// when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG), not the
// process: so one goroutine keeps that thread for itself for the child's life.
func startProcess(cmd *exec.Cmd) (*process, error) {
	cmd.WaitDelay = 5 * time.Second // for the log, should a grandchild outlive the child
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		defer close(p.done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		<-p.done
		return nil, err
	}
	return p, nil
}

// stop ends a server step by step (PostgreSQL, "Shutting Down the Server") and
// waits for it. It fails if the server did not end cleanly.
func (p *process) stop() error {
	for _, step := range []struct {
		signal syscall.Signal
		grace  time.Duration
	}{
		{syscall.SIGTERM, smartGrace},
		{syscall.SIGINT, fastGrace},
		{syscall.SIGQUIT, immediateGrace},
	} {
		if err := p.cmd.Process.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		timer := time.NewTimer(step.grace)
		select {
		case <-p.done:
			timer.Stop()
			return p.err
		case <-timer.C:
		}
	}
	p.kill()
	return p.err
}

// kill ends the child and its process group at once, and waits.
func (p *process) kill() {
	// A failure means that the group is gone already.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}
