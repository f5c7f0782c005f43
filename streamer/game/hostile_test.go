package game

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// runHostile is a game that tries what it must not. Its arguments name what is
// the host's and other sessions'. For each attempt it says whether it was
// refused, and how.
func runHostile(arguments []string) error {
	targets := map[string]string{}
	for _, argument := range arguments {
		name, value, _ := strings.Cut(argument, "=")
		targets[name] = value
	}
	for _, attempt := range slices.Concat(spying(targets), reaching(targets), rising()) {
		if err := attempt.try(); err != nil {
			fmt.Printf("refused %s: %v\n", attempt.name, err)
		} else {
			fmt.Printf("MANAGED %s\n", attempt.name)
		}
	}
	fmt.Println("done")
	return nil
}

// attempt is to fail.
type attempt struct {
	name string
	try  func() error
}

// spying looks at what is others'.
func spying(targets map[string]string) []attempt {
	var all []attempt
	for _, path := range []string{
		"/etc/shadow", "/root", "/home/root", "/boot", "/sys/kernel", "/var/lib", "/etc/hostname.host", "/dev/mem", "/dev/kmsg", "/dev/vda",
		targets["run"], targets["data"], targets["home"], targets["cookie"],
		"/proc/" + targets["pid"] + "/environ", "/proc/" + targets["pid"] + "/root/etc/shadow", "/proc/kcore",
	} {
		all = append(all, attempt{"open " + path, func() error {
			file, err := os.Open(path)
			if err != nil {
				return err
			}
			defer file.Close()
			if _, err := file.Read(make([]byte, 1)); err != nil && !errors.Is(err, syscall.EISDIR) {
				return err
			}
			return nil
		}})
	}
	return append(all,
		attempt{"read a segment of shared memory of the host's", func() error {
			var id int
			fmt.Sscan(targets["segment"], &id)
			_, err := unix.SysvShmAttach(id, 0, unix.SHM_RDONLY)
			return err
		}},
		attempt{"find segments of shared memory of others", func() error {
			table, err := os.ReadFile("/proc/sysvipc/shm")
			if err == nil && strings.Count(string(table), "\n") <= 1 {
				err = errors.New("there are none")
			}
			return err
		}},
		attempt{"see processes of others", func() error {
			folders, err := filepath.Glob("/proc/[0-9]*")
			if err == nil && len(folders) <= 2 { // bubblewrap's and us
				err = errors.New("there are none")
			}
			return err
		}},
	)
}

// reaching connects to and signals what is others'.
func reaching(targets map[string]string) []attempt {
	var all []attempt
	for _, target := range []struct{ network, address string }{
		{"unix", "@/tmp/.X11-unix/X" + targets["display"]},
		{"unix", "/tmp/.X11-unix/X" + targets["display"]},
		{"unix", targets["sockets"] + "/X" + targets["display"]},
		{"unix", "@" + targets["abstract"]},
		{"unix", targets["sound"]},
		{"tcp", targets["tcp"]},
		{"tcp", "10.0.2.2:22"},
		{"tcp", "192.0.2.1:80"},
	} {
		all = append(all, attempt{"connect to " + target.network + " " + target.address, func() error {
			conn, err := net.DialTimeout(target.network, target.address, 2*time.Second)
			if err != nil {
				return err
			}
			return conn.Close()
		}})
	}
	var pid int
	fmt.Sscan(targets["pid"], &pid)
	return append(all,
		attempt{"send a datagram", func() error {
			conn, err := net.Dial("udp", "192.0.2.1:53")
			if err != nil {
				return err
			}
			defer conn.Close()
			_, err = conn.Write([]byte("x"))
			return err
		}},
		attempt{"open a raw socket", func() error { return socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP) }},
		attempt{"open a packet socket", func() error { return socket(unix.AF_PACKET, unix.SOCK_RAW, 0) }},
		attempt{"kill a process of the host's", func() error { return unix.Kill(pid, unix.SIGKILL) }},
		attempt{"trace a process of the host's", func() error { return unix.PtraceAttach(pid) }},
		attempt{"end the sandbox's first process", func() error {
			if err := unix.Kill(1, unix.SIGKILL); err != nil {
				return err
			}
			time.Sleep(50 * time.Millisecond)
			return errors.New("the signal does nothing") // for we go on
		}},
	)
}

