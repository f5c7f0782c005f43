package game

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// precedence is the nice value of who shows the games, below that of all else.
// A thread that wakes to encode a frame then has its core at once, where it
// would wait for a game that computes without end to use up its slice.
const precedence = -10

// GoFirst has the kernel prefer this process, and the X servers and sounds that
// it starts, to games. Its error is for want of CAP_SYS_NICE: games that take
// all that they get may then cost others frames.
func GoFirst() error { return prefer(os.Getpid(), precedence) }

// goAlong has a server in a sandbox go first if we do. It is for one that is
// ready: PulseAudio gives up what it was started with.
func (c *child) goAlong() error {
	nice, err := niceOf(thisThread) // never the spawner's
	if err != nil || nice >= 0 || c.cell == nil {
		return err
	}
	processes, err := c.cell.processes()
	if err != nil {
		return err
	}
	for _, p := range processes {
		if err := prefer(p.PID, nice); err != nil {
			return err
		}
	}
	return nil
}

// giveWay has this thread, and what it starts, not go first.
func giveWay() error {
	nice, err := niceOf(thisThread)
	if err != nil || nice >= 0 {
		return err
	}
	return setNice(thisThread, 0)
}

// prefer sets the nice value of all threads of a process, also of those that
// are made meanwhile. A process that is gone is well.
func prefer(pid, nice int) error {
	for done := map[int]bool{}; ; {
		threads, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list threads: %w", err)
		}
		before := len(done)
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil {
				return fmt.Errorf("list threads: %w", err)
			}
			if done[id] {
				continue
			}
			if err := setNice(id, nice); err != nil {
				return err
			}
			done[id] = true
		}
		if len(done) == before {
			return nil
		}
	}
}

const thisThread = 0

func setNice(thread, value int) error {
	if err := unix.Setpriority(unix.PRIO_PROCESS, thread, value); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("set the nice value: %w", err)
	}
	return nil
}

func niceOf(thread int) (int, error) {
	inverse, err := unix.Getpriority(unix.PRIO_PROCESS, thread) // the kernel answers 20 less the value
	if err != nil {
		return 0, fmt.Errorf("read the nice value: %w", err)
	}
	return 20 - inverse, nil
}
