package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
)

// gamesCommand looks after the library.
type gamesCommand struct {
	List    gamesListCommand    `cmd:"" help:"List the games, and what those that can't be played lack."`
	Check   gamesCheckCommand   `cmd:"" help:"Try whether games can be played here, on displays of their own."`
	Add     gamesAddCommand     `cmd:"" help:"Try a program, and add it to the library if it draws."`
	Remove  gamesRemoveCommand  `cmd:"" help:"Take a game that was added out of the library."`
	Install gamesInstallCommand `cmd:"" help:"Install what games need, by apt."`
}

// library says which games a playcast offers: those of the file that
// `playcast up` is told, or that come along, and after them those of its data.
type library struct {
	Data  string `default:"./data" type:"path" help:"Where the playcast keeps everything; games that are added are in games.yaml there." env:"PLAYCAST_DATA"`
	Games string `type:"path" help:"The games.yaml that playcast up is told to use; games are added there then." env:"PLAYCAST_GAMES"`
}

// ownGames is the file of added games in a data directory.
func ownGames(data string) string { return filepath.Join(data, "games.yaml") }

func (l library) load() (game.Catalog, error) { return game.LoadWith(l.Games, ownGames(l.Data)) }

// shelf opens the file that is edited.
func (l library) shelf() (*game.Shelf, string, error) {
	path := ownGames(l.Data)
	if l.Games != "" {
		path = l.Games
	}
	shelf, err := game.OpenShelf(path)
	return shelf, path, err
}

// choose returns the games of these ids, or all.
func (l library) choose(ids []string) (game.Catalog, error) {
	catalog, err := l.load()
	if err != nil || len(ids) == 0 {
		return catalog, err
	}
	var chosen game.Catalog
	for _, id := range ids {
		entry, found := catalog.Find(events.GameID(id))
		if !found {
			return nil, fmt.Errorf("there is no game %q: playcast games list names those there are", id)
		}
		chosen = append(chosen, entry)
	}
	return chosen, nil
}

type gamesListCommand struct {
	library
}

// Run prints a game a line.
func (c *gamesListCommand) Run(t *terminal) error {
	catalog, err := c.load()
	if err != nil {
		return err
	}
	for _, entry := range catalog {
		state := "ready"
		if err := entry.Installed(); err != nil {
			state = err.Error()
		}
		if _, err := fmt.Fprintf(t.out, "%-20s %-22s %s\n", entry.ID, entry.Title, state); err != nil {
			return err
		}
	}
	return nil
}

type gamesRemoveCommand struct {
	library
	ID string `arg:"" help:"The game's id."`
}

// Run writes the file without the game.
func (c *gamesRemoveCommand) Run(t *terminal) error {
	shelf, path, err := c.shelf()
	if err != nil {
		return err
	}
	if err := shelf.Remove(events.GameID(c.ID)); err != nil {
		return fmt.Errorf("%w (the games that come along can't be removed)", err)
	}
	if err := shelf.Save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s is out of %s; a playcast that runs keeps it until its next start\n", c.ID, path)
	return err
}

type gamesInstallCommand struct {
	library
	ID  []string `arg:"" optional:"" help:"The games' ids."`
	All bool     `help:"All games."`
}

// Run installs the packages of games that can't be played yet.
func (c *gamesInstallCommand) Run(ctx context.Context, t *terminal) error {
	if len(c.ID) == 0 && !c.All {
		return errors.New("name the games to install, or all with --all; playcast games list says which there are")
	}
	catalog, err := c.choose(c.ID)
	if err != nil {
		return err
	}
	var packages []string
	for _, entry := range catalog {
		if entry.Installed() == nil {
			continue
		}
		if len(entry.Packages) == 0 {
			return fmt.Errorf("%s: %w, and its entry names no packages", entry.ID, entry.Installed())
		}
		packages = append(packages, entry.Packages...)
	}
	if len(packages) > 0 {
		if err := aptInstall(ctx, t, packages); err != nil {
			return err
		}
	}
	for _, entry := range catalog {
		if err := entry.Installed(); err != nil {
			return fmt.Errorf("%s: %w", entry.ID, err)
		}
	}
	_, err = fmt.Fprintln(t.out, "all of them are installed; a playcast that runs offers them from its next start on")
	return err
}

// aptInstall installs packages, as root or by sudo.
func aptInstall(ctx context.Context, t *terminal, packages []string) error {
	slices.Sort(packages)
	command := append([]string{"apt-get", "install", "-y", "--no-install-recommends"}, slices.Compact(packages)...)
	if _, err := exec.LookPath(command[0]); err != nil {
		return fmt.Errorf("this system has no apt; install by hand: %s", strings.Join(packages, " "))
	}
	if os.Geteuid() != 0 {
		command = append([]string{"sudo"}, command...)
	}
	t.log.Info("install", "packages", strings.Join(packages, " "))
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	run.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, t.out, os.Stderr
	if err := run.Run(); err != nil {
		return fmt.Errorf("%s: %w (is the list of packages old? apt-get update)", strings.Join(command, " "), err)
	}
	return nil
}
