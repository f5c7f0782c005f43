package game

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Swept is what a Sweep found.
type Swept struct {
	Directories int // of sessions whose playcast is gone
	Processes   int // that still ran, and were killed
}

// Sweep ends the processes that a playcast which is gone has left behind, and
// removes their directories below runDir, with the sockets of their X
// servers. What belongs to a playcast that still runs is left alone. It
// goes on after an error, and returns all of them.
func Sweep(runDir string) (Swept, error) {
	var swept Swept
	runDir, err := filepath.Abs(runDir)
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	dirs, err := os.ReadDir(runDir)
	if errors.Is(err, fs.ErrNotExist) {
		return swept, nil
	}
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	now, err := newRecord()
	if err != nil {
		return swept, fmt.Errorf("sweep: %w", err)
	}
	var errs []error
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		path := filepath.Join(runDir, dir.Name())
		if err := sweepDir(path, now.Boot, &swept); err != nil {
			errs = append(errs, fmt.Errorf("sweep %s: %w", path, err))
		}
	}
	return swept, errors.Join(errs...)
}

func sweepDir(dir, boot string, swept *Swept) error {
	r, err := readRecord(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// A directory without a record was made just before playcast was killed,
	// so no process was started yet. Two playcasts don't share a data
	// directory, so nobody is making it at this moment.
	if err == nil && r.Boot == boot {
		if r.Owner.alive() {
			return nil
		}
		found, err := marked(markOf(dir), 0)
		if err != nil {
			return err
		}
		swept.Processes += len(found)
		if err := endGrouped(dir, func() error { return errors.Join(r.endChild(), clearMarked(markOf(dir), 0)) }); err != nil {
			return err
		}
	}
	if r.Display != "" {
		if err := removeDisplayFiles(r.Display); err != nil {
			return err
		}
	}
	swept.Directories++
	return os.RemoveAll(dir)
}

// endGrouped ends what a directory belongs to, and removes its cgroup, which may
// keep it from ending.
func endGrouped(dir string, end func() error) error {
	group, err := findGroup(filepath.Base(dir))
	if err != nil {
		return err
	}
	if group == nil {
		return end()
	}
	if err := errors.Join(group.thaw(), end()); err != nil {
		return err
	}
	return group.clear()
}

// endChild ends the processes of the record, which may have lost its mark.
func (r record) endChild() error {
	for _, p := range []*process{r.Inside, r.Child} {
		if p == nil {
			continue
		}
		if err := p.kill(); err != nil {
			return err
		}
		awaitEnd(*p)
	}
	return nil
}
