package saves

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/streamer/storage"
)

// TestSupportBringsAVersionBack after it has seen what there is.
func TestSupportBringsAVersionBack(t *testing.T) {
	dir := t.TempDir()
	store, err := storage.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	a := newBench(t, "a", store)
	for _, save := range []string{"one", "two", "three"} {
		a.play(save)
	}
	all, err := List(t.Context(), store, "", "")
	if err != nil || len(all) != 3 || all[0].Version.Number != 3 || all[2].Version.Number != 1 {
		t.Fatalf("listed is %+v, %v", all, err)
	}
	if none, err := List(t.Context(), store, "bob", ""); err != nil || len(none) != 0 {
		t.Errorf("listed of another player is %v, %v", none, err)
	}
	first := all[2].Version
	var archive bytes.Buffer
	if err := Export(t.Context(), store, "ann", "doom", first, &archive); err != nil {
		t.Fatal(err)
	}
	try(t, unpack(&archive, t.TempDir(), Limits{}))
	restored, err := Restore(t.Context(), store, "ann", "doom", first)
	if err != nil || restored.Number != 4 {
		t.Fatalf("restored is %s, %v", restored, err)
	}
	a.finds("one")
	newBench(t, "b", store).finds("one")
	a.play("one and more")
	a.play("and more")
	a.play("and more and more") // the first note of the archive is gone by now
	if _, err := Restore(t.Context(), store, "ann", "doom", restored); err != nil && !errors.Is(err, ErrNoVersion) {
		t.Error(err)
	}

	path := filepath.Join(dir, archiveKey("players/ann/doom/", all[0].Version))
	try(t, os.WriteFile(path, []byte("broken"), 0o600))
	if _, err := Restore(t.Context(), store, "ann", "doom", all[0].Version); err == nil {
		t.Error("what is damaged, or gone, was restored")
	}
	first.ID = "0000000000000000"
	if err := Export(t.Context(), store, "ann", "doom", first, io.Discard); !errors.Is(err, ErrNoVersion) {
		t.Errorf("a version that is not there: %v", err)
	}
}

// TestAFolderThatBecomesAPipe: a game puts a pipe where a look has just seen a
// folder. It is not waited for.
func TestAFolderThatBecomesAPipe(t *testing.T) {
	home := t.TempDir()
	try(t, unix.Mkfifo(filepath.Join(home, "pipe"), 0o600))
	root, err := os.OpenRoot(home)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	l := looker{root: root, limits: Limits{}.orDefault(), found: &scan{}}
	for _, name := range []string{"pipe", "removed"} {
		try(t, l.dir(name, 0))
	}
	if len(l.found.entries) > 0 {
		t.Errorf("it holds %v", l.found.entries)
	}
}
