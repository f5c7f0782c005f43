package saves

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestEraseLeavesNothingOfAPlayer(t *testing.T) {
	store := openFolder(t)
	a, b := newBench(t, "a", store), newBench(t, "b", store)
	a.play("first")
	b.play("second")
	other, err := a.keeper.Take(t.Context(), "anna", "doom", a.tell) // whose name begins alike
	if err != nil {
		t.Fatal(err)
	}
	write(t, other, "save.dat", "hers")
	a.close(other, true)

	h := a.take()
	if err := a.keeper.Erase(t.Context(), "ann"); !errors.Is(err, ErrTaken) {
		t.Errorf("while a session has it: %v", err)
	}
	a.close(h, true)
	for range 2 {
		for _, of := range []*bench{a, b} {
			if err := of.keeper.Erase(t.Context(), "ann"); err != nil {
				t.Fatal(err)
			}
			if left, err := os.ReadDir(filepath.Join(of.dir, "ann")); err != nil || len(left) != 1 || left[0].Name() != "doom.lock" {
				t.Errorf("the worker still has %v, %v", left, err)
			}
		}
	}
	if left, err := List(t.Context(), store, "", ""); err != nil || len(left) != 1 || left[0].Player != "anna" {
		t.Errorf("the store has %v, %v", left, err)
	}
	if err := a.keeper.Erase(t.Context(), ".."); err == nil {
		t.Error("what is no player was erased")
	}
	b.finds("")
}
