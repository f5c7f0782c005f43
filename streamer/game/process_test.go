package game

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

func TestGameEnvironment(t *testing.T) {
	t.Setenv("DATABASE_PASSWORD", "hunter2")
	l := newLauncher(t, Config{})
	entry := shell(`env > env.txt; pwd >> env.txt`)
	entry.Environment = map[string]string{"MODE": "arcade", "PULSE_SERVER": "weaker"}
	p, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: "ann", Entry: entry, Display: noDisplay,
		Environment: map[string]string{"PULSE_SERVER": "unix:/x"}})
	if err != nil {
		t.Fatal(err)
	}
	awaitDone(t, p.Done())
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	home := filepath.Join(l.cfg.DataDir, "ann", "shell")
	data, err := os.ReadFile(filepath.Join(home, "env.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		got[name] = value
	}
	for name, want := range map[string]string{
		"HOME": insideHome, "DISPLAY": ":0", "XAUTHORITY": insideCookie, "MODE": "arcade", "PULSE_SERVER": "unix:/x",
		"XDG_DATA_HOME": insideHome + "/.local/share", "SDL_AUDIODRIVER": "dummy", "PATH": searchPath, "PWD": insideHome,
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if strings.Contains(string(data), "hunter2") || len(got) > 18 {
		t.Errorf("the game got more than it needs:\n%s", data)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestGameFiles(t *testing.T) {
	l := newLauncher(t, Config{})
	entry := shell(`cat conf/a; echo changed > conf/a`)
	entry.Files = map[string]string{"conf/a": "first"}
	for _, want := range []string{"first", "changed"} {
		p, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: "ann", Entry: entry, Display: noDisplay})
		if err != nil {
			t.Fatal(err)
		}
		awaitDone(t, p.Done())
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		log, err := os.ReadFile(filepath.Join(l.cfg.DataDir, "ann", "shell.log"))
		if err != nil || strings.TrimSpace(string(log)) != want {
			t.Errorf("the game found %q, %v, want %q", log, err, want)
		}
	}
	// A link out of the home is not followed.
	home, outside := filepath.Join(l.cfg.DataDir, "eve", "shell"), t.TempDir()
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(home, "conf")); err != nil {
		t.Fatal(err)
	}
	_, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: "eve", Entry: entry, Display: noDisplay})
	if err == nil || !strings.Contains(err.Error(), "make the home") {
		t.Errorf("link out of the home: %v", err)
	}
}