func socket(domain, kind, protocol int) error {
	fd, err := unix.Socket(domain, kind|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// call wants the kernel not to have a system call: with these arguments it
// would else say what is wrong with them.
func call(number, argument uintptr) error {
	if _, _, errno := unix.Syscall(number, argument, 0, 0); errno == unix.ENOSYS {
		return errno
	}
	return nil
}

// rising looks for more power.
func rising() []attempt {
	return []attempt{
		{"mount", func() error { return unix.Mount("none", "/tmp", "tmpfs", 0, "") }},
		{"mount the host's processes", func() error { return unix.Mount("proc", "/tmp", "proc", 0, "") }},
		{"let programs be changed", func() error { return unix.Mount("", "/usr", "", unix.MS_REMOUNT|unix.MS_BIND, "") }},
		{"unmount", func() error { return unix.Unmount("/home/player", unix.MNT_DETACH) }},
		{"make a device", func() error { return unix.Mknod("/tmp/disk", unix.S_IFBLK|0o600, int(unix.Mkdev(254, 0))) }},
		{"make a device at home", func() error { return unix.Mknod("disk", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 1))) }},
		{"change root", func() error { return unix.Chroot("/tmp") }},
		{"become root", func() error { return unix.Setuid(0) }},
		{"make a user namespace", func() error { return unix.Unshare(unix.CLONE_NEWUSER) }},
		{"make a network namespace", func() error { return unix.Unshare(unix.CLONE_NEWNET) }},
		{"name the host", func() error { return unix.Sethostname([]byte("owned")) }},
		{"change a program", func() error { return os.WriteFile("/usr/bin/owned", nil, 0o755) }},
		{"change playcast", func() error {
			program, err := os.OpenFile(insideSelf, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			return program.Close()
		}},
		{"write beside its own", func() error { return os.WriteFile("/owned", nil, 0o600) }},
		{"write to devices", func() error { return os.WriteFile("/dev/owned", nil, 0o600) }},
		{"write system settings", func() error {
			// As it is, for if it is let.
			now, err := os.ReadFile("/proc/sys/kernel/core_pattern")
			return errors.Join(err, os.WriteFile("/proc/sys/kernel/core_pattern", now, 0))
		}},
		{"have keys handled", func() error { return os.WriteFile("/proc/sysrq-trigger", []byte("h"), 0) }},
		{"steer interrupts", func() error { return os.WriteFile("/proc/irq/default_smp_affinity", []byte("3"), 0) }},
		{"open a socket to the hypervisor", func() error { return socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0) }},
		{"open a socket of the kernel's ciphers", func() error { return socket(unix.AF_ALG, unix.SOCK_SEQPACKET, 0) }},
		{"read the keys of the session", func() error {
			_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_SESSION_KEYRING, false)
			return err
		}},
		{"queue calls past the filter", func() error { return call(unix.SYS_IO_URING_SETUP, 1) }},
		{"load a program into the kernel", func() error { return call(unix.SYS_BPF, 0) }},
		{"handle the faults of memory", func() error { return call(unix.SYS_USERFAULTFD, 0) }},
		{"take more time", func() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, -20) }},
		{"take more memory by its limit", func() error {
			return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
		}},
	}
}

