package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/playcast/playcast/bench"
	"github.com/playcast/playcast/events/node"
)

// benchCommand measures parts of the platform.
type benchCommand struct {
	Node        benchNodeCommand        `cmd:"" help:"Measure an event store. It leaves a million events there."`
	Network     benchNetworkCommand     `cmd:"" help:"Measure how the picture gets through bad networks. Needs root: it makes networks of its own."`
	Latency     benchLatencyCommand     `cmd:"" help:"Measure from a key press to the picture that shows it, over the whole path."`
	Spectator   benchSpectatorCommand   `cmd:"" help:"Measure what a spectator on a bad line costs who plays. Needs root: it makes networks of its own."`
	Commands    benchCommandsCommand    `cmd:"" help:"Measure how fast commands are decided and recorded, over many sessions."`
	Projections benchProjectionsCommand `cmd:"" help:"Measure how fast the views follow, are built again, and answer, on a history of a million events."`
	Sessions    benchSessionsCommand    `cmd:"" help:"Measure how sessions start, over all games, and what they leave behind."`
	Serve       benchServeCommand       `cmd:"" hidden:"" help:"Serve an event store until the standard input ends."`
}

type benchNodeCommand struct {
	EventStore string        `name:"eventstore" placeholder:"esdb://…" help:"The event store to measure. Default: an embedded node in a temporary directory, in a process of its own."`
	Dir        string        `type:"existingdir" placeholder:"DIR" help:"Where the temporary directory is made, on the disk to be measured. Default: the system's."`
	Phase      time.Duration `default:"5s" help:"How long each phase takes."`
	JSON       bool          `name:"json" help:"Print the figures as one JSON object."`
}

// Run prints the figures.
func (c *benchNodeCommand) Run(ctx context.Context, term *terminal) (err error) {
	cfg := bench.Config{Connection: c.EventStore, Dir: c.Dir, Phase: c.Phase,
		Progress: func(phase string) { term.log.Info("measure", "phase", phase) }}
	if c.EventStore == "" {
		if cfg.Dir, err = os.MkdirTemp(c.Dir, "playcast-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Dir)) }()
		cfg.Server = &benchServer{dir: cfg.Dir}
	}
	figures, err := bench.Node(ctx, cfg)
	if err != nil {
		return err
	}
	return tellFigures(term, figures, c.JSON)
}

// tellFigures writes what was measured, as one JSON object or for people.
func tellFigures(term *terminal, figures any, asJSON bool) error {
	out, err := json.Marshal(figures)
	if err != nil {
		return err
	}
	if !asJSON {
		return printFigures(term, out)
	}
	_, err = fmt.Fprintf(term.out, "%s\n", out)
	return err
}

// printFigures writes the same for people, a line a figure.
func printFigures(term *terminal, figures []byte) error {
	fields := strings.NewReplacer("{", "", "}", "", `"`, "", ",", "\n", ":", "\t").Replace(string(figures))
	_, err := fmt.Fprintln(term.out, fields)
	return err
}

// benchServer is a node in a process of its own, so that its memory is its
// own, and that it is started as a program is. It ends with its standard
// input, and so with this process, however that ends.
type benchServer struct {
	dir     string
	process *exec.Cmd
	input   io.Closer
}

var _ bench.Server = (*benchServer)(nil)

func (s *benchServer) Start(context.Context) (string, time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return "", 0, err
	}
	s.process = exec.Command(self, "bench", "serve", "--dir", s.dir)
	s.process.Stderr = os.Stderr
	output, err := s.process.StdoutPipe()
	if err != nil {
		return "", 0, err
	}
	if s.input, err = s.process.StdinPipe(); err != nil {
		return "", 0, err
	}
	if err := s.process.Start(); err != nil {
		return "", 0, err
	}
	var connection string
	var opening int64
	line, err := bufio.NewReader(output).ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(line, &connection, &opening)
	}
	if err != nil {
		return "", 0, errors.Join(fmt.Errorf("the event store did not start: %w", err), s.Stop())
	}
	return connection, time.Duration(opening), nil
}

func (s *benchServer) Stop() error {
	if s.process == nil {
		return nil
	}
	err := errors.Join(s.input.Close(), s.process.Wait())
	s.process = nil
	return err
}

// Resident reads the peak that the kernel keeps (proc_pid_status(5), VmHWM).
func (s *benchServer) Resident() (uint64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if peak, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(peak), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell the peak of a process's memory")
}

type benchServeCommand struct {
	Dir string `required:"" help:"The directory of the store."`
}

// Run serves a node and prints how to reach it and how long it took to open.
func (c *benchServeCommand) Run(ctx context.Context, term *terminal) error {
	began := time.Now()
	n, err := node.Open(node.Config{Dir: c.Dir, Listen: "127.0.0.1:0", Logger: term.log})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(term.out, n.ConnectionString(), int64(time.Since(began))); err != nil {
		return errors.Join(err, n.Close())
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, n.Close())
}
