package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer"
	"github.com/playcast/playcast/streamer/game"
)

// trying is how games are tried.
type trying struct {
	Patience time.Duration `default:"30s" help:"How long a game may take to its first picture."`
	Watch    time.Duration `default:"5s" help:"How long it is watched from then on."`
	Pictures string        `type:"path" placeholder:"DIR" help:"Where a picture of each game is written. Default: the system's directory for temporary files."`
}

// errNeverDraws is why a program is not added.
var errNeverDraws = errors.New("it can't be played")

// try plays a game, says what it saw, and fails where it can't be played.
func (c trying) try(ctx context.Context, t *terminal, entry game.Entry) (err error) {
	dir, err := os.MkdirTemp("", "playcast-try-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	launcher, err := game.NewLauncher(game.Config{RunDir: filepath.Join(dir, "run"), DataDir: filepath.Join(dir, "players")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, launcher.Close()) }()
	saw, err := streamer.Trial{Launcher: launcher, Entry: entry, Patience: c.Patience, Watch: c.Watch, Log: t.log}.Run(ctx)
	if err != nil {
		return fmt.Errorf("try %s: %w", entry.ID, err)
	}
	if err := c.tell(t.out, entry, saw); err != nil {
		return err
	}
	switch {
	case saw.Ended != nil && saw.Drew == 0:
		return fmt.Errorf("%s: %w: it ended before it drew anything: %w", entry.ID, errNeverDraws, saw.Ended)
	case saw.Ended != nil:
		return fmt.Errorf("%s: %w: it ended while it was watched: %w", entry.ID, errNeverDraws, saw.Ended)
	case saw.Drew == 0 && saw.Windows.Windows == 0:
		return fmt.Errorf("%s: %w: it opened no window on the display in %s (DISPLAY names it; --patience gives more time)", entry.ID, errNeverDraws, c.Patience)
	case saw.Drew == 0:
		return fmt.Errorf("%s: %w: its window of %dx%d showed a single colour for %s (--patience gives more time)",
			entry.ID, errNeverDraws, saw.Windows.Given.X, saw.Windows.Given.Y, c.Patience)
	}
	return nil
}

// tell says what a trial saw.
func (c trying) tell(out io.Writer, entry game.Entry, saw streamer.Saw) error {
	said := []string{string(entry.ID)}
	if saw.Drew != 0 {
		said = append(said, fmt.Sprintf("drew after %d ms", saw.Drew.Milliseconds()), fmt.Sprintf("%.0f pictures a second", saw.Rate))
	}
	if w := saw.Windows; w.Windows > 0 {
		said = append(said, fmt.Sprintf("window %q asked for %dx%d, got %dx%d", w.Title, w.Asked.X, w.Asked.Y, w.Given.X, w.Given.Y))
		if w.Windows > 1 {
			said = append(said, fmt.Sprintf("%d windows", w.Windows))
		}
	}
	switch {
	case saw.Silent != nil:
		said = append(said, "sound could not be heard: "+saw.Silent.Error())
	case saw.Sound:
		said = append(said, "sound was heard")
	default:
		said = append(said, "no sound was heard")
	}
	if saw.Picture != nil {
		path, err := c.keep(entry.ID, saw)
		if err != nil {
			return err
		}
		said = append(said, "picture in "+path)
	}
	_, err := fmt.Fprintln(out, strings.Join(said, "\n  "))
	return err
}

// keep writes the last picture.
func (c trying) keep(id events.GameID, saw streamer.Saw) (string, error) {
	dir := c.Pictures
	if dir == "" {
		dir = os.TempDir()
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, saw.Picture); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "playcast-"+string(id)+".png")
	return path, os.WriteFile(path, picture.Bytes(), 0o644)
}

type gamesCheckCommand struct {
	library
	trying
	ID []string `arg:"" optional:"" help:"The games' ids. Default: all that are installed."`
}

// Run tries game after game, and fails where one can't be played.
func (c *gamesCheckCommand) Run(ctx context.Context, t *terminal) error {
	catalog, err := c.choose(c.ID)
	if err != nil {
		return err
	}
	var errs []error
	for _, entry := range catalog {
		if len(c.ID) == 0 && entry.Installed() != nil {
			continue
		}
		if ctx.Err() != nil {
			break
		}
		errs = append(errs, c.try(ctx, t, entry))
	}
	return errors.Join(errs...)
}
