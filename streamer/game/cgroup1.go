package game

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/opencontainers/runtime-spec/specs-go"
)

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

// withoutTime are those of a group that gets its time as if it were in none.
func withoutTime() ([]cgroup1.Subsystem, error) {
	all, err := legacyControllers()
	return slices.DeleteFunc(all, func(s cgroup1.Subsystem) bool { return s.Name() == cgroup1.Cpu }), err
}

func newLegacy(path string, l Limits) (*group, error) {
	memory, processes := int64(l.Memory), int64(l.Processes)
	quota, period, shares := int64(l.CPUs*float64(cpuPeriod.Microseconds())), uint64(cpuPeriod.Microseconds()), uint64(1024*gameWeight)
	resources := &specs.LinuxResources{
		Memory: &specs.LinuxMemory{Limit: &memory},
		Pids:   &specs.LinuxPids{Limit: &processes},
		CPU:    &specs.LinuxCPU{Quota: &quota, Period: &period, Shares: &shares},
	}
	controllers := legacyControllers
	if l.CPUs == unbound {
		resources.CPU, controllers = nil, withoutTime
	}
	c, err := cgroup1.New(cgroup1.StaticPath(path), resources, cgroup1.WithHierarchy(controllers))
	if err != nil {
		return nil, fmt.Errorf("make the cgroup: %w", err)
	}
	g := legacyGroup(path, c)
	if err := balance(filepath.Dir(filepath.Dir(g.weights)), filepath.Base(g.weights)); err != nil {
		return nil, errors.Join(err, g.clear())
	}
	// Where the system counts swap, memory is not to be had there.
	err = c.Update(&specs.LinuxResources{Memory: &specs.LinuxMemory{Swap: &memory}})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("make the cgroup: %w", err), g.clear())
	}
	return g, nil
}

func legacyGroup(path string, c cgroup1.Cgroup) *group {
	state := filepath.Join(groupsAt, "freezer", path, "freezer.state")
	return &group{controls: legacy{c}, weights: filepath.Join(groupsAt, "cpu", path, "cpu.shares"), freezer: state, frozen: "FROZEN", thawed: "THAWED", events: state, still: "FROZEN"}
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
