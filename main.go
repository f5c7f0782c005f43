// Command playcast is a self-hosted cloud-gaming platform in one binary.
//
//	playcast up        every role in one process, or some
//	playcast workers   list, drain and resume workers
//	playcast games     look after the library: list, try, add, install
//	playcast events    look at the log
//	playcast feed      look after events that handlers have skipped
//	playcast doctor    what is there, what is missing, and how to get it
//	playcast lab       the Latency Lab, a game that measures
//	playcast store     look after the embedded event store
//	playcast erase     erase a player: destroy the key of what is personal
//	playcast vault     look after the keys of what is personal
//	playcast bench     measure: an event store, bad networks
//	playcast simulate  live through days of the platform in seconds
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"

	"github.com/playcast/playcast/bench/network"
	"github.com/playcast/playcast/events/esdb"
)

type commandLine struct {
	Up          upCommand          `cmd:"" help:"Run the platform: event store, database, gateway and one streamer worker; or a part of it."`
	Events      eventsCommand      `cmd:"" help:"Look at the log."`
	Feed        feedCommand        `cmd:"" help:"Look after what carries the log to its handlers."`
	Workers     workersCommand     `cmd:"" help:"List, drain and resume the workers of a running platform."`
	Projections projectionsCommand `cmd:"" help:"List, rebuild and switch the read models of a running platform."`
	Doctor      doctorCommand      `cmd:"" help:"Say what is there, what is missing, and how to get it."`
	Lab         labCommand         `cmd:"" help:"Run the Latency Lab on the X display of the environment."`
	Games       gamesCommand       `cmd:"" help:"Look after the library: list, try, add, remove, install games."`
	Store       storeCommand       `cmd:"" help:"Look after the embedded event store: back up, restore, verify, move."`
	Saves       savesCommand       `cmd:"" help:"Look after players' saves: list them, export one, bring one back."`
	Erase       eraseCommand       `cmd:"" help:"Erase what is personal of a player."`
	Vault       vaultCommand       `cmd:"" help:"Look after the keys of what is personal."`
	Bench       benchCommand       `cmd:"" help:"Measure."`

	Simulate simulateCommand `cmd:"" help:"Live through days of players, workers and faults in seconds, and look whether all invariants hold."`

	LogLevel slog.Level `default:"info" help:"Log from this level on: debug, info, warn or error." env:"PLAYCAST_LOG_LEVEL"`
}

// terminal is what a command may say to the person who started it.
type terminal struct {
	out io.Writer
	log *slog.Logger
}

func main() {
	esdb.RegisterCodec()
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "playcast:", err)
		os.Exit(1)
	}
}

func run(arguments []string, stdout, stderr io.Writer) error {
	var line commandLine
	parser, err := kong.New(&line,
		kong.Name("playcast"),
		kong.Description("A self-hosted cloud-gaming platform."),
		kong.Writers(stdout, stderr),
		kong.Vars{"scenarios": strings.Join(network.ScenarioNames(), ", ")},
		kong.UsageOnError(),
	)
	if err != nil {
		return err
	}
	command, err := parser.Parse(arguments)
	if err != nil {
		var usage *kong.ParseError
		if errors.As(err, &usage) {
			return fmt.Errorf("%w (playcast --help says what there is)", err)
		}
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)

	logger := newLogger(stderr, line.LogLevel)
	slog.SetDefault(logger)
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(&terminal{out: stdout, log: logger})
}

// newLogger writes for people on a terminal, and lines of JSON elsewhere.
func newLogger(to io.Writer, level slog.Level) *slog.Logger {
	if file, ok := to.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(tint.NewTextHandler(to, &tint.Options{Level: level, TimeFormat: time.TimeOnly}))
		}
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level}))
}
