package game

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func added(id events.GameID) Entry {
	return Entry{
		Game: events.Game{
			ID: id, Title: "Snake: \"the\" game # 2", Description: "Eats.\nGrows.", Command: []string{"snake", "-x", "1: 2"},
			Environment: map[string]string{"A": "yes", "B": "1"}, Width: 640, Height: 480, FrameRate: 30,
			Inputs: []events.Input{events.Keyboard}, Players: 2,
		},
		Packages: []string{"snake"}, Files: map[string]string{".snake/rc": "one\ntwo\n"}, Cursor: CursorPicture,
	}
}

func TestAShelfOfOnesOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "games.yaml")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []events.GameID{"snake", "snake-2"} {
		s, err := OpenShelf(path)
		must(err)
		must(s.Add(added(id)))
		must(s.Save())
	}
	catalog, err := LoadWith("", path)
	must(err)
	got, _ := catalog.Find("snake-2")
	got.Limits = Limits{} // the usual ones, which are not written
	if diff := cmp.Diff(added("snake-2"), got); diff != "" {
		t.Error(diff)
	}
	s, err := OpenShelf(path)
	must(err)
	if err := s.Add(added("snake")); err == nil || !strings.Contains(err.Error(), "another game of this id") {
		t.Errorf("a second game of an id: %v", err)
	}
	for _, id := range []events.GameID{"snake-2", "snake"} {
		s, err := OpenShelf(path)
		must(err)
		must(s.Remove(id))
		must(s.Save())
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a file without games: %v", err)
	}
	if err := s.Remove("chess"); err == nil {
		t.Error("a game that is not there was removed")
	}
}

const handmade = `# What we play at home.
games:
  # The children's.
  - id: worm
    title: Worm   # as they call it
    command: [worm, "-q"]
    width: 640
    height: 480
    frameRate: 30
    inputs: [keyboard]
  # Mine.
  - id: maze
    title: "Maze"
    command: [maze]
    width: 640
    height: 480
    frameRate: 30
    inputs: [keyboard]
`

func TestAShelfKeepsItsComments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "games.yaml")
	if err := os.WriteFile(path, []byte(handmade), 0o600); err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*Shelf) error) string {
		t.Helper()
		s, err := OpenShelf(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(s); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	text := edit(func(s *Shelf) error { return s.Add(added("snake")) })
	if !strings.HasPrefix(text, handmade) {
		t.Errorf("what was there has changed:\n%s", text)
	}
	text = edit(func(s *Shelf) error { return s.Remove("worm") })
	if strings.Contains(text, "worm") || strings.Contains(text, "children") || !strings.Contains(text, "# Mine.") || !strings.Contains(text, "id: snake") {
		t.Errorf("after the removal:\n%s", text)
	}
}

func TestShelvesThatAreNone(t *testing.T) {
	for _, text := range []string{"games: 3", "- a", "games: [", "{}", "games: [{id: a, title: A, command: [a], width: 640, height: 480, frameRate: 30}]"} {
		path := filepath.Join(t.TempDir(), "games.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenShelf(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
