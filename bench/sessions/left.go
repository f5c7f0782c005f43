package sessions

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
)

// left waits until nothing of a session is on this machine any more, and
// returns what is there still after a while: processes, mounts, control groups
// and shared memory, and files of the playcast, that bear its name.
func left(ctx context.Context, data string, id events.SessionID) []string {
	deadline := time.NewTimer(goneWithin)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		found := look(data, id.String())
		if len(found) == 0 {
			return nil
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return found
		case <-ctx.Done():
			return nil
		}
	}
}

func look(data, id string) []string {
	found := processes(id)
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil && bytes.Contains(mounts, []byte(id)) {
		found = append(found, "mount of "+id)
	}
	roots := []string{"/dev/shm", "/sys/fs/cgroup"}
	if data != "" {
		roots = append(roots, filepath.Join(data, "run"))
	}
	for _, root := range roots {
		// What can't be read has gone meanwhile, or is not there at all.
		_ = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.Contains(filepath.Base(path), id) {
				found = append(found, path)
			}
			return nil
		})
	}
	return found
}

// processes lists those that name the session in command line or environment.
func processes(id string) []string {
	var found []string
	directories, _ := filepath.Glob("/proc/[0-9]*") // the only error is a bad pattern
	for _, directory := range directories {
		command, _ := os.ReadFile(filepath.Join(directory, "cmdline"))
		environment, _ := os.ReadFile(filepath.Join(directory, "environ"))
		if bytes.Contains(command, []byte(id)) || bytes.Contains(environment, []byte(id)) {
			program, _, _ := bytes.Cut(command, []byte{0})
			found = append(found, fmt.Sprintf("process %s (%s) of %s", filepath.Base(directory), program, id))
		}
	}
	return found
}
