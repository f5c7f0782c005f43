// Package link is a network that can be told how to be: two network namespaces
// and between them a forwarder of ours that limits the rate, delays and loses
// packets, each direction apart.
//
//	namespace A          this process             namespace B
//	10.213.0.1 ─ TUN ─▶ Shaper (Down) ─▶ TUN ─ 10.213.0.2
//	           ◀─ TUN ─ Shaper (Up)  ◀─ TUN ─
//
// The Shaper is the whole behaviour, in virtual time; the rest carries packets
// to it and away. Each packet is recorded with its fate. Nothing of it has a
// name outside this process, so nothing is left behind, however it ends.
package link

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Addresses of the two ends.
var (
	addressA = net.IPv4(10, 213, 0, 1)
	addressB = net.IPv4(10, 213, 0, 2)
)

// End is one end of a link: a namespace and its address in the link's network.
type End struct {
	*Namespace
	IP net.IP
}

// Link joins two namespaces.
type Link struct {
	A, B End
	Down *Direction // from A to B
	Up   *Direction // from B to A

	began   time.Time
	devices []int
}

// Open makes the namespaces and begins to forward. Close ends it.
func Open(down, up Conditions) (_ *Link, err error) {
	l := &Link{began: time.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	for _, end := range []struct {
		end *End
		ip  net.IP
	}{{&l.A, addressA}, {&l.B, addressB}} {
		n, err := NewNamespace()
		if err != nil {
			return nil, err
		}
		*end.end = End{Namespace: n, IP: end.ip}
		device, err := n.openPort(&net.IPNet{IP: end.ip, Mask: net.CIDRMask(24, 32)})
		if err != nil {
			return nil, err
		}
		l.devices = append(l.devices, device)
	}
	if l.Down, err = startDirection(l.devices[0], l.devices[1], NewShaper(down, 1), l.began); err != nil {
		return nil, fmt.Errorf("start the forwarder: %w", err)
	}
	if l.Up, err = startDirection(l.devices[1], l.devices[0], NewShaper(up, 2), l.began); err != nil {
		return nil, fmt.Errorf("start the forwarder: %w", err)
	}
	return l, nil
}

// Began is the instant that the records' times count from.
func (l *Link) Began() time.Time { return l.began }

// Close ends the forwarding and lets the namespaces go. Processes in them are
// sent their farewell signals, and must be waited for by who started them.
func (l *Link) Close() error {
	var errs []error
	for _, d := range []*Direction{l.Down, l.Up} {
		if d != nil {
			errs = append(errs, d.stop())
		}
	}
	for _, device := range l.devices {
		errs = append(errs, unix.Close(device))
	}
	for _, end := range []End{l.A, l.B} {
		if end.Namespace != nil {
			end.Namespace.Close()
		}
	}
	return errors.Join(errs...)
}
