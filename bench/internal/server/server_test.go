package server

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

func TestWhatAKilledProgramLeftIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	make := func(name string) string {
		dir := filepath.Join(os.TempDir(), name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	left := make(dirName + strconv.Itoa(gone.Process.Pid) + "-1")
	kept := []string{make(dirName + strconv.Itoa(os.Getppid()) + "-1"), make(dirName + "notes"), make("another")}
	dir, err := NewDir()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", left, err)
	}
	for _, dir := range append(kept, dir) {
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
}