func TestGameErrors(t *testing.T) {
	l := newLauncher(t, Config{})
	p := startShell(t, l, `echo starting; echo no wad here >&2; exit 3`)
	awaitDone(t, p.Done())
	if err := p.Err(); err == nil || err.Error() != "Shell ended: exit status 3; it said last: no wad here" {
		t.Errorf("got %v", err)
	}
	entry := shell("")
	entry.Command[0] = "no-such-game"
	for _, c := range []struct {
		name string
		Launch
		want string
	}{
		{"not installed", Launch{Player: "ann", Entry: entry}, "start Shell: no-such-game is not installed"},
		{"bad player", Launch{Player: "../ann", Entry: shell("")}, "start Shell: player id"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.Session, c.Display = events.NewSessionID(), noDisplay
			if _, err := l.StartGame(c.Launch); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestGamePause(t *testing.T) {
	l := newLauncher(t, Config{})
	// One child in the group, one in a session of its own.
	p := startShell(t, l, `sleep 60 & echo $! > a; setsid sleep 60 & while :; do sleep 1; done`)
	home := filepath.Join(l.cfg.DataDir, "ann", "shell")
	eventually(t, "children", func() bool { return len(descendants(t, p)) >= 3 && readPID(filepath.Join(home, "a")) > 0 })
	states := func() (all string) {
		for _, d := range descendants(t, p) {
			if s, err := readStat(d.PID); err == nil {
				all += string(s.state)
			}
		}
		return all
	}
	if err := p.Pause(); err != nil {
		t.Fatal(err)
	}
	// D: a shell whose child was stopped between vfork and exec.
	eventually(t, "all stopped", func() bool { return strings.Trim(states(), "TD") == "" })
	if err := p.Resume(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all run", func() bool { return !strings.Contains(states(), "T") })
	// Closing works while it is paused.
	if err := p.Pause(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("closing a paused game took %v", took)
	}
	if err := p.Pause(); err != nil {
		t.Errorf("pause after the end: %v", err)
	}
}

// TestGamePauseHoldsWhatHides pauses a process that has left its session and
// wiped its environment, with a cgroup and where there are none.
func TestGamePauseHoldsWhatHides(t *testing.T) {
	for _, grouped := range []bool{true, false} {
		l := newLauncher(t, Config{Grace: 100 * time.Millisecond})
		if !grouped {
			l.works.Limits = errors.New("there are no cgroups, for a test")
		}
		p := startShell(t, l, `(env -i setsid sh -c 'i=0; while :; do i=$((i+1)); echo $i > count.new; mv count.new count; done' &) ; sleep 60`)
		count := func() int { return readPID(filepath.Join(p.home, "count")) }
		eventually(t, "it counts", func() bool { return count() > 10 })
		if err := p.Pause(); err != nil {
			t.Fatal(err)
		}
		stood := count()
		time.Sleep(100 * time.Millisecond) // in which it would count on
		if now := count(); now != stood {
			t.Errorf("grouped %v: it has counted from %d to %d while paused", grouped, stood, now)
		}
		if err := p.Resume(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it goes on", func() bool { return count() > stood })
		if err := p.Pause(); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if group, err := findGroup(filepath.Base(p.child.dir)); group != nil || err != nil {
			t.Errorf("the cgroup is left: %v, %v", group, err)
		}
	}
}

func TestGameEndsWithAllItStarted(t *testing.T) {
	l := newLauncher(t, Config{Grace: 100 * time.Millisecond})
	for name, script := range map[string]string{
		"in the group":        `sleep 60 & echo $! > pid; wait`,
		"in its own session":  `setsid sleep 60 & echo $! > pid; wait`,
		"double fork":         `(setsid sh -c 'echo $$ > pid; exec sleep 60' &) ; sleep 60`,
		"deaf to SIGTERM":     `trap '' TERM; sh -c 'echo $$ > pid; while :; do sleep 1; done'; sleep 60`,
		"hid by all means":    `(env -i setsid sh -c 'echo $$ > pid; trap "" TERM HUP; while :; do sleep 1; done' &) ; sleep 60`,
		"wiped the mark":      `env -i sleep 60 & echo $! > pid; wait`,
		"leader ends by self": `setsid sleep 60 & echo $! > pid; while [ ! -e /proc/$!/stat ]; do :; done; exit 0`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(l.cfg.DataDir, "ann", "shell", "pid")
			os.Remove(path)
			p := startShell(t, l, script)
			eventually(t, "the descendant", func() bool { return readPID(path) > 0 })
			child := outside(t, p, readPID(path))
			if strings.HasPrefix(name, "leader") {
				awaitDone(t, p.Done())
			} else if err := p.Close(); err != nil {
				t.Error(err)
			}
			if child.alive() {
				t.Errorf("process %d lives on", child.PID)
			}
			if err := p.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGameLogIsLimited(t *testing.T) {
	l := newLauncher(t, Config{})
	p := startShell(t, l, `i=0; while [ $i -lt 3000 ]; do echo "$i `+strings.Repeat("x", 400)+`"; i=$((i+1)); done; echo the end`)
	awaitDone(t, p.Done())
	data, err := os.ReadFile(filepath.Join(l.cfg.DataDir, "ann", "shell.log"))
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > maxLog || len(data) < maxLog/4 || !strings.HasSuffix(string(data), "\nthe end\n") {
		t.Errorf("log of %d bytes ends in %q", len(data), data[max(0, len(data)-20):])
	}
}

func TestParseStat(t *testing.T) {
	s, err := parseStat("7 (a) b (c) S 1 5 6 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9876 1 2")
	if err != nil || s != (stat{state: 'S', parent: 1, group: 5, leads: 6, flags: 4194560, start: 9876}) {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, text := range []string{"", "7 (a", "7 (a) S", "7 (a) S x 5 6 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9876 1"} {
		if _, err := parseStat(text); err == nil {
			t.Errorf("took %q", text)
		}
	}
}

// descendants are the game and what it started.
func descendants(t *testing.T, p *Process) []process {
	t.Helper()
	found, err := p.processes()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// outside is what we know the process by that has a number in its game's
// sandbox. It may be gone.
func outside(t *testing.T, p *Process, number int) process {
	t.Helper()
	for _, d := range descendants(t, p) {
		if numberInside(d.PID) == number {
			return d
		}
	}
	return process{}
}

// numberInside is the last of the numbers that a process has, one a namespace.
func numberInside(pid int) int {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if numbers, found := strings.CutPrefix(line, "NSpid:"); found {
			fields := strings.Fields(numbers)
			number, _ := strconv.Atoi(fields[len(fields)-1])
			return number
		}
	}
	return 0
}

// readPID returns 0 while there is no whole line in the file.
func readPID(path string) int {
	data, err := os.ReadFile(path)
	if err != nil || !strings.HasSuffix(string(data), "\n") {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(data)))
	return pid
}
