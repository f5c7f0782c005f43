package game

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
)

func TestBundledCatalog(t *testing.T) {
	catalog, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if len(catalog) < 10 {
		t.Errorf("%d games: Freedoom's two, the lab, and of other kinds seven at least are to be there", len(catalog))
	}
	for _, e := range catalog {
		id := e.ID
		if _, err := os.Stat(filepath.Join("../../gateway/web/public", e.Art)); err != nil {
			t.Error(err)
		}
		if e.Title == "" || e.Description == "" || e.Genre == "" || e.Art != "/art/"+string(id)+".svg" ||
			len(e.Inputs) < 2 || e.Players == 0 || e.FrameRate == 0 {
			t.Errorf("%+v", e)
		}
	}
	if two, _ := catalog.Find("freedoom2"); two.Files[".local/share/chocolate-doom/default.cfg"] == "" {
		t.Errorf("freedoom2 has not the files that it shares: %v", two.Files)
	}
	if games := catalog.Games(); len(games) != len(catalog) || games[0].ID != catalog[0].ID {
		t.Errorf("games: %v", games)
	}
}

const goodGame = `# comment

games:
  - id: pong
    title: Pong
    command: [pong, --fast]
    width: 640
    height: 480
    frameRate: 60
    inputs: [keyboard]
`

func TestParse(t *testing.T) {
	good, err := Parse([]byte(goodGame))
	if err != nil {
		t.Fatal(err)
	}
	if good[0].Cursor != CursorClient || good[0].Players != 1 {
		t.Errorf("the cursor is drawn by %q, and %d play", good[0].Cursor, good[0].Players)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "title:", "tittle:", `[5:5] unknown field "tittle"`},
		{"not YAML", "[pong, --fast]", "[pong", "[7:"},
		{"wrong type", "width: 640", "width: wide", "[7:12]"},
		{"double key", "    inputs", "    title: Pong\n    inputs", "[10:5]"},
		{"bad id", "id: pong", "id: Pong!", `game 1 ("Pong!"): game id`},
		{"no title", "title: Pong", "title: ' '", "title is missing"},
		{"no command", "[pong, --fast]", "[]", "command is missing"},
		{"art elsewhere", "    inputs", "    art: http://x/y\n    inputs", "art \"http://x/y\""},
		{"odd width", "640", "641", "width 641: want an even number, 320 to 3840"},
		{"narrow", "640", "318", "width 318"},
		{"high", "480", "2162", "height 2162: want an even number, 240 to 2160"},
		{"no rate", "frameRate: 60", "frameRate: 0", "frameRate 0: want 1 to 240"},
		{"fast", "frameRate: 60", "frameRate: 241", "frameRate 241"},
		{"input", "[keyboard]", "[paddle]", `input "paddle": want keyboard`},
		{"input twice", "[keyboard]", "[keyboard, keyboard]", "is there twice"},
		{"no players", "    inputs", "    players: 0\n    inputs", "players 0: want 1 to 4"},
		{"too many players", "    inputs", "    players: 5\n    inputs", "players 5: want 1 to 4"},
		{"players in words", "    inputs", "    players: two\n    inputs", "[10:14]"},
		{"file outside", "    inputs", "    files: {../x: y}\n    inputs", `file "../x"`},
		{"our variable", "    inputs", "    environment: {HOME: /}\n    inputs", "environment HOME"},
		{"no variable", "    inputs", "    environment: {A=B: /}\n    inputs", "environment \"A=B\""},
		{"cursor", "    inputs", "    cursor: none\n    inputs", `cursor "none": want client or picture`},
		{"nothing", goodGame, "games: []", "no games"},
		{"twice", goodGame, goodGame + strings.TrimPrefix(goodGame, "# comment\n\ngames:\n"), `game 2 ("pong"): there is another`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(strings.Replace(goodGame, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %s", err, c.want)
			}
		})
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "mine.yaml") {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("games: 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "mine.yaml: [1:8]") {
		t.Errorf("bad file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Bundled)
	f.Add([]byte(goodGame))
	f.Fuzz(func(t *testing.T, data []byte) {
		catalog, err := Parse(data)
		if (err == nil) != (len(catalog) > 0) {
			t.Errorf("%d games and %v", len(catalog), err)
		}
	})
}

func TestInstalled(t *testing.T) {
	for _, c := range []struct {
		name     string
		command  []string
		packages []string
		want     string
	}{
		{"there", []string{"sh", "-c", "no path: /etc/none"}, nil, ""},
		{"ours", []string{"{playcast}", "lab"}, nil, ""},
		{"no program", []string{"no-such-game"}, []string{"some", "thing"},
			"no-such-game is not installed: apt-get install some thing"},
		{"nothing to install", []string{"no-such-game"}, nil, "no-such-game is not installed"},
		{"no data", []string{"sh", "-iwad", "/no/such.wad"}, []string{"wads"},
			"/no/such.wad is missing: apt-get install wads"},
		{"no absolute program", []string{"/no/such"}, nil, "/no/such is not installed"},
		{"a directory", []string{"/etc"}, nil, "/etc is not installed"},
		{"relative", []string{"./sh"}, nil, "./sh is not installed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := Entry{Game: events.Game{Command: c.command}, Packages: c.packages}
			err := e.Installed()
			if c.want == "" && err != nil || c.want != "" && (err == nil || err.Error() != c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
