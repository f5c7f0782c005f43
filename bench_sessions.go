package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/playcast/playcast/bench/player"
	"github.com/playcast/playcast/bench/sessions"
	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
)

type benchSessionsCommand struct {
	Sessions int      `default:"100" help:"How many are played, one after the other."`
	Game     []string `placeholder:"ID" help:"Only these games. Default: all that can be played."`
	URL      string   `placeholder:"http://…" help:"The playcast to measure, with the development issuer. Default: one that is started for it, with the games that come along."`
	Player   string   `default:"player1" help:"An account of it."`
	Password string   `help:"The account's password, which playcast up prints."`
	Data     string   `type:"path" help:"Its data directory, where it is on this machine: what sessions leave there is found."`
	JSON     bool     `name:"json" help:"Print the figures as one JSON object."`
}

// errSessions is how the bench ends where sessions failed or left something.
var errSessions = errors.New("not every session started and left nothing behind, see above")

// Validate looks at what kong can't.
func (c *benchSessionsCommand) Validate() error {
	if c.Sessions < 1 {
		return errors.New("--sessions is at least 1")
	}
	if c.URL != "" && c.Password == "" {
		return errors.New("--url needs --password: playcast up prints it with the account")
	}
	return nil
}

// Run prints the figures.
func (c *benchSessionsCommand) Run(ctx context.Context, term *terminal) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cfg := sessions.Config{
		Player: player.Config{URL: c.URL, Name: c.Player, Password: c.Password}, Data: c.Data, Sessions: c.Sessions,
		Program: program, Catalog: string(game.Bundled),
		Progress: func(n int, id events.GameID) { term.log.Info("play", "session", n, "game", id) },
	}
	for _, id := range c.Game {
		cfg.Games = append(cfg.Games, events.GameID(id))
	}
	figures, err := sessions.Measure(ctx, cfg)
	if err != nil {
		return err
	}
	if err := printSessions(term, figures, c.JSON); err != nil {
		return err
	}
	if len(figures.Fails)+len(figures.Left) > 0 {
		return errSessions
	}
	return nil
}

// printSessions writes one JSON object, or a game a line for people.
func printSessions(term *terminal, f sessions.Figures, whole bool) error {
	if whole {
		return json.NewEncoder(term.out).Encode(f)
	}
	for _, g := range append(f.Games, f.Total) {
		if _, err := fmt.Fprintf(term.out, "%-20s %4d sessions, %d failed; ready after %.0f ms (p50), %.0f (p95); first frame after %.0f ms (p50), %.0f (p95)\n",
			g.ID, g.Sessions, g.Failed, g.ReadyP50, g.ReadyP95, g.FrameP50, g.FrameP95); err != nil {
			return err
		}
	}
	for _, line := range append(f.Fails, f.Left...) {
		if _, err := fmt.Fprintln(term.out, line); err != nil {
			return err
		}
	}
	return nil
}
