package saves

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/storage"
	"github.com/playcast/playcast/streamer/storage/storagetest"
)

var kills = flag.Int("kills", 3, "how often a worker is killed in the middle of play, in each store")

// The environment of the test program as a worker or a game.
const (
	dirVariable   = "PLAYCAST_TEST_DIR"
	storeVariable = "PLAYCAST_TEST_STORE"
)

// killTiming has much happen between two kills. A rest is far longer than what
// may hold up the game while it saves, on a busy machine too.
var killTiming = Timing{Look: 20 * time.Millisecond, Rest: 600 * time.Millisecond, Capture: 100 * time.Millisecond, Store: 300 * time.Millisecond}

// TestKilledWorkers kills workers at any moment: while their game saves, while
// that is captured, stored and tidied up. What the next session is given, here
// and on another worker, is whole, and never older than what an earlier one was
// given.
func TestKilledWorkers(t *testing.T) {
	for name, address := range map[string]func(t *testing.T) string{
		"folder": func(t *testing.T) string { return t.TempDir() },
		"S3":     func(t *testing.T) string { return storagetest.Bucket(t, storagetest.S3(t), "secret") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			where := address(t)
			dir, last, torn := t.TempDir(), 0, 0
			for round := range *kills {
				lived := killWorker(t, dir, where, round == 0)
				store, err := storage.Open(t.Context(), where)
				if err != nil {
					t.Fatal(err)
				}
				here := newBench(t, "a", store, func(c *Config) { c.Dir = dir })
				generation := whole(t, here)
				said := here.heard()
				elsewhere := newBench(t, "b", store)
				if other := whole(t, elsewhere); other != generation {
					t.Errorf("another worker is given generation %d, this one %d", other, generation)
				}
				if generation < last {
					t.Errorf("round %d is given generation %d, the round before was given %d", round, generation, last)
				}
				if strings.Contains(said, string(Torn)) {
					torn++
				} else if said != "" {
					t.Errorf("it told %q", said)
				}
				t.Logf("round %d: killed after %s, generation %d goes on; told: %q", round, lived.Round(time.Millisecond), generation, said)
				last = generation
				if err := errors.Join(here.keeper.Close(t.Context()), elsewhere.keeper.Close(t.Context()), store.Close()); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d kills, %d while the game saved, %d generations", *kills, torn, last)
			if last == 0 {
				t.Error("nothing was ever saved")
			}
		})
	}
}

// killWorker has a worker play for a while, the first one after it has seen a
// save, and kills it.
func killWorker(t *testing.T, dir, store string, first bool) (lived time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=worker", dirVariable+"="+dir, storeVariable+"="+store)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	game, _ := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || game == 0 {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("the worker did not start: %q %v %s", line, err, said.String())
	}
	if first {
		eventually(t, "a save", func() bool {
			noted, err := os.ReadFile(filepath.Join(dir, "ann", "doom.saves", stateFile))
			return err == nil && strings.Contains(string(noted), `"rest"`)
		})
	}
	lived = time.Duration(rand.IntN(4000)) * time.Millisecond
	time.Sleep(lived) // any moment will do
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // killed
	eventually(t, "the game to end with its worker", func() bool { return syscall.Kill(game, 0) != nil })
	return lived
}

// whole returns the generation of the save that the next session is given.
func whole(t *testing.T, b *bench) int {
	t.Helper()
	h := b.take()
	defer b.close(h, false)
	generation, err := readSave(h.Path())
	if err != nil {
		t.Fatalf("a save is not whole: %v", err)
	}
	return generation
}

// runWorker takes a home and has a game run in it, until it is killed.
func runWorker() error {
	store, err := storage.Open(context.Background(), os.Getenv(storeVariable))
	if err != nil {
		return err
	}
	keeper, err := Open(Config{
		Dir: os.Getenv(dirVariable), Store: store, Worker: "a", Keep: 3, Timing: killTiming, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	h, err := keeper.Take(context.Background(), events.PlayerID("ann"), events.GameID("doom"), func(Notice) {})
	if err != nil {
		return err
	}
	runtime.LockOSThread() // the game dies with the thread that started it
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=game")
	cmd.Dir, cmd.Stderr = h.Path(), os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	h.Follow()
	fmt.Println(cmd.Process.Pid)
	return cmd.Wait()
}

// parts are the files of a save, which only make sense together.
var parts = []string{"world", "player", "inventory", "deep/map", "settings"}

// runGame saves now and then, in many steps.
func runGame() error {
	generation, err := readSave(".")
	if err != nil {
		return fmt.Errorf("the game does not like its save: %w", err)
	}
	for {
		time.Sleep(time.Duration(rand.IntN(2500)) * time.Millisecond)
		generation++
		if err := os.MkdirAll("deep", 0o700); err != nil {
			return err
		}
		for _, i := range rand.Perm(len(parts)) {
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
			if err := os.WriteFile(parts[i], partOf(parts[i], generation), 0o600); err != nil {
				return err
			}
		}
		if err := errors.Join(os.WriteFile(fmt.Sprintf("saved-%d", generation), nil, 0o600), ignoreAbsent(os.Remove(fmt.Sprintf("saved-%d", generation-1)))); err != nil {
			return err
		}
	}
}

func ignoreAbsent(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// partOf is a file of a generation: its number, a filling, and a checksum.
func partOf(name string, generation int) []byte {
	body := fmt.Sprintf("%d %s\n%s", generation, name, strings.Repeat(strconv.Itoa(generation), 1000+generation%7*5000))
	return fmt.Appendf([]byte(body), "\n%x", sha256.Sum256([]byte(body)))
}

// readSave returns the generation of a save; 0: there is none. An error says
// that it is no whole one.
func readSave(dir string) (int, error) {
	found := map[string]int{}
	for _, name := range parts {
		file, err := os.Open(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		content, err := io.ReadAll(file)
		if err = errors.Join(err, file.Close()); err != nil {
			return 0, err
		}
		var generation int
		if _, err := fmt.Sscan(string(content), &generation); err != nil || string(content) != string(partOf(name, generation)) {
			return 0, fmt.Errorf("%s is broken", name)
		}
		found[name] = generation
	}
	marks, err := filepath.Glob(filepath.Join(dir, "saved-*"))
	if err != nil || len(found) == 0 && len(marks) == 0 {
		return 0, err
	}
	generation := found[parts[0]]
	for _, name := range parts {
		if found[name] != generation {
			return 0, fmt.Errorf("it is of several generations: %v", found)
		}
	}
	if len(marks) != 1 || filepath.Base(marks[0]) != fmt.Sprintf("saved-%d", generation) {
		return 0, fmt.Errorf("it is of generation %d, but the marks are %v", generation, marks)
	}
	return generation, nil
}
