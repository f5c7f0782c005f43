package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// evict ends the server processes that an earlier playcast left in the data
// directory, and waits for them. A killed playcast's server is usually on its
// way out already; one that hangs is pressed harder. The caller holds the lock,
// so whatever runs there has no owner any more.
func evict(ctx context.Context, dir string) error {
	for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGKILL} {
		pids, err := residents(dir)
		if err != nil {
			return err
		}
		for _, pid := range pids {
			if err := pressOut(ctx, pid, signal); err != nil {
				return fmt.Errorf("end process %d, left over in %s: %w", pid, dir, err)
			}
		}
	}
	pids, err := residents(dir)
	if err != nil {
		return err
	}
	if len(pids) > 0 {
		return fmt.Errorf("processes %v run in %s and can't be ended", pids, dir)
	}
	return dropStaleLocks(dir)
}

// residents are the processes whose working directory is dir: every process of
// a PostgreSQL server, and normally nothing else.
func residents(dir string) ([]int, error) {
	home, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		// An error is a process that ended meanwhile or is not ours to see.
		cwd, err := os.Stat(filepath.Join("/proc", name, "cwd"))
		if err != nil || !os.SameFile(cwd, home) {
			continue
		}
		comm, err := os.ReadFile(filepath.Join("/proc", name, "comm"))
		if err == nil && bytes.HasPrefix(comm, []byte("postgres")) { // and not somebody's shell
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// pressOut sends one signal and waits a while for the end. Still being there
// after it is no error.
func pressOut(ctx context.Context, pid int, signal unix.Signal) error {
	const patience = 10 * time.Second
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, signal, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// Readable means ended (pidfd_open(2)). The slices let the context in.
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return nil
}

// dropStaleLocks removes the lock files of the data directory and the socket
// where their process number is alive, which PostgreSQL takes for a running
// server: it is some other program by now, or dead and not yet reaped. Those of
// a process that is gone stay: PostgreSQL handles them, and checks its shared
// memory by them.
func dropStaleLocks(dir string) error {
	for _, name := range []string{"postmaster.pid", socketName + ".lock"} {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		pid, err := strconv.Atoi(string(bytes.TrimSpace(line)))
		if err == nil && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
