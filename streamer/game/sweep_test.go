package game

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
)

// runVictim is the playcast that gets killed: it starts a display and a game
// that has a child in a session of its own, says so, and waits for its end.
func runVictim() error {
	base := os.Getenv("PLAYCAST_TEST_DIR")
	l, err := NewLauncher(Config{RunDir: filepath.Join(base, "run"), DataDir: filepath.Join(base, "data")})
	if err != nil {
		return err
	}
	if os.Getenv("PLAYCAST_TEST_UNCONFINED") != "" {
		unconfined(l)
	}
	session := events.NewSessionID()
	d, err := l.StartDisplay(context.Background(), session, 320, 240)
	if err != nil {
		return err
	}
	p, err := l.StartGame(Launch{Session: session, Player: "ann", Display: d,
		Entry: shell(`setsid sleep 600 & echo $! > pid; wait`)})
	if err != nil {
		return err
	}
	if os.Getenv("PLAYCAST_TEST_PAUSED") != "" {
		for readPID(filepath.Join(p.home, "pid")) == 0 {
			time.Sleep(time.Millisecond)
		}
		if err := p.Pause(); err != nil {
			return err
		}
	}
	fmt.Println(d.Name())
	select {}
}

// A game that is killed with its playcast leaves nothing that runs where it had
// a sandbox, and what it has started itself where it had none.
func TestSweepAfterKill(t *testing.T) {
	t.Run("in a sandbox", func(t *testing.T) { sweepAfterKill(t, "", 0) })
	t.Run("without", func(t *testing.T) { sweepAfterKill(t, "yes", 1) })
}

func sweepAfterKill(t *testing.T, unconfined string, orphans int) {
	base := t.TempDir()
	run := filepath.Join(base, "run")
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), roleVariable+"=victim", "PLAYCAST_TEST_DIR="+base, "PLAYCAST_TEST_UNCONFINED="+unconfined)
	victim.Stderr = os.Stderr
	stdout, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	line, readErr := bufio.NewReader(stdout).ReadString('\n')
	pidFile := filepath.Join(base, "data", "ann", "shell", "pid")
	if readErr == nil {
		eventually(t, "the game's child", func() bool { return readPID(pidFile) > 0 })
	}
	// What belongs to a playcast that runs is not swept.
	swept, sweepErr := Sweep(run)
	victim.Process.Kill()
	victim.Wait()
	if readErr != nil {
		t.Fatal(readErr)
	}
	if sweepErr != nil || swept != (Swept{}) {
		t.Errorf("swept %+v, %v while it ran", swept, sweepErr)
	}

	records := readRecords(t, run)
	if len(records) != 2 {
		t.Fatalf("records: %+v", records)
	}
	for _, r := range records {
		if r.Child == nil {
			t.Fatalf("record without a process: %+v", r)
		}
		eventually(t, "the kernel kills our children", func() bool {
			return !r.Child.alive() && (r.Inside == nil || !r.Inside.alive())
		})
		if (r.Inside == nil) != (orphans > 0) {
			t.Errorf("record %+v: a sandbox is there or is not, against what was wanted", r)
		}
	}
	carrying := func() []process {
		all, err := filepath.Glob(filepath.Join(run, "*-game"))
		if err != nil || len(all) != 1 {
			t.Fatalf("games: %v, %v", all, err)
		}
		found, err := marked(markOf(all[0]), 0)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	left := carrying()
	if len(left) != orphans {
		t.Fatalf("%v are left, want %d", left, orphans)
	}
	// Records of a playcast from before the last boot name no process of now.
	innocent := startInnocent(t)
	writeStale(t, run, innocent)

	swept, err = Sweep(run)
	if err != nil {
		t.Fatal(err)
	}
	if swept.Directories != 4 || swept.Processes != orphans {
		t.Errorf("swept %+v, want 4 directories and %d processes", swept, orphans)
	}
	for _, orphan := range left {
		if orphan.alive() {
			t.Error("the grandchild lives on")
		}
	}
	if !innocent.alive() {
		t.Error("killed a process that has the number of an old one")
	}
	checkNoFiles(t, strings.TrimSpace(line))
	if files, _ := filepath.Glob(filepath.Join(run, "*")); len(files) > 0 {
		t.Errorf("left: %v", files)
	}
}

// writeStale writes records whose maker is gone: one of another boot, and one
// whose process number is used again.
func writeStale(t *testing.T, run string, innocent process) {
	t.Helper()
	now, err := newRecord()
	if err != nil {
		t.Fatal(err)
	}
	reused := process{PID: innocent.PID, Start: innocent.Start - 1}
	for name, r := range map[string]record{
		"boot":   {Boot: "another", Owner: now.Owner, Child: &innocent},
		"reused": {Boot: now.Boot, Owner: process{PID: 1 << 30}, Child: &reused},
	} {
		dir := filepath.Join(run, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := r.write(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func startInnocent(t *testing.T) process {
	t.Helper()
	cmd := exec.Command("sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	p, err := identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A game that stands still with its cgroup does not end with its playcast.
func TestSweepOfPaused(t *testing.T) {
	base := t.TempDir()
	run := filepath.Join(base, "run")
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), roleVariable+"=victim", "PLAYCAST_TEST_DIR="+base, "PLAYCAST_TEST_PAUSED=yes")
	victim.Stderr = os.Stderr
	stdout, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	_, readErr := bufio.NewReader(stdout).ReadString('\n')
	victim.Process.Kill()
	victim.Wait()
	if readErr != nil {
		t.Fatal(readErr)
	}
	records := readRecords(t, run)
	var names []string
	dirs, err := os.ReadDir(run)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		names = append(names, dir.Name())
	}
	if _, err := Sweep(run); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Inside == nil || r.Inside.alive() || r.Child.alive() {
			t.Errorf("after the sweep: %+v", r)
		}
	}
	for _, name := range names {
		if group, err := findGroup(name); group != nil || err != nil {
			t.Errorf("the cgroup %s is left: %v, %v", name, group, err)
		}
	}
}

func TestSweepOddities(t *testing.T) {
	run := t.TempDir()
	if swept, err := Sweep(filepath.Join(run, "none")); err != nil || swept != (Swept{}) {
		t.Errorf("no directory: %+v, %v", swept, err)
	}
	for _, dir := range []string{"empty", "broken"} {
		if err := os.Mkdir(filepath.Join(run, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(run, "broken", recordFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	swept, err := Sweep(run)
	if err == nil || !strings.Contains(err.Error(), "broken") || swept.Directories != 1 {
		t.Errorf("got %+v, %v", swept, err)
	}
}

func readRecords(t *testing.T, run string) []record {
	t.Helper()
	dirs, err := os.ReadDir(run)
	if err != nil {
		t.Fatal(err)
	}
	var records []record
	for _, dir := range dirs {
		r, err := readRecord(filepath.Join(run, dir.Name()))
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}