// TestHostile lets a game try everything beside the session of another player.
func TestHostile(t *testing.T) {
	l := newLauncher(t, Config{})
	neighbour := beginNeighbour(t, l)
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, unix.IPC_CREAT|0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	abstract := fmt.Sprintf("playcast-test-%d", os.Getpid())
	unixListener, err := net.Listen("unix", "@"+abstract)
	if err != nil {
		t.Fatal(err)
	}
	defer unixListener.Close()
	victim := startInnocent(t)

	said := beHostile(t, l, map[string]string{
		"run": l.cfg.RunDir, "data": l.cfg.DataDir, "home": neighbour.game.home, "cookie": neighbour.display.authority,
		"display": strings.TrimPrefix(neighbour.display.name, ":"), "sockets": neighbour.display.sockets, "sound": neighbour.sound.socket,
		"pid": fmt.Sprint(victim.PID), "segment": fmt.Sprint(id), "tcp": tcp.Addr().String(), "abstract": abstract,
	})
	t.Logf("the hostile game said:\n%s", said)
	if strings.Contains(said, "MANAGED") || !strings.HasSuffix(said, "done\n") || strings.Count(said, "refused") < 45 {
		t.Errorf("not everything was refused, or tried")
	}
	if !victim.alive() {
		t.Error("a process of the host's was ended")
	}
	select {
	case <-neighbour.game.Done():
		t.Errorf("the neighbour's game has ended: %v", neighbour.game.Err())
	default:
	}
}

func beHostile(t *testing.T, l *Launcher, targets map[string]string) string {
	t.Helper()
	own := beginStage(t, l, "eve")
	entry := hostileEntry()
	for name, value := range targets {
		entry.Command = append(entry.Command, name+"="+value)
	}
	p := own.start(t, l, entry)
	awaitDone(t, p.Done())
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	said, err := os.ReadFile(p.home + ".log")
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// runGreedy is a game that takes all that it gets of one thing.
func runGreedy(thing string) error {
	thing = strings.TrimPrefix(thing, "fill=")
	switch thing {
	case "processes":
		var started int
		for {
			if err := exec.Command("sleep", "600").Start(); err != nil {
				fmt.Printf("started %d: %v\n", started, err)
				time.Sleep(time.Hour)
			}
			started++
		}
	case "memory":
		var all [][]byte
		for {
			block := make([]byte, 16<<20)
			for i := range block {
				block[i] = byte(i)
			}
			all = append(all, block)
			fmt.Printf("took %d\n", len(all))
		}
	}
	// A folder in memory, or a file system of the host's.
	for i := 0; ; i++ {
		file, err := os.Create(filepath.Join(thing, fmt.Sprintf("fill%d", i)))
		if err == nil {
			_, err = io.CopyN(file, zeros{}, 4<<20)
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			fmt.Printf("wrote %d: %v\n", i*4, err)
			return nil
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestGreedy lets games take all that they get.
func TestGreedy(t *testing.T) {
	l := newLauncher(t, Config{})
	for thing, want := range map[string]string{
		"processes":       "resource temporarily unavailable",
		"/tmp":            "no space left on device",
		"/dev/shm":        "no space left on device",
		insideRuntime:     "no space left on device",
		"/dev":            "read-only file system",
		"/":               "read-only file system",
		"/home":           "read-only file system",
		"/run/user":       "read-only file system",
		"/tmp/.X11-unix/": "no space left on device",
	} {
		t.Run(thing, func(t *testing.T) {
			own := beginStage(t, l, "eve")
			entry := hostileEntry()
			entry.Command = []string{self, "greedy", "fill=" + thing} // no path, which would be shown
			p := own.start(t, l, entry)
			eventually(t, "the end of what it gets", func() bool {
				said, err := os.ReadFile(p.home + ".log")
				return err == nil && strings.Contains(string(said), want)
			})
			if took := len(descendants(t, p)); took > 64 {
				t.Errorf("the game has %d processes", took)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("memory", func(t *testing.T) {
		entry := hostileEntry()
		entry.Command = []string{self, "greedy", "memory"}
		p := beginStage(t, l, "eve").start(t, l, entry)
		awaitDone(t, p.Done())
		// Without cgroups the program is refused more, and says so itself.
		want := "it wanted more memory than its 256MiB"
		if l.works.Limits != nil {
			want = "exit status 2"
		}
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it ended with %v, want %s", err, want)
		}
	})
}

func hostileEntry() Entry {
	entry := shell("")
	entry.Title, entry.Command = "Hostile", []string{self, "hostile"}
	entry.Limits = Limits{Memory: 256 * MiB, Processes: 64}
	return entry
}
