package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace of this process. It has no name: the kernel
// frees it, with its interfaces, when the last thread, process and socket in it
// is gone, however this process ends. One goroutine, and so one thread, lives
// in it until Close.
type Namespace struct {
	calls chan func()
	gone  sync.WaitGroup
	once  sync.Once
}

// NewNamespace makes an empty one, its loopback interface up.
func NewNamespace() (*Namespace, error) {
	n := &Namespace{calls: make(chan func())}
	entered := make(chan error)
	n.gone.Go(func() { n.live(entered) })
	if err := <-entered; err != nil {
		return nil, err
	}
	if err := n.Do(func() error { return configure("lo", nil) }); err != nil {
		n.Close()
		return nil, fmt.Errorf("bring up the loopback interface: %w", err)
	}
	return n, nil
}

// live serves the calls. The thread is never unlocked: it ends with the
// goroutine, and can't be taken for one of the namespace it came from.
func (n *Namespace) live(entered chan<- error) {
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		if errors.Is(err, unix.EPERM) {
			err = fmt.Errorf("%w: network namespaces need root, or CAP_SYS_ADMIN and CAP_NET_ADMIN", err)
		}
		entered <- fmt.Errorf("make a network namespace: %w", err)
		return
	}
	close(entered)
	for call := range n.calls {
		call()
	}
}

// Do calls a function on the namespace's thread: sockets that it opens itself,
// not by another goroutine, are the namespace's. Calls come one after the
// other, and none after Close.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error, 1)
	n.calls <- func() { done <- f() }
	return <-done
}

// Start starts a process in the namespace. It is sent a signal when the
// namespace is closed, or when this process ends without having done so.
func (n *Namespace) Start(cmd *exec.Cmd, farewell syscall.Signal) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = farewell // the parent's thread, to the kernel: the namespace's own
	return n.Do(cmd.Start)
}

// ListenUDP opens a socket in the namespace.
func (n *Namespace) ListenUDP(address *net.UDPAddr) (conn *net.UDPConn, err error) {
	err = n.Do(func() error {
		conn, err = net.ListenUDP("udp4", address)
		return err
	})
	return conn, err
}

// Dial connects to an address in the namespace; a host that is no IP address is
// the namespace's own.
func (n *Namespace) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if net.ParseIP(host) == nil { // names take other goroutines to look up
		address = net.JoinHostPort("127.0.0.1", port)
	}
	err = n.Do(func() error {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Close lets the namespace go. Its sockets and processes keep it until they
// end.
func (n *Namespace) Close() {
	n.once.Do(func() { close(n.calls) })
	n.gone.Wait()
}

// MTU of the ports: what IP carries on Ethernet.
const MTU = 1500

// openPort gives the namespace a device with an address, and the network
// around it as its only way.
func (n *Namespace) openPort(address *net.IPNet) (fd int, err error) {
	err = n.Do(func() error {
		if fd, err = openTUN("link0"); err != nil {
			return err
		}
		if err := configure("link0", address); err != nil {
			return errors.Join(fmt.Errorf("configure the device: %w", err), unix.Close(fd))
		}
		return nil
	})
	return fd, err
}

func openTUN(name string) (int, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("open a TUN device: %w (needs /dev/net/tun: modprobe tun, or --device /dev/net/tun in a container)", err)
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, errors.Join(err, unix.Close(fd))
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return 0, errors.Join(fmt.Errorf("make a TUN device: %w (needs CAP_NET_ADMIN)", err), unix.Close(fd))
	}
	return fd, nil
}

// configure gives an interface of the thread's namespace an address, if there
// is one, and brings it up (netdevice(7)).
func configure(name string, address *net.IPNet) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	if address != nil {
		for _, set := range []struct {
			what  uint
			value net.IP
		}{{unix.SIOCSIFADDR, address.IP}, {unix.SIOCSIFNETMASK, net.IP(address.Mask)}} {
			request, err := unix.NewIfreq(name)
			if err != nil {
				return err
			}
			if err := request.SetInet4Addr(set.value.To4()); err != nil {
				return err
			}
			if err := unix.IoctlIfreq(socket, set.what, request); err != nil {
				return err
			}
		}
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
}
