package capture

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// segment is shared memory into which the X server writes pictures. It has no
// name, so that nobody else can find it, and the server gets it by its file
// descriptor: the server may live in another IPC namespace than we.
type segment struct {
	fd   int // -1 once the server has it
	data []byte
}

// newSegment makes and maps a segment, which goes with the last process that
// has it, however that ends.
func newSegment(size int) (*segment, error) {
	fd, err := unix.MemfdCreate("playcast-picture", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make shared memory: %w", err)
	}
	s := &segment{fd: fd}
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return nil, errors.Join(fmt.Errorf("shared memory of %d bytes: %w", size, err), s.handedOver())
	}
	if s.data, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return nil, errors.Join(fmt.Errorf("map shared memory: %w", err), s.handedOver())
	}
	return s, nil
}

// handedOver closes the descriptor; the memory stays until it is detached.
func (s *segment) handedOver() error {
	fd := s.fd
	s.fd = -1
	if err := unix.Close(fd); err != nil {
		return fmt.Errorf("close the descriptor of shared memory: %w", err)
	}
	return nil
}

func (s *segment) detach() error {
	data := s.data
	s.data = nil
	if err := unix.Munmap(data); err != nil {
		return fmt.Errorf("detach shared memory: %w", err)
	}
	return nil
}
