package game

import (
	"errors"
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts processes from one thread that lives as long as it does. The
// kernel sends a process its death signal when the thread that started it
// ends, and Go ends threads as it likes.
type spawner struct {
	requests chan func()
	stopped  chan struct{}
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan func()), stopped: make(chan struct{})}
	go s.run()
	return s
}

func (s *spawner) run() {
	defer close(s.stopped)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for request := range s.requests {
		request()
	}
}

// start starts the command as the leader of a session and group of its own
// that dies with us, and goes no sooner than others do. It must not be called
// after stop.
func (s *spawner) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	result := make(chan error, 1)
	s.requests <- func() {
		if err := giveWay(); err != nil {
			result <- err
			return
		}
		result <- cmd.Start()
	}
	return <-result
}

func (s *spawner) stop() {
	close(s.requests)
	<-s.stopped
}

var errClosed = errors.New("the launcher is closed")
