package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/game"
)

type gamesAddCommand struct {
	library
	trying
	Command     []string `required:"" sep:"none" placeholder:"PROGRAM" help:"The program; once more for each of its arguments. A single one is split at its spaces."`
	Title       string   `required:"" help:"What players see."`
	ID          string   `help:"The game's id. Default: made of the title."`
	Description string   `help:"What players read of it."`
	Genre       string   `default:"Other" help:"What kind of game it is."`
	Art         string   `default:"/art/other.svg" help:"The path of its picture in the page."`
	Size        string   `default:"1280x720" help:"The size of its display and of the video."`
	FrameRate   int      `default:"60" help:"Pictures a second at most."`
	Input       []string `default:"keyboard,mouse-absolute" help:"What it is played with: keyboard, mouse-absolute or mouse-relative, gamepad."`
	Players     int      `default:"1" help:"How many can play at once on its one screen, 1 to 4."`
	Package     []string `help:"What has to be installed for it."`
	Environment []string `name:"env" sep:"none" placeholder:"NAME=VALUE" help:"A variable for it."`
}

// Run tries the program, and writes its entry.
func (c *gamesAddCommand) Run(ctx context.Context, t *terminal) error {
	entry, err := c.entry()
	if err != nil {
		return err
	}
	if catalog, err := c.load(); err != nil {
		return err
	} else if _, double := catalog.Find(entry.ID); double {
		return fmt.Errorf("there is a game %q already: name another with --id", entry.ID)
	}
	if err := entry.Installed(); err != nil {
		return err
	}
	shelf, path, err := c.shelf()
	if err != nil {
		return err
	}
	if err := shelf.Add(entry); err != nil { // before the trial, which takes time
		return err
	}
	if err := c.try(ctx, t, entry); err != nil {
		return err
	}
	if err := shelf.Save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s is in %s; a playcast that runs offers it from its next start on\n", entry.ID, path)
	return err
}

// entry is what the flags say.
func (c *gamesAddCommand) entry() (game.Entry, error) {
	entry := game.Entry{Game: events.Game{
		ID: events.GameID(c.ID), Title: c.Title, Description: c.Description, Genre: c.Genre, Art: c.Art,
		Command: c.Command, FrameRate: c.FrameRate, Players: c.Players,
	}, Packages: c.Package, Cursor: game.CursorClient}
	if len(c.Command) == 1 {
		entry.Command = strings.Fields(c.Command[0])
	}
	if len(entry.Command) == 0 {
		return entry, errors.New("--command is empty: name the program")
	}
	if entry.ID == "" {
		entry.ID = idOf(c.Title)
	}
	if _, err := events.ParseGameID(string(entry.ID)); err != nil {
		return entry, fmt.Errorf("--id: %w", err)
	}
	if _, err := fmt.Sscanf(c.Size, "%dx%d", &entry.Width, &entry.Height); err != nil {
		return entry, fmt.Errorf("--size %q: want one such as 1280x720", c.Size)
	}
	for _, input := range c.Input {
		entry.Inputs = append(entry.Inputs, events.Input(input))
	}
	for _, variable := range c.Environment {
		name, value, found := strings.Cut(variable, "=")
		if !found {
			return entry, fmt.Errorf("--env %q: want NAME=VALUE", variable)
		}
		if entry.Environment == nil {
			entry.Environment = map[string]string{}
		}
		entry.Environment[name] = value
	}
	return entry, nil
}

// idOf makes an id of a title: "Flappy! 2" is flappy-2.
func idOf(title string) events.GameID {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return events.GameID(strings.Join(words, "-"))
}
