package latency

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/playcast/playcast/bench/internal/server"
)

// game is the lab's name in the catalog of a run.
const game = "lab"

// presses is the lab's log, in its home: elsewhere a game can't leave anything.
const presses = "presses.jsonl"

// catalog is a run's games.yaml.
const catalog = `games:
  - id: lab
    title: Latency Lab
    description: Is measured.
    genre: Tool
    art: /art/latency-lab.svg
    command: [%s]
    width: %d
    height: %d
    frameRate: 60
    inputs: [keyboard, mouse-absolute]
`

// client plays a game, and watches it.
type client interface {
	// Open connects, and returns when pictures come.
	Open(ctx context.Context) error
	// Play presses a key so many times, and waits a moment for the last.
	Play(ctx context.Context, presses int) (played, error)
	// Compare returns the PSNR of so many pictures.
	Compare(ctx context.Context, pictures int) ([]float64, error)
	// Close ends it, whatever has failed.
	Close() error
}

// compared is how many pictures of a run are compared with what was drawn.
const compared = 12

// order is what is to be played.
type order struct {
	Case
	width, height int
	at            *server.Server
	game          Game
	program       string // of the browser; empty: it is looked for
	progress      func(string)
}

func (cfg *Config) client(o order) (client, error) {
	switch o.Client {
	case "go":
		return &goClient{order: o}, nil
	case "chromium":
		return &chromium{order: o}, nil
	}
	return nil, fmt.Errorf("no client %q", o.Client)
}

// run measures once: a server, a game and a client of its own.
func (cfg *Config) run(ctx context.Context, c Case, count int) (r result, err error) {
	o := order{Case: c, game: cfg.Game, program: cfg.Browser, progress: cfg.Progress}
	if _, err := fmt.Sscanf(c.Size, "%dx%d", &o.width, &o.height); err != nil {
		return r, fmt.Errorf("size %q: %w", c.Size, err)
	}
	dir, err := server.NewDir()
	if err != nil {
		return r, err
	}
	trace := filepath.Join(dir, "trace")
	command := append([]string{`"{playcast}"`, "lab", "--scene=" + c.Scene, "--log=" + presses}, cfg.LabArgs...)
	o.at, err = server.Start(ctx, dir, server.Config{Program: cfg.Program,
		Catalog: fmt.Sprintf(catalog, strings.Join(command, ", "), o.width, o.height),
		Args:    append([]string{"--slots", "1", "--trace", trace}, cfg.ServeArgs...)})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, o.at.Stop()) }()
	player, err := cfg.client(o)
	if err != nil {
		return r, err
	}
	if err := cfg.play(ctx, player, o, count, &r); err != nil {
		return r, errors.Join(err, player.Close())
	}
	if err := player.Close(); err != nil {
		return r, err
	}
	if err := o.at.End(); err != nil {
		return r, err
	}
	var written records
	if err := errors.Join(written.readFile(o.at.Home(game, presses)), written.readFile(trace)); err != nil {
		return r, err
	}
	r.samples, r.lost = join(r.played.Presses, r.played.Sights, &written)
	return r, nil
}

func (cfg *Config) play(ctx context.Context, player client, o order, count int, r *result) (err error) {
	if err := player.Open(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := wait(ctx, cfg.Settle); err != nil {
		return err
	}
	before, err := readTicks()
	if err != nil {
		return err
	}
	used, err := processCPU(o.at.PID())
	if err != nil {
		return err
	}
	if r.played, err = player.Play(ctx, count); err != nil {
		return fmt.Errorf("play: %w", err)
	}
	after, err := readTicks()
	if err != nil {
		return err
	}
	if r.cpu, err = processCPU(o.at.PID()); err != nil {
		return err
	}
	r.cpu -= used
	r.machine = after.since(before)
	if r.psnr, err = player.Compare(ctx, compared); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
