package game

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/events"
)

// TestStorage fills homes in every way that a game can, and one as games do.
func TestStorage(t *testing.T) {
	l := newLauncher(t, Config{})
	for name, c := range map[string]struct {
		script string
		ended  bool
	}{
		"a save":              {`dd if=/dev/zero of=save bs=1M count=2 2>/dev/null; sleep 1`, false},
		"many files":          {`i=0; while :; do i=$((i+1)); dd if=/dev/zero of=file$i bs=1M count=1 2>/dev/null; done`, true},
		"removed and open":    {`exec 3>a 4>b 5>c; rm a b c; for i in 1 2 3; do dd if=/dev/zero bs=1M count=3 2>/dev/null; done >&3; for i in 1 2 3; do dd if=/dev/zero bs=1M count=3 2>/dev/null; done >&4; sleep 60`, true},
		"folders in folders":  {`i=0; while [ $i -lt 200 ]; do mkdir d; cd d; i=$((i+1)); done; sleep 60`, true},
		"below other folders": {`mkdir -p d/e/f; cd d/e/f; while :; do cat /bin/sh >> x; [ $(stat -c %s x) -gt 4000000 ] && mv x x$(date +%N); done`, true},
	} {
		t.Run(name, func(t *testing.T) {
			entry := shell(c.script)
			entry.Limits.Storage = 16 * MiB
			p, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: events.PlayerID("player-" + events.NewSessionID().String()), Entry: entry, Display: noDisplay})
			if err != nil {
				t.Fatal(err)
			}
			awaitDone(t, p.Done())
			if err := p.Err(); errors.Is(err, ErrStorage) != c.ended || !c.ended && err != nil {
				t.Errorf("it ended with %v", err)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// One file is bounded by the kernel at once.
func TestStorageOfOneFile(t *testing.T) {
	l := newLauncher(t, Config{})
	entry := shell(`dd if=/dev/zero of=file bs=1M count=64; stat -c %s file > size; sleep 60`)
	entry.Limits.Storage = 8 * MiB
	p, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: "ann", Entry: entry, Display: noDisplay})
	if err != nil {
		t.Fatal(err)
	}
	size := filepath.Join(l.cfg.DataDir, "ann", "shell", "size")
	eventually(t, "the file's end", func() bool { return readPID(size) > 0 })
	if got := readPID(size); got > int(entry.Limits.Storage) {
		t.Errorf("the file has %d bytes", got)
	}
	if _, err := os.Stat(p.home); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// TestAFolderThatBecomesAPipe opens what was a folder a moment ago. A look that
// opened a pipe would wait for ever, and the session for the look.
func TestAFolderThatBecomesAPipe(t *testing.T) {
	home := t.TempDir()
	err := errors.Join(unix.Mkfifo(filepath.Join(home, "pipe"), 0o600), os.Symlink("/", filepath.Join(home, "out")))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.Open(home)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for _, name := range []string{"pipe", "out", "removed"} {
		if opened, err := openFolder(folder, name); !gone(err) {
			t.Errorf("%s: %v, %v", name, opened, err)
		}
	}
}
