package link

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Direction is one direction of a link that runs: a thread of its own takes
// packets from one device and gives them to the other when the shaper lets
// them go. All packets that a device holds are taken before any leaves, so
// that a burst queues as it came.
type Direction struct {
	from, to, wake int // file descriptors
	began          time.Time
	done           sync.WaitGroup

	mu     sync.Mutex
	shaper *Shaper
	ended  bool
	late   []time.Duration // how much later than it should a packet left
	err    error
}

// startDirection forwards from one device to another.
func startDirection(from, to int, shaper *Shaper, began time.Time) (*Direction, error) {
	wake, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	d := &Direction{from: from, to: to, wake: wake, began: began, shaper: shaper, late: make([]time.Duration, 0, logged)}
	d.done.Go(d.run)
	return d, nil
}

// Set changes the conditions from now on.
func (d *Direction) Set(c Conditions) {
	d.mu.Lock()
	d.shaper.Set(time.Since(d.began), c)
	d.mu.Unlock()
	d.stir()
}

// Packets is the record of all packets so far.
func (d *Direction) Packets() []Packet {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.shaper.Log())
}

// Late is how much later than they should have packets left: the forwarder's
// own delay, one value a packet.
func (d *Direction) Late() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.late)
}

// stir wakes the thread, so that it looks at what has changed.
func (d *Direction) stir() {
	// The counter can't be full: whoever reads it empties it.
	_, _ = unix.Write(d.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

// stop ends the thread and says why it ended before, if it did.
func (d *Direction) stop() error {
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
	d.stir()
	d.done.Wait()
	if err := unix.Close(d.wake); d.err == nil {
		return err
	}
	return d.err
}

func (d *Direction) run() {
	runtime.LockOSThread() // never unlocked: the priority is the thread's
	// A packet must not wait for a frame's encoding. Without the right to this
	// packets are later, which Late tells.
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}, 0)
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	polled := []unix.PollFd{{Fd: int32(d.from), Events: unix.POLLIN}, {Fd: int32(d.wake), Events: unix.POLLIN}}
	buffer := make([]byte, MTU)
	for {
		wait, going, err := d.pass(buffer)
		if err != nil || !going {
			d.err = err
			return
		}
		if _, err := unix.Ppoll(polled, wait, nil); err != nil && err != unix.EINTR {
			d.err = fmt.Errorf("wait for packets: %w", err)
			return
		}
		if polled[1].Revents != 0 {
			_, _ = unix.Read(d.wake, buffer)
		}
	}
}

// pass takes what has come and gives what is due, and says how long there is
// nothing to do, nil for as long as nothing comes.
func (d *Direction) pass(buffer []byte) (wait *unix.Timespec, going bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return nil, false, nil
	}
	for {
		n, err := unix.Read(d.from, buffer)
		if err == unix.EAGAIN || err == unix.EINTR {
			break
		}
		if err != nil {
			return nil, false, fmt.Errorf("take a packet: %w", err)
		}
		if n > 0 && buffer[0]>>4 == 4 { // the kernel's own, of IPv6, are not what is measured
			d.shaper.Push(time.Since(d.began), buffer[:n])
		}
	}
	for {
		next, any := d.shaper.Next()
		if !any {
			return nil, true, nil
		}
		now := time.Since(d.began)
		p, ok := d.shaper.Pop(now)
		if !ok {
			if next, any = d.shaper.Next(); !any {
				return nil, true, nil
			}
			t := unix.NsecToTimespec(int64(max(0, next-now)))
			return &t, true, nil
		}
		if _, err := unix.Write(d.to, p); err != nil {
			return nil, false, fmt.Errorf("give a packet: %w", err)
		}
		d.late = append(d.late, time.Since(d.began)-next)
	}
}
