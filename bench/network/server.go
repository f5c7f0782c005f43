package network

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/playcast/playcast/bench/internal/link"
)

// catalog is the catalog of the measurement: one game that moves and
// numbers its frames.
const catalog = `games:
  - id: moving
    title: Moving
    description: Numbers its frames.
    genre: Test
    art: /art/latency-lab.svg
    command: ["{playcast}", lab, --scene, moving]
    width: 1280
    height: 720
    frameRate: 60
    inputs: [keyboard]
`

// server is a playcast at one end of a link, with a directory of its
// own.
type server struct {
	dir            string
	process        *exec.Cmd
	url            string
	name, password string // of an account
	said           bytes.Buffer
	reading        sync.WaitGroup
}

// Bounds of the server's start and end.
const (
	startWithin = 60 * time.Second
	stopWithin  = 30 * time.Second
)

const serverDir = "playcast-bench-network-"

// startServer returns when players may come.
func startServer(ctx context.Context, program string, at link.End, controller string) (_ *server, err error) {
	dir, err := os.MkdirTemp("", serverDir+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	games := filepath.Join(dir, "games.yaml")
	if err := os.WriteFile(games, []byte(catalog), 0o600); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the private database has a user of its own
		return nil, err
	}
	arguments := []string{"up", "--log-level", "warn", "--data", filepath.Join(dir, "data"), "--games", games, "--slots", "1",
		"--listen", "127.0.0.1:8080", "--store-port", "0", "--limit-requests", "100000",
		"--media-ip", at.IP.String(), "--trace", s.trace()}
	if controller == "gcc" {
		arguments = append(arguments, "--congestion", controller)
	}
	s.process = exec.Command(program, arguments...)
	s.process.Stderr = &s.said
	s.process.WaitDelay = stopWithin
	output, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// In a group of its own: a terminal's interrupt is for us, who then stop it.
	s.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := at.Start(s.process, syscall.SIGTERM); err != nil {
		s.process = nil
		return nil, fmt.Errorf("start the server: %w", err)
	}
	return s, s.await(ctx, output)
}

func (s *server) trace() string { return filepath.Join(s.dir, "trace") }

// await reads what the server says until it is ready, and on to its end.
func (s *server) await(ctx context.Context, output io.Reader) error {
	ready := make(chan bool, 1)
	s.reading.Go(func() {
		for lines := bufio.NewScanner(output); lines.Scan(); {
			switch words := strings.Fields(lines.Text()); {
			case len(words) == 6 && words[0] == "account" && words[5] == "player" && s.name == "":
				s.name, s.password = words[1], words[3]
			case len(words) == 2 && words[0] == "ready":
				s.url = words[1]
				ready <- true
			}
		}
		select {
		case ready <- false:
		default:
		}
	})
	select {
	case ok := <-ready:
		if !ok {
			s.reading.Wait()
			return errors.New("the server has ended")
		}
		return nil
	case <-time.After(startWithin):
		return fmt.Errorf("the server is not ready after %s", startWithin)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the server as a person does, and removes what it has kept. Its
// error tells the last that it said, if it did not end well.
func (s *server) stop() error {
	var ended error
	if s.process != nil {
		errs := s.process.Process.Signal(syscall.SIGINT)
		kill := time.AfterFunc(stopWithin, func() { _ = s.process.Process.Kill() })
		s.reading.Wait()
		ended = s.process.Wait()
		kill.Stop()
		if ended != nil {
			said := s.said.Bytes()
			ended = fmt.Errorf("the server: %w: %s", errors.Join(ended, errs), said[max(0, len(said)-1000):])
		}
	}
	return errors.Join(ended, os.RemoveAll(s.dir))
}

// sweepServers removes the directories of runs that were killed. Their servers
// were told to end when that happened.
func sweepServers() error {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), serverDir+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), serverDir), "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || pid == os.Getpid() || syscall.Kill(pid, 0) == nil {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}
