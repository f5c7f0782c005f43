package game

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// network is a game's way out: slirp4netns makes its connections as a program of
// ours would, but for those to this machine's loopback, where services listen
// that trust whoever reaches them, the event store before all.
//
//	game ─▶ tap0, in its network namespace ─▶ slirp4netns ─▶ the host's network
type network struct{ child *child }

// networkTimeout bounds the start of slirp4netns, which takes about 50 ms.
const networkTimeout = 10 * time.Second

// nameserver is slirp4netns's, inside.
const nameserver = "10.0.2.3"

var errNoNetwork = errors.New("it may use the network, for which the program slirp4netns is not installed: apt-get install slirp4netns")

// tryNetwork says whether games can be let into the network.
func tryNetwork() error {
	if _, err := lookPath("slirp4netns"); err != nil {
		return errNoNetwork
	}
	const device = "/dev/net/tun"
	if err := unix.Access(device, unix.R_OK|unix.W_OK); err != nil {
		return fmt.Errorf("it may use the network, for which the device %s is needed: %w", device, err)
	}
	return nil
}

// startNetwork connects the network namespace of a process.
func (l *Launcher) startNetwork(launch Launch, first process) (_ *network, err error) {
	program, err := lookPath("slirp4netns")
	if err != nil {
		return nil, errNoNetwork
	}
	owner, err := namespaceOwner(first.PID)
	if err != nil {
		return nil, err
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, owner.Close())
	}
	defer ready.Close()
	dir, record, err := l.makeDir(launch.Session, "network")
	if err != nil {
		return nil, errors.Join(err, owner.Close(), tell.Close())
	}
	c, err := newChild(dir, []string{program, "--configure", "--disable-host-loopback", "--enable-sandbox", "--enable-seccomp",
		"--userns-path=/proc/self/fd/3", "--ready-fd=4", "--netns-type=path", "/proc/" + strconv.Itoa(first.PID) + "/ns/net", "tap0",
	}, []string{"PATH=" + searchPath}, "")
	if err != nil {
		return nil, errors.Join(err, owner.Close(), tell.Close(), os.RemoveAll(dir))
	}
	c.cmd.ExtraFiles = []*os.File{owner, tell}
	if err := l.start(c); err != nil {
		return nil, err
	}
	if err := errors.Join(c.record(record), awaitNetwork(ready)); err != nil {
		return nil, errors.Join(c.output.explain(err), c.close())
	}
	return &network{child: c}, nil
}

// awaitNetwork waits until slirp4netns says that it is there.
func awaitNetwork(ready *os.File) error {
	if err := ready.SetReadDeadline(time.Now().Add(networkTimeout)); err != nil {
		return err
	}
	if n, err := ready.Read(make([]byte, 1)); n == 0 {
		return fmt.Errorf("connect the game's network: %w", err)
	}
	return nil
}

// namespaceOwner is the user namespace in which a process's network namespace
// was made, and whose powers are needed to change it.
func namespaceOwner(pid int) (*os.File, error) {
	namespace, err := os.Open("/proc/" + strconv.Itoa(pid) + "/ns/net")
	if err != nil {
		return nil, fmt.Errorf("open the game's network: %w", err)
	}
	defer namespace.Close()
	owner, err := unix.IoctlRetInt(int(namespace.Fd()), unix.NS_GET_USERNS)
	if err != nil {
		return nil, fmt.Errorf("find the owner of the game's network: %w", err)
	}
	return os.NewFile(uintptr(owner), "the owner of a network namespace"), nil
}

// close ends the connection. It may be called again, and on none.
func (n *network) close() error {
	if n == nil {
		return nil
	}
	return n.child.close()
}
