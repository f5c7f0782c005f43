package latency

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// machine is what the machine did in a time, in percent of all its processors.
type machine struct{ steal, busy float64 }

// ticks are a processor's times since the start of the machine (proc_stat(5)).
type ticks struct{ all, idle, steal uint64 }

func readTicks() (ticks, error) {
	content, err := os.ReadFile("/proc/stat")
	if err != nil {
		return ticks{}, err
	}
	return parseTicks(string(content))
}

// parseTicks reads the first line: cpu user nice system idle iowait irq softirq
// steal, and guests, which user and nice hold already.
func parseTicks(stat string) (t ticks, err error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return t, fmt.Errorf("/proc/stat begins with %q", line)
	}
	for i, field := range fields[1:9] {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return t, fmt.Errorf("/proc/stat: %w", err)
		}
		t.all += n
		switch i {
		case 3, 4:
			t.idle += n
		case 7:
			t.steal += n
		}
	}
	return t, nil
}

func (t ticks) since(before ticks) machine {
	all := float64(max(1, t.all-before.all))
	return machine{
		steal: 100 * float64(t.steal-before.steal) / all,
		busy:  100 - 100*float64(t.idle-before.idle)/all,
	}
}

// tickMS is the kernel's unit of a process's times: USER_HZ is 100 on Linux.
const tickMS = 10

// processCPU returns the milliseconds that a process and its threads have run,
// in user and system mode, its children not counted.
func processCPU(pid int) (float64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseCPU(stat)
}

// parseCPU reads the fields 14 and 15 of proc_pid_stat(5). The second is a name
// in parentheses, that may hold anything.
func parseCPU(stat []byte) (float64, error) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat has too few fields")
	}
	user, err := strconv.ParseUint(string(fields[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseUint(string(fields[12]), 10, 64)
	return float64(user+system) * tickMS, err
}
