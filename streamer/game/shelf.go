package game

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/playcast/playcast/events"
)

// Shelf is a file with games that somebody edits, by hand or here: comments and
// what is not ours to change stay as they are.
type Shelf struct {
	path  string
	lines []string
	games Catalog
}

// LoadWith reads a catalog as Load does, and the games of another file after it
// where that is there.
func LoadWith(path, own string) (Catalog, error) {
	catalog, err := Load(path)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) {
		return catalog, nil
	}
	more, err := Load(own)
	if err != nil {
		return nil, err
	}
	for _, entry := range more {
		if _, double := catalog.Find(entry.ID); double {
			return nil, fmt.Errorf("%s: game %q is in the catalog already: give yours another id", own, entry.ID)
		}
		catalog = append(catalog, entry)
	}
	return catalog, nil
}

// emptyShelf is the text of a new file.
const emptyShelf = `# Games beside those that come with playcast. "playcast games add" writes here;
# streamer/game/games.yaml of its source says what the keys mean.
games:
`

// OpenShelf reads a file of games; one that is not there is empty.
func OpenShelf(path string) (*Shelf, error) {
	s := &Shelf{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		s.lines = lines(emptyShelf)
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the games: %w", err)
	}
	s.lines = lines(string(data))
	if s.games, err = Parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(s.starts()) != len(s.games) {
		return nil, fmt.Errorf("%s: write each game as an item of its own, which begins with a dash in a line of its own, to have it edited here", path)
	}
	return s, nil
}

func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }

// item is the first line of a list's item.
var item = regexp.MustCompile(`^( *)- `)

// starts are the lines at which the games begin: the first item's dash is
// theirs, what is deeper belongs to one of them.
func (s *Shelf) starts() []int {
	var starts []int
	indent := ""
	for i, line := range s.lines {
		found := item.FindStringSubmatch(line)
		switch {
		case found == nil:
		case len(starts) == 0:
			indent, starts = found[1], []int{i}
		case found[1] == indent:
			starts = append(starts, i)
		}
	}
	return starts
}

// Add puts a game at the end. Save writes it.
func (s *Shelf) Add(e Entry) error {
	text, err := yaml.MarshalWithOptions([]entry{{
		ID: string(e.ID), Title: e.Title, Description: e.Description, Genre: e.Genre, Art: e.Art,
		Program: program{Command: e.Command, Packages: e.Packages, Environment: e.Environment, Files: e.Files, Network: e.Network},
		Screen:  screen{Width: e.Width, Height: e.Height, FrameRate: e.FrameRate},
		Inputs:  e.Inputs, Players: &e.Players, Cursor: e.Cursor,
	}}, yaml.OmitEmpty(), yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return fmt.Errorf("add %s: %w", e.ID, err)
	}
	indent := "  "
	if starts := s.starts(); len(starts) > 0 {
		indent = item.FindStringSubmatch(s.lines[starts[0]])[1]
	}
	changed := slices.Clone(s.lines)
	for _, line := range lines(string(text)) {
		changed = append(changed, strings.TrimRight(indent+strings.TrimPrefix(line, "  "), " "))
	}
	return s.change(changed, "add", e.ID)
}

// Remove takes a game out, with the comment above it. Save writes it.
func (s *Shelf) Remove(id events.GameID) error {
	at := slices.IndexFunc(s.games, func(e Entry) bool { return e.ID == id })
	if at < 0 {
		return fmt.Errorf("%s has no game %q", s.path, id)
	}
	bounds := append(s.starts(), len(s.lines))
	from, to := s.withComment(bounds[at]), bounds[at+1]
	if at+1 < len(s.games) {
		to = s.withComment(to)
	}
	return s.change(slices.Delete(slices.Clone(s.lines), from, to), "remove", id)
}

// withComment is the line at which the comment above a line begins.
func (s *Shelf) withComment(line int) int {
	for line > 0 && strings.HasPrefix(s.lines[line-1], " ") && strings.HasPrefix(strings.TrimSpace(s.lines[line-1]), "#") {
		line--
	}
	return line
}

// change takes other lines if they are a catalog, or one without games.
func (s *Shelf) change(changed []string, what string, id events.GameID) error {
	next := &Shelf{path: s.path, lines: changed}
	if len(next.starts()) > 0 {
		var err error
		if next.games, err = Parse([]byte(next.text())); err != nil {
			return fmt.Errorf("%s %s: %w", what, id, err)
		}
	}
	*s = *next
	return nil
}

// Save writes the file, whole or not at all. One without games goes.
func (s *Shelf) Save() error {
	if len(s.games) == 0 {
		if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("save the games: %w", err)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return fmt.Errorf("save the games: %w", err)
	}
	next := s.path + ".new"
	if err := os.WriteFile(next, []byte(s.text()), 0o644); err != nil {
		return fmt.Errorf("save the games: %w", err)
	}
	if err := os.Rename(next, s.path); err != nil {
		return fmt.Errorf("save the games: %w", errors.Join(err, os.Remove(next)))
	}
	return nil
}

func (s *Shelf) text() string { return strings.Join(s.lines, "\n") + "\n" }
