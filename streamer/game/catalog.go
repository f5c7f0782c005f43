package game

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/playcast/playcast/events"
)

// Bundled is the catalog that comes with playcast, as YAML; its comments say
// what the keys mean.
//
//go:embed games.yaml
var Bundled []byte

// Catalog is the games that this worker knows, in the order of the file.
type Catalog []Entry

// Entry is a game and what the worker alone needs to know of it.
type Entry struct {
	events.Game
	Network  bool              // the game may use the network, which none else has
	Limits   Limits            // none of them zero, out of a catalog
	Packages []string          // system packages that it needs
	Files    map[string]string // content by path below HOME, written where absent
	Cursor   Cursor
}

// Cursor says who draws the game's pointer.
type Cursor string

// The cursors.
const (
	CursorClient  Cursor = "client"  // the player's browser, and so without delay
	CursorPicture Cursor = "picture" // the picture shows it
)

// Load reads a catalog from a file, or the bundled one if path is empty.
func Load(path string) (Catalog, error) {
	data := Bundled
	if path != "" {
		var err error
		if data, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
	} else {
		path = "games.yaml"
	}
	catalog, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return catalog, nil
}

// Parse reads a catalog from YAML. Unknown keys, values out of range and
// doubled ids are errors, with line or game.
func Parse(data []byte) (Catalog, error) {
	var file struct {
		Games []entry `yaml:"games"`
	}
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, true))
	}
	if len(file.Games) == 0 {
		return nil, errors.New("no games in it")
	}
	var catalog Catalog
	for i, e := range file.Games {
		entry, err := e.check()
		if err != nil {
			return nil, fmt.Errorf("game %d (%q): %w", i+1, e.ID, err)
		}
		if _, double := catalog.Find(entry.ID); double {
			return nil, fmt.Errorf("game %d (%q): there is another game of this id above", i+1, e.ID)
		}
		catalog = append(catalog, entry)
	}
	return catalog, nil
}

// Games returns what the catalog publishes.
func (c Catalog) Games() []events.Game {
	games := make([]events.Game, len(c))
	for i, e := range c {
		games[i] = e.Game
	}
	return games
}

// Find returns the entry of a game.
func (c Catalog) Find(id events.GameID) (Entry, bool) {
	for _, e := range c {
		if e.ID == id {
			return e, true
		}
	}
	return Entry{}, false
}

// entry is an Entry as the file has it.
type entry struct {
	ID          string         `yaml:"id"`
	Title       string         `yaml:"title"`
	Description string         `yaml:"description"`
	Genre       string         `yaml:"genre"`
	Art         string         `yaml:"art"`
	Program     program        `yaml:",inline"`
	Screen      screen         `yaml:",inline"`
	Inputs      []events.Input `yaml:"inputs"`
	Players     *int           `yaml:"players,omitempty"` // none: one
	Cursor      Cursor         `yaml:"cursor"`
}

type program struct {
	Command     []string          `yaml:"command"`
	Packages    []string          `yaml:"packages"`
	Environment map[string]string `yaml:"environment"`
	Files       map[string]string `yaml:"files"`
	Network     bool              `yaml:"network"`
	Limits      limits            `yaml:"limits,omitempty"`
}

type screen struct {
	Width     int `yaml:"width"`
	Height    int `yaml:"height"`
	FrameRate int `yaml:"frameRate"`
}

func (e entry) check() (Entry, error) {
	id, err := events.ParseGameID(e.ID)
	if err != nil {
		return Entry{}, err
	}
	switch {
	case strings.TrimSpace(e.Title) == "":
		return Entry{}, errors.New("title is missing")
	case len(e.Program.Command) == 0 || e.Program.Command[0] == "":
		return Entry{}, errors.New("command is missing")
	case e.Art != "" && !strings.HasPrefix(e.Art, "/"):
		return Entry{}, fmt.Errorf("art %q: want a path that starts with a slash", e.Art)
	}
	if e.Cursor == "" {
		e.Cursor = CursorClient
	}
	if e.Players == nil {
		e.Players = new(1)
	}
	limits, wrong := e.Program.Limits.parse()
	if err := errors.Join(e.Screen.check(), checkInputs(e.Inputs), checkPlayers(*e.Players), checkFiles(e.Program.Files),
		checkEnvironment(e.Program.Environment), checkCursor(e.Cursor), wrong); err != nil {
		return Entry{}, err
	}
	return Entry{
		Game: events.Game{
			ID: id, Title: e.Title, Description: e.Description, Genre: e.Genre, Art: e.Art,
			Command: e.Program.Command, Environment: e.Program.Environment,
			Width: e.Screen.Width, Height: e.Screen.Height, FrameRate: e.Screen.FrameRate,
			Inputs: e.Inputs, Players: *e.Players,
		},
		Network: e.Program.Network, Limits: limits,
		Packages: e.Program.Packages, Files: e.Program.Files, Cursor: e.Cursor,
	}, nil
}

func (s screen) check() error {
	var errs []error
	if s.Width%2 != 0 || s.Width < minWidth || s.Width > maxWidth {
		errs = append(errs, fmt.Errorf("width %d: want an even number, %d to %d", s.Width, minWidth, maxWidth))
	}
	if s.Height%2 != 0 || s.Height < minHeight || s.Height > maxHeight {
		errs = append(errs, fmt.Errorf("height %d: want an even number, %d to %d", s.Height, minHeight, maxHeight))
	}
	if s.FrameRate < 1 || s.FrameRate > maxFrameRate {
		errs = append(errs, fmt.Errorf("frameRate %d: want 1 to %d", s.FrameRate, maxFrameRate))
	}
	return errors.Join(errs...)
}

// The sizes that displays and encoders here take.
const (
	minWidth, maxWidth   = 320, 3840
	minHeight, maxHeight = 240, 2160
	maxFrameRate         = 240
)

func checkInputs(inputs []events.Input) error {
	seen := map[events.Input]bool{}
	for _, input := range inputs {
		switch input {
		case events.Keyboard, events.MouseAbsolute, events.MouseRelative, events.Gamepad:
		default:
			return fmt.Errorf("input %q: want %s, %s, %s or %s",
				input, events.Keyboard, events.MouseAbsolute, events.MouseRelative, events.Gamepad)
		}
		if seen[input] {
			return fmt.Errorf("input %q is there twice", input)
		}
		seen[input] = true
	}
	return nil
}

// maxPlayers is how many gamepads a game has.
const maxPlayers = 4

func checkPlayers(players int) error {
	if players < 1 || players > maxPlayers {
		return fmt.Errorf("players %d: want 1 to %d, as many as can play at once", players, maxPlayers)
	}
	return nil
}

func checkCursor(c Cursor) error {
	if c != CursorClient && c != CursorPicture {
		return fmt.Errorf("cursor %q: want %s or %s", c, CursorClient, CursorPicture)
	}
	return nil
}

func checkFiles(files map[string]string) error {
	for path := range files {
		if !filepath.IsLocal(path) {
			return fmt.Errorf("file %q: want a path below the game's home", path)
		}
	}
	return nil
}

func checkEnvironment(environment map[string]string) error {
	for name, value := range environment {
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00") {
			return fmt.Errorf("environment %q: no variable can have this name or value", name)
		}
		if _, ours := reserved[name]; ours {
			return fmt.Errorf("environment %s: playcast sets this one itself", name)
		}
	}
	return nil
}
