package game

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// process names a process for good: numbers are used again, a number with the
// time of its start is not before the next boot.
type process struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks since boot, from /proc/PID/stat
}

// stat is what we want of /proc/PID/stat (proc_pid_stat(5)).
type stat struct {
	state                byte
	parent, group, leads int // leads: the session's number
	flags, start         uint64
}

func readStat(pid int) (stat, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(data))
}

// parseStat skips the program's name, which is in parentheses and may hold any.
func parseStat(text string) (stat, error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	const startField = 19 // 22 in the manual, which counts from 1, with pid and name
	if len(fields) <= startField || len(fields[0]) != 1 {
		return stat{}, errors.New("read process state: unknown format")
	}
	s := stat{state: fields[0][0]}
	var errs [5]error
	s.parent, errs[0] = strconv.Atoi(fields[1])
	s.group, errs[1] = strconv.Atoi(fields[2])
	s.leads, errs[2] = strconv.Atoi(fields[3])
	s.flags, errs[3] = strconv.ParseUint(fields[6], 10, 64)
	s.start, errs[4] = strconv.ParseUint(fields[startField], 10, 64)
	return s, errors.Join(errs[:]...)
}

// identify names a process that runs, or a zombie that is not reaped yet.
func identify(pid int) (process, error) {
	s, err := readStat(pid)
	if err != nil {
		return process{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	return process{PID: pid, Start: s.start}, nil
}

// alive tells whether the process is there and no zombie.
func (p process) alive() bool {
	s, err := readStat(p.PID)
	return err == nil && s.start == p.Start && s.state != 'Z' && s.state != 'X'
}

func (p process) kill() error { return p.send(unix.SIGKILL) }

// send signals the process. Between alive and the signal the number is pinned
// by a pidfd, so that it hits this process or none.
func (p process) send(signal unix.Signal) error {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open process %d: %w", p.PID, err)
	}
	defer unix.Close(fd)
	if !p.alive() {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, signal, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("send %s to process %d: %w", unix.SignalName(signal), p.PID, err)
	}
	return nil
}

// runs tells whether the process is there and neither stopped nor a zombie.
func (p process) runs() bool {
	s, err := readStat(p.PID)
	return err == nil && s.start == p.Start && !strings.ContainsRune("TtZX", rune(s.state))
}

// stopWithin is how long a process may take to stop: one that waits for a device
// does when it wakes, and nobody waits for that.
const stopWithin = time.Second

// awaitStop waits until processes that have the signal to stop have done so. Until
// then they go on with what they are doing in the kernel, and may start others.
func awaitStop(told []process) {
	for deadline := time.Now().Add(stopWithin); slices.ContainsFunc(told, process.runs) && time.Now().Before(deadline); {
		time.Sleep(100 * time.Microsecond)
	}
}

// marked lists the processes, zombies apart, that carry the mark in their
// environment or belong to the session, if that is not 0.
func marked(mark string, session int) ([]process, error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found, early []process
	for _, dir := range dirs {
		pid, err := strconv.Atoi(dir.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		s, err := readStat(pid)
		if err != nil || s.state == 'Z' || s.state == 'X' || s.flags&kernelThread != 0 {
			continue // it ended meanwhile, or is the kernel's
		}
		p := process{PID: pid, Start: s.start}
		switch carries, known := hasMark(pid, mark); {
		case carries || session != 0 && s.leads == session:
			found = append(found, p)
		case !known:
			early = append(early, p)
		}
	}
	return append(found, lookAgain(early, mark)...), nil
}

// kernelThread is PF_KTHREAD of the kernel's sched.h.
const kernelThread = 0x00200000

// lookAgain returns those that carry the mark of processes which had no
// environment when looked at: in the middle of an exec there is none, for a
// moment, and some never have any. Nothing tells when that moment is over.
func lookAgain(early []process, mark string) []process {
	var found []process
	for range 20 {
		if len(early) == 0 {
			break
		}
		time.Sleep(time.Millisecond)
		early = slices.DeleteFunc(early, func(p process) bool {
			carries, known := hasMark(p.PID, mark)
			if carries {
				found = append(found, p)
			}
			return known
		})
	}
	return found
}

// hasMark tells whether the process carries the mark; it is not known while
// the environment is empty.
func hasMark(pid int, mark string) (carries, known bool) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil {
		return false, true // gone, or somebody else's
	}
	for variable := range bytes.SplitSeq(data, []byte{0}) {
		if string(variable) == mark {
			return true, true
		}
	}
	return false, len(data) > 0
}

// clearMarked kills what carries the mark or is in the session until there is
// nothing left: a process may start others while we look.
func clearMarked(mark string, session int) error {
	deadline := time.Now().Add(clearTimeout)
	for {
		found, err := marked(mark, session)
		if err != nil {
			return fmt.Errorf("look for processes: %w", err)
		}
		if len(found) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d processes can't be ended, one is %d", len(found), found[0].PID)
		}
		for _, p := range found {
			if err := p.kill(); err != nil {
				return err
			}
		}
		// Where we are the first process of a container, orphans become our
		// children: reap those that we have just killed, and no other.
		for _, p := range found {
			awaitEnd(p)
			if s, err := readStat(p.PID); err == nil && s.parent == os.Getpid() && s.state == 'Z' {
				unix.Wait4(p.PID, nil, unix.WNOHANG, nil)
			}
		}
	}
}

// clearTimeout is for processes that wait for hardware; others end at once.
const clearTimeout = 10 * time.Second

// awaitEnd waits until a killed process has ended, a second at most.
func awaitEnd(p process) {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if !p.alive() {
		return
	}
	unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 1000)
}
