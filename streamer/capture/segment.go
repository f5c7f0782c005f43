package capture

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// segment is shared memory (System V) into which the X server writes pictures.
type segment struct {
	id   int
	data []byte
}

// newSegment makes and attaches a segment. Until it is marked by remove, it
// outlives the process.
func newSegment(size int) (*segment, error) {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, size, unix.IPC_CREAT|0o600)
	if err != nil {
		return nil, fmt.Errorf("shared memory of %d bytes: %w", size, err)
	}
	data, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		unix.SysvShmCtl(id, unix.IPC_RMID, nil)
		return nil, fmt.Errorf("attach shared memory: %w", err)
	}
	return &segment{id: id, data: data}, nil
}

// remove marks the segment, so that it goes with the last process attached to
// it, however that ends. Nobody can attach after that.
func (s *segment) remove() error {
	if _, err := unix.SysvShmCtl(s.id, unix.IPC_RMID, nil); err != nil {
		return fmt.Errorf("mark shared memory for removal: %w", err)
	}
	return nil
}

func (s *segment) detach() error {
	data := s.data
	s.data = nil
	if err := unix.SysvShmDetach(data); err != nil {
		return fmt.Errorf("detach shared memory: %w", err)
	}
	return nil
}
