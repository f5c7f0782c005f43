package streamer

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/game"
	"github.com/playcast/playcast/streamer/lab"
)

// bound is the longest a test waits for anything: far over what it takes, so
// that a busy machine does not fail it.
const bound = 30 * time.Second

// TestMain runs the tests, or one of the games of the tests' catalog: there,
// {playcast} is this program.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		if play, ok := games[os.Args[1]]; ok {
			os.Exit(play())
		}
	}
	goleak.VerifyTestMain(m)
}

// games are played by their names; each returns its exit status.
var games = map[string]func() int{
	"draws":  func() int { return playLab(syscall.SIGTERM) },
	"large":  func() int { return playLab(syscall.SIGTERM) }, // on a display of that kind
	"points": func() int { return playLab(syscall.SIGTERM) }, // in the picture
	"deaf": func() int {
		signal.Ignore(syscall.SIGTERM)
		return playLab()
	},
	"clings": func() int { // to life, without its display too
		playLab(syscall.SIGTERM)
		return playBlank()
	},
	"blank": playBlank,
	"broken": func() int {
		fmt.Fprintln(os.Stderr, "no level here")
		return 3
	},
	"leaves":  func() int { return 0 },
	"hangs":   playHang,
	"forks":   playFork,
	"twice":   playTwice,
	"resizes": playResize,
}

// playLab plays the Latency Lab until a signal to end. The player leaves it by
// SIGUSR1, and SIGUSR2 crashes it.
func playLab(end ...os.Signal) int {
	ctx, stop := signal.NotifyContext(context.Background(), append(end, syscall.SIGUSR1)...)
	defer stop()
	crash := make(chan os.Signal, 1)
	signal.Notify(crash, syscall.SIGUSR2)
	go func() {
		<-crash
		fmt.Fprintln(os.Stderr, "a monster has no head")
		os.Exit(3)
	}()
	if err := lab.Run(ctx, os.Getenv("DISPLAY"), os.Getenv("XAUTHORITY"), lab.Config{Sound: os.Getenv("PULSE_SERVER")}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// playBlank draws nothing, until a signal to end.
func playBlank() int {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
	return 0
}

func catalog(t testing.TB) game.Catalog {
	t.Helper()
	// Without the directory a program built for coverage has the last word.
	coverage, text := t.TempDir(), "games:\n"
	for name := range games {
		screen := "width: 640, height: 360, frameRate: 30"
		switch name {
		case "large":
			screen = "width: 1280, height: 720, frameRate: 60"
		case "points":
			screen += ", cursor: picture"
		}
		text += fmt.Sprintf("  - {id: %s, title: %s, command: ['{playcast}', %s], environment: {GOCOVERDIR: '%s'}, %s}\n",
			name, name, name, coverage, screen)
	}
	c, err := game.Parse([]byte(text))
	must(t, err)
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon takes one value or fails the test.
func soon[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(bound):
		t.Fatalf("no %s within %v", what, bound)
		panic("unreachable")
	}
}

// eventually polls until the condition holds: for what other processes do,
// where there is nothing to wait on.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(bound)
	for tick := time.Tick(5 * time.Millisecond); !holds(); <-tick {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
