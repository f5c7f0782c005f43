package game

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/containerd/cgroups/v3/cgroup2"
)

// unifiedWeight is a game's where a service, with all its processes, has 100:
// lower than gameWeight, as a process that goes first does so in its service.
const unifiedWeight = 3

// unified is a group of version 2.
type unified struct{ *cgroup2.Manager }

func newUnified(path string, l Limits) (*group, error) {
	memory, none := int64(l.Memory), int64(0)
	quota, period, weight := int64(l.CPUs*float64(cpuPeriod.Microseconds())), uint64(cpuPeriod.Microseconds()), uint64(unifiedWeight)
	time := &cgroup2.CPU{Max: cgroup2.NewCPUMax(&quota, &period), Weight: &weight}
	if l.CPUs == unbound {
		time = &cgroup2.CPU{}
	}
	m, err := cgroup2.NewManager(groupsAt, path, &cgroup2.Resources{
		Memory: &cgroup2.Memory{Max: &memory},
		Pids:   &cgroup2.Pids{Max: int64(l.Processes)},
		CPU:    time,
	})
	if err != nil {
		return nil, fmt.Errorf("make the cgroup: %w", err)
	}
	g := unifiedGroup(path, m)
	if err := balance(filepath.Dir(filepath.Dir(g.weights)), filepath.Base(g.weights)); err != nil {
		return nil, errors.Join(err, g.clear())
	}
	err = m.Update(&cgroup2.Resources{Memory: &cgroup2.Memory{Swap: &none}})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("make the cgroup: %w", err), g.clear())
	}
	return g, nil
}

func unifiedGroup(path string, m *cgroup2.Manager) *group {
	dir := filepath.Join(groupsAt, path)
	return &group{
		controls: unified{m}, weights: filepath.Join(dir, "cpu.weight"), freezer: filepath.Join(dir, "cgroup.freeze"), frozen: "1", thawed: "0",
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
