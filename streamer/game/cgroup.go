package game

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/cgroups/v3"
	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/containerd/cgroups/v3/cgroup2"
)

// group is the cgroup of what runs in one sandbox, in the hierarchy that the
// system has: a folder below /playcast for each controller (version 1) or one
// for all (version 2).
type group struct {
	controls
	weights                 string // the file of this name says how much of the time a group gets
	freezer, frozen, thawed string // a file, and what to write there
	events, still           string // a file, and what it holds when all stands still
}

// controls is what both versions do.
type controls interface {
	add(pid int) error
	remove() error
	kills() (uint64, error) // by the kernel, of processes for want of memory
}

const (
	groupParent = "/playcast"
	groupsAt    = "/sys/fs/cgroup"
	// cpuPeriod is short, so that a game which has used up its time stands still
	// for less than a frame or two.
	cpuPeriod = 20 * time.Millisecond
	// gameWeight is a game's share of a busy machine, where what is in no cgroup
	// of ours has 1: the encoders, the X servers and the sounds go first, since
	// they are what a player sees of every game.
	gameWeight = 0.125
	// freezeTimeout is for processes that wait for hardware; others stop at once.
	freezeTimeout = 5 * time.Second
)

// newGroup makes the group of this name, without processes.
func newGroup(name string, l Limits) (*group, error) {
	path := filepath.Join(groupParent, name)
	if cgroups.Mode() == cgroups.Unified {
		return newUnified(path, l)
	}
	return newLegacy(path, l)
}

// findGroup returns a group that is there, or nil.
func findGroup(name string) (*group, error) {
	path := filepath.Join(groupParent, name)
	if cgroups.Mode() == cgroups.Unified {
		if _, err := os.Stat(filepath.Join(groupsAt, path)); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		m, err := cgroup2.Load(path)
		if err != nil {
			return nil, fmt.Errorf("load cgroup %s: %w", name, err)
		}
		return unifiedGroup(path, m), nil
	}
	c, err := cgroup1.Load(cgroup1.StaticPath(path), cgroup1.WithHierarchy(legacyControllers))
	if errors.Is(err, cgroup1.ErrCgroupDeleted) || errors.Is(err, cgroup1.ErrMountPointNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load cgroup %s: %w", name, err)
	}
	return legacyGroup(path, c), nil
}

// balance has all groups together get as much time, beside the rest of the
// machine, as they would get by themselves: to the kernel they are one.
func balance(parent, weights string) error {
	children, err := filepath.Glob(filepath.Join(parent, "*", weights))
	if err != nil {
		return err
	}
	sum := 0
	for _, child := range children {
		text, err := os.ReadFile(child)
		if err != nil {
			continue // it is gone
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return fmt.Errorf("read the weight of a cgroup: %w", err)
		}
		sum += n
	}
	const least, most = 2, 10_000 // of either version
	err = os.WriteFile(filepath.Join(parent, weights), []byte(strconv.Itoa(min(max(sum, least), most))), 0o644)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("weigh the cgroups: %w", err)
	}
	return nil
}

// freeze stops all that is in the group where it is, and returns when it stands.
// The order is given again until then: version 1 of cgroups can miss what was just
// being started.
func (g *group) freeze() error {
	for deadline := time.Now().Add(freezeTimeout); ; time.Sleep(time.Millisecond) {
		if err := os.WriteFile(g.freezer, []byte(g.frozen), 0o644); err != nil {
			return fmt.Errorf("freeze: %w", err)
		}
		now, err := os.ReadFile(g.events)
		if err != nil {
			return fmt.Errorf("freeze: %w", err)
		}
		if bytes.Contains(now, []byte(g.still)) {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("freeze: something does not stop in %v", freezeTimeout), g.thaw())
		}
	}
}

// thaw lets everything go on.
func (g *group) thaw() error {
	err := os.WriteFile(g.freezer, []byte(g.thawed), 0o644)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("thaw: %w", err)
	}
	return nil
}

// clear removes the group, whose processes have been ended; the kernel takes a
// moment to let go of the last.
func (g *group) clear() error {
	for deadline := time.Now().Add(clearTimeout); ; time.Sleep(time.Millisecond) {
		err := g.remove()
		if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, cgroup1.ErrCgroupDeleted) {
			return balance(filepath.Dir(filepath.Dir(g.weights)), filepath.Base(g.weights))
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("remove the cgroup: %w", err)
		}
	}
}

// tryGroup says whether groups can be made.
func tryGroup() error {
	g, err := newGroup("examine-"+strconv.Itoa(os.Getpid())+"-"+strconv.FormatInt(time.Now().UnixNano(), 36), Limits{}.orDefault())
	if err != nil {
		return errors.New(strings.TrimSpace(err.Error()))
	}
	return g.clear()
}
