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
	"github.com/opencontainers/runtime-spec/specs-go"
)

// group is the cgroup of what runs in one sandbox, in the hierarchy that the
// system has: a folder below /playcast for each controller (version 1) or one
// for all (version 2).
type group struct {
	controls
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

// freeze stops all that is in the group where it is, and returns when it stands.
func (g *group) freeze() error {
	if err := os.WriteFile(g.freezer, []byte(g.frozen), 0o644); err != nil {
		return fmt.Errorf("freeze: %w", err)
	}
	for deadline := time.Now().Add(freezeTimeout); ; time.Sleep(time.Millisecond) {
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
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("remove the cgroup: %w", err)
		}
	}
}

// legacy is a group of version 1.
type legacy struct{ cgroup1.Cgroup }

// legacyControllers are those that are needed, all of them.
func legacyControllers() ([]cgroup1.Subsystem, error) {
	all, err := cgroup1.Default()
	if err != nil {
		return nil, err
	}
	var wanted []cgroup1.Subsystem
	missing := map[cgroup1.Name]bool{cgroup1.Memory: true, cgroup1.Pids: true, cgroup1.Cpu: true, cgroup1.Freezer: true}
	for _, s := range all {
		if missing[s.Name()] {
			wanted = append(wanted, s)
			delete(missing, s.Name())
		}
	}
	for name := range missing {
		return nil, fmt.Errorf("the cgroup controller %s is not mounted below %s", name, groupsAt)
	}
	return wanted, nil
}

func newLegacy(path string, l Limits) (*group, error) {
	memory, processes := int64(l.Memory), int64(l.Processes)
	quota, period := int64(l.CPUs*float64(cpuPeriod.Microseconds())), uint64(cpuPeriod.Microseconds())
	c, err := cgroup1.New(cgroup1.StaticPath(path), &specs.LinuxResources{
		Memory: &specs.LinuxMemory{Limit: &memory},
		Pids:   &specs.LinuxPids{Limit: &processes},
		CPU:    &specs.LinuxCPU{Quota: &quota, Period: &period},
	}, cgroup1.WithHierarchy(legacyControllers))
	if err != nil {
		return nil, fmt.Errorf("make the cgroup: %w", err)
	}
	g := legacyGroup(path, c)
	// Where the system counts swap, memory is not to be had there.
	err = c.Update(&specs.LinuxResources{Memory: &specs.LinuxMemory{Swap: &memory}})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("make the cgroup: %w", err), g.clear())
	}
	return g, nil
}

func legacyGroup(path string, c cgroup1.Cgroup) *group {
	state := filepath.Join(groupsAt, "freezer", path, "freezer.state")
	return &group{controls: legacy{c}, freezer: state, frozen: "FROZEN", thawed: "THAWED", events: state, still: "FROZEN"}
}

func (c legacy) add(pid int) error { return c.AddProc(uint64(pid)) }
func (c legacy) remove() error     { return c.Delete() }

func (c legacy) kills() (uint64, error) {
	stat, err := c.Stat(cgroup1.IgnoreNotExist)
	if err != nil || stat.MemoryOomControl == nil {
		return 0, err
	}
	return stat.MemoryOomControl.OomKill, nil
}

// unified is a group of version 2.
type unified struct{ *cgroup2.Manager }

func newUnified(path string, l Limits) (*group, error) {
	memory, none := int64(l.Memory), int64(0)
	quota, period := int64(l.CPUs*float64(cpuPeriod.Microseconds())), uint64(cpuPeriod.Microseconds())
	m, err := cgroup2.NewManager(groupsAt, path, &cgroup2.Resources{
		Memory: &cgroup2.Memory{Max: &memory},
		Pids:   &cgroup2.Pids{Max: int64(l.Processes)},
		CPU:    &cgroup2.CPU{Max: cgroup2.NewCPUMax(&quota, &period)},
	})
	if err != nil {
		return nil, fmt.Errorf("make the cgroup: %w", err)
	}
	g := unifiedGroup(path, m)
	err = m.Update(&cgroup2.Resources{Memory: &cgroup2.Memory{Swap: &none}})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("make the cgroup: %w", err), g.clear())
	}
	return g, nil
}

func unifiedGroup(path string, m *cgroup2.Manager) *group {
	dir := filepath.Join(groupsAt, path)
	return &group{
		controls: unified{m}, freezer: filepath.Join(dir, "cgroup.freeze"), frozen: "1", thawed: "0",
		events: filepath.Join(dir, "cgroup.events"), still: "frozen 1",
	}
}

func (m unified) add(pid int) error { return m.AddProc(uint64(pid)) }
func (m unified) remove() error     { return m.Delete() }

func (m unified) kills() (uint64, error) {
	stat, err := m.StatFiltered(cgroup2.StatMemoryEvents)
	if err != nil || stat.MemoryEvents == nil {
		return 0, err
	}
	return stat.MemoryEvents.OomKill, nil
}

// tryGroup says whether groups can be made.
func tryGroup() error {
	g, err := newGroup("examine-"+strconv.Itoa(os.Getpid())+"-"+strconv.FormatInt(time.Now().UnixNano(), 36), Limits{}.orDefault())
	if err != nil {
		return errors.New(strings.TrimSpace(err.Error()))
	}
	return g.clear()
}
