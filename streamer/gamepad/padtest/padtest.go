// Package padtest builds a game that tells what SDL makes of its gamepads, and
// the library that shows it some.
package padtest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Line is a thing that the game tells; sdl/padtest.c says which there are.
type Line struct {
	Event   string
	Pad     int
	Name    string
	Down    bool
	Value   int
	Vendor  int
	Product int
	Rumble  bool
	What    string
}

func (l Line) String() string {
	switch l.Event {
	case "button":
		return fmt.Sprintf("%d %s %v", l.Pad, l.Name, l.Down)
	case "axis":
		return fmt.Sprintf("%d %s %d", l.Pad, l.Name, l.Value)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", l.Pad, l.Event, l.What))
}

// Game builds the game, and returns its path, which is not below /tmp: a sandbox
// has one of its own there.
func Game(t testing.TB) string {
	t.Helper()
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "sdl2").Output()
	if err != nil {
		t.Fatalf("SDL's headers are missing (deploy/setup.sh test): %v", err)
	}
	cache, err := os.UserCacheDir()
	if err == nil {
		err = os.MkdirAll(cache, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(cache, "playcast-padtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "padtest")
	arguments := []string{"-std=gnu11", "-O1", "-Wall", "-Werror", "-o", program, filepath.Join(here(), "sdl/padtest.c")}
	run(t, exec.Command("gcc", append(arguments, strings.Fields(string(flags))...)...))
	return program
}

// Library builds the library, and returns it.
func Library(t testing.TB) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pads.so")
	run(t, exec.Command(filepath.Join(here(), "../preload/build.sh"), file))
	library, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return library
}

func here() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

func run(t testing.TB, command *exec.Cmd) {
	t.Helper()
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command.Args, err, output)
	}
}

// Lines are what a game has told.
type Lines struct{ lines chan Line }

// Read reads the lines of a game's output until it ends.
func Read(output io.Reader) *Lines {
	l := &Lines{lines: make(chan Line, 10_000)}
	go func() {
		defer close(l.lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			var line Line
			if json.Unmarshal(scanner.Bytes(), &line) == nil {
				l.lines <- line
			}
		}
	}()
	return l
}

// Follow reads the lines of a file that grows, until the test has ended.
func Follow(t testing.TB, path string) *Lines {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	reader, writer := io.Pipe()
	go func() {
		defer close(ended)
		defer writer.Close()
		for {
			if _, err := io.Copy(writer, file); err != nil {
				return
			}
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	t.Cleanup(func() {
		close(done)
		reader.Close()
		<-ended
		file.Close()
	})
	return Read(reader)
}

// bound is how long a test waits for what has to come.
const bound = 20 * time.Second

// Await returns the first line that is right, and drops those before it.
func (l *Lines) Await(t testing.TB, what string, right func(Line) bool) Line {
	t.Helper()
	deadline := time.After(bound)
	var seen []string
	for {
		select {
		case line, more := <-l.lines:
			if !more {
				t.Fatalf("%s: %v, after %q", what, errEnded, seen)
			}
			if right(line) {
				return line
			}
			seen = append(seen, line.String())
		case <-deadline:
			t.Fatalf("%s did not come; seen: %q", what, seen)
		}
	}
}

// Expect waits for a line by its text.
func (l *Lines) Expect(t testing.TB, text string) {
	t.Helper()
	l.Await(t, text, func(line Line) bool { return line.String() == text })
}

var errEnded = errors.New("the game has ended")
