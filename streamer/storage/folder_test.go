package storage_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/storage"
	"github.com/playcast/playcast/streamer/storage/storagetest"
)

// roleVariable makes the test program a writer that is killed.
const roleVariable = "PLAYCAST_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(roleVariable); dir != "" {
		if err := write(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	forget, err := trustTestServers()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) { forget(); os.Exit(code) }))
}

func openFolder(t *testing.T, dir string) *storage.Folder {
	t.Helper()
	f, err := storage.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestFolder(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storage.Store { return openFolder(t, filepath.Join(t.TempDir(), "made", "here")) })
}

// write stores objects until it is killed: each is one letter many times.
func write(dir string) error {
	f, err := storage.OpenFolder(dir)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		letter := string(rune('a' + i%26))
		slow := io.MultiReader(strings.NewReader(letter), strings.NewReader(strings.Repeat(letter, 1<<20)))
		if err := f.Put(context.Background(), fmt.Sprintf("some/%d", i%3), slow); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// TestAKilledWriterLeavesNothingHalf kills writers at any moment. What they
// leave is whole objects, and nothing else once the folder is opened again.
func TestAKilledWriterLeavesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	for round := range 10 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), roleVariable+"="+dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Some objects later it is in the middle of another.
		if _, err := io.ReadFull(out, make([]byte, 2+round)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait() // killed
		f := openFolder(t, dir)
		if left, err := os.ReadDir(filepath.Join(dir, ".new")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
		objects, err := f.List(t.Context(), "")
		if err != nil || len(objects) == 0 {
			t.Fatalf("there are %v, %v", objects, err)
		}
		for _, o := range objects {
			content, err := os.ReadFile(filepath.Join(dir, o.Key))
			if err != nil || len(content) != 1+1<<20 || strings.Trim(string(content), string(content[:1])) != "" {
				t.Errorf("%s is half: %d bytes, %v", o.Key, len(content), err)
			}
		}
	}
}

// TestAFolderLeavesOthersWritingAlone opens the folder while an object is being
// written by another.
func TestAFolderLeavesOthersWritingAlone(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- f.Put(t.Context(), "slow", r) }()
	if _, err := io.WriteString(w, "half"); err != nil {
		t.Fatal(err)
	}
	openFolder(t, dir)
	if _, err := io.WriteString(w, " and half"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(dir, "slow")); err != nil || string(content) != "half and half" {
		t.Errorf("%q, %v", content, err)
	}
}

// TestAFolderKeepsToItself has links in the folder that lead out of it.
func TestAFolderKeepsToItself(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	f := openFolder(t, dir)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "way")); err != nil {
		t.Fatal(err)
	}
	if r, _, err := f.Open(t.Context(), "way/secret"); err == nil {
		r.Close()
		t.Error("a link was followed out of the folder")
	}
	if err := f.Put(t.Context(), "way/new", strings.NewReader("x")); err == nil {
		t.Error("an object was written outside of the folder")
	}
	if list, err := f.List(t.Context(), ""); err != nil || len(list) > 0 {
		t.Errorf("listed is %v, %v", list, err)
	}
}

// TestAFolderSaysWhatIsWrong: a file, and a place that can't be written to.
func TestAFolderSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/nothing"} {
		if _, err := storage.OpenFolder(dir); err == nil || !strings.Contains(err.Error(), "the folder") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
