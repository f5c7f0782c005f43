// Package server runs a playcast as a child process, in a temporary directory
// and with ports of its own, for who measures it from outside.
package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Config says what to start.
type Config struct {
	Program string   // the executable
	Catalog string   // the text of games.yaml
	Args    []string // for `playcast up`, beside those that are always given
	// Listen is the gateway's address; empty: a free port of 127.0.0.1.
	Listen string
	// Start starts the process, as in another network namespace; nil: as usual.
	Start func(*exec.Cmd) error
}

// Server is a playcast that runs.
type Server struct {
	Dir            string // its directory, that Stop removes
	URL            string
	Name, Password string // of an account
	process        *exec.Cmd
	said           bytes.Buffer // by standard error; read after the end
	reading        sync.WaitGroup
}

// Bounds of the start and the end.
const (
	startWithin = 60 * time.Second
	stopWithin  = 30 * time.Second
)

// dirName begins the names of servers' directories; the number of the process
// that made it follows.
const dirName = "playcast-server-"

// NewDir makes a server's directory beforehand, for files that its catalog
// names. It removes those of programs that were killed.
func NewDir() (string, error) {
	if err := sweep(); err != nil {
		return "", fmt.Errorf("clear what an earlier run left behind: %w", err)
	}
	dir, err := os.MkdirTemp("", dirName+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) // the private database has a user of its own
}

// sweep removes the directories whose makers are gone.
func sweep() error {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), dirName+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		maker, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), dirName), "-")
		pid, err := strconv.Atoi(maker)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// Start returns when players may come. The directory is removed by Stop, or if
// Start fails.
func Start(ctx context.Context, dir string, cfg Config) (_ *Server, err error) {
	s := &Server{Dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start a playcast: %w", err), s.Stop())
		}
	}()
	games := filepath.Join(dir, "games.yaml")
	if err := os.WriteFile(games, []byte(cfg.Catalog), 0o644); err != nil {
		return nil, err
	}
	if cfg.Listen == "" {
		if cfg.Listen, err = freeAddress(); err != nil {
			return nil, err
		}
	}
	arguments := append([]string{"up", "--log-level", "warn", "--data", filepath.Join(dir, "data"), "--games", games,
		"--listen", cfg.Listen, "--media-port", "0", "--store-port", "0", "--limit-requests", "100000"}, cfg.Args...)
	s.process = exec.Command(cfg.Program, arguments...)
	s.process.Stderr = &s.said
	s.process.WaitDelay = stopWithin
	output, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// In a group of its own: a terminal's interrupt is for us, who then stop it. Killed, we take it along.
	s.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if cfg.Start == nil {
		cfg.Start = (*exec.Cmd).Start
	}
	if err := cfg.Start(s.process); err != nil {
		s.process = nil
		return nil, err
	}
	return s, s.await(ctx, output)
}

// Home is the path of a file in the account's home for a game.
func (s *Server) Home(game, file string) string {
	return filepath.Join(s.Dir, "data", "players", s.Name, game, file)
}

// await reads what the server says until it is ready, and on to its end.
func (s *Server) await(ctx context.Context, output io.Reader) error {
	ready := make(chan bool, 2)
	s.reading.Go(func() {
		for lines := bufio.NewScanner(output); lines.Scan(); {
			switch words := strings.Fields(lines.Text()); {
			case len(words) == 6 && words[0] == "account" && words[5] == "player" && s.Name == "":
				s.Name, s.Password = words[1], words[3]
			case len(words) == 2 && words[0] == "ready" && s.URL == "":
				s.URL = words[1]
				ready <- true
			}
		}
		ready <- false
	})
	select {
	case ok := <-ready:
		if !ok {
			return errors.New("it has ended")
		}
		return nil
	case <-time.After(startWithin):
		return fmt.Errorf("it is not ready after %s", startWithin)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Path names a file in the server's directory.
func (s *Server) Path(name string) string { return filepath.Join(s.Dir, name) }

// PID is the process's number.
func (s *Server) PID() int { return s.process.Process.Pid }

// End ends the server as a person does, and returns when it has ended. Its
// files stay. The error has the last that it said, if it did not end well.
func (s *Server) End() error {
	if s.process == nil {
		return nil
	}
	signal := s.process.Process.Signal(syscall.SIGINT)
	kill := time.AfterFunc(stopWithin, func() { _ = s.process.Process.Kill() })
	defer kill.Stop()
	s.reading.Wait()
	err := s.process.Wait()
	s.process = nil
	if err != nil {
		said := s.said.Bytes()
		return fmt.Errorf("the playcast ended: %w: %s", errors.Join(err, signal), said[max(0, len(said)-1000):])
	}
	return nil
}

// Stop ends the server, where it still runs, and removes its directory.
func (s *Server) Stop() error { return errors.Join(s.End(), os.RemoveAll(s.Dir)) }

// freeAddress returns an address that nobody listens on, with a port below
// those that the system gives out by itself: it is still free a moment later.
func freeAddress() (string, error) {
	var err error
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(10_000+rand.IntN(20_000)))
		var listener net.Listener
		if listener, err = net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", err
}
