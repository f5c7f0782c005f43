package sessions

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func TestSum(t *testing.T) {
	var samples []sample
	for n := 1; n <= 20; n++ {
		samples = append(samples, sample{game: "a", ready: time.Duration(n) * time.Millisecond, frame: time.Duration(2*n) * time.Millisecond})
	}
	samples = append(samples, sample{game: "b", err: errors.New("broken")})
	var got Figures
	got.sum(samples, []events.GameID{"a", "b"})
	a := Game{ID: "a", Sessions: 20, ReadyP50: 10, ReadyP95: 19, FrameP50: 20, FrameP95: 38}
	all := a
	all.ID, all.Sessions, all.Failed = "all", 21, 1
	if diff := cmp.Diff(Figures{Total: all, Games: []Game{a, {ID: "b", Sessions: 1, Failed: 1}}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsLeft(t *testing.T) {
	id, data := events.NewSessionID().String(), t.TempDir()
	if found := look(data, id); len(found) > 0 {
		t.Fatalf("of a session that never was: %v", found)
	}
	dir := filepath.Join(data, "run", id+"-game")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	process := exec.Command("sleep", "60")
	process.Env = []string{"PLAYCAST_RUN=" + dir}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer process.Wait()
	defer process.Process.Kill()
	found := strings.Join(look(data, id), "\n")
	if !strings.Contains(found, "sleep") || !strings.Contains(found, dir) {
		t.Errorf("found %q", found)
	}
}
