package game

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// output collects what a process prints: its end in memory, and in a file if
// there is one. The file is cut to its last half when it is full, so it never
// takes more than maxLog bytes; what is cut is lost.
type output struct {
	reader *os.File
	file   *os.File // nil: memory only
	done   chan struct{}

	mu   sync.Mutex
	tail []byte // at most tailSize
	size int64  // of the file
}

const (
	maxLog   = 512 << 10
	tailSize = 4 << 10
)

// newOutput returns where the process shall write. The caller closes it once
// the process has it, and calls close when the process has ended.
func newOutput(path string) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	o := &output{reader: r, done: make(chan struct{})}
	if path != "" {
		if o.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			r.Close()
			w.Close()
			return nil, nil, err
		}
	}
	go o.run()
	return o, w, nil
}

// How fast the words of a process are read: 5 MiB/s. One that has no end of them
// waits for us then, as at a slow terminal. Else it would take as much of our
// time, which no cgroup bounds, as it takes of its own.
const (
	readAtOnce = 256 << 10
	readEvery  = 50 * time.Millisecond
)

func (o *output) run() {
	defer close(o.done)
	for {
		began := time.Now()
		if _, err := io.CopyN(writerFunc(o.write), o.reader, readAtOnce); err != nil {
			return // it has ended, or close waits no longer
		}
		time.Sleep(readEvery - time.Since(began))
	}
}

// write never returns an error: a game that can't be logged shall still not
// stand still at a full pipe.
func (o *output) write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = append(o.tail, p...)
	if over := len(o.tail) - tailSize; over > 0 {
		o.tail = append(o.tail[:0], o.tail[over:]...)
	}
	if o.file == nil {
		return len(p), nil
	}
	if o.size+int64(len(p)) > maxLog {
		o.cut()
	}
	n, _ := o.file.WriteAt(p, o.size)
	o.size += int64(n)
	return len(p), nil
}

// cut keeps the last half of the file.
func (o *output) cut() {
	half := make([]byte, maxLog/2)
	n, err := o.file.ReadAt(half, max(0, o.size-int64(len(half))))
	if err != nil && !errors.Is(err, io.EOF) || o.file.Truncate(0) != nil {
		o.size = 0
		return
	}
	n, _ = o.file.WriteAt(half[:n], 0)
	o.size = int64(n)
}

// close ends the reading. Nobody holds the other end by now; if somebody does,
// it waits a moment only.
func (o *output) close() {
	o.reader.SetReadDeadline(time.Now().Add(time.Second))
	<-o.done
	o.reader.Close()
	if o.file != nil {
		o.file.Close()
	}
}

// lastLine is the last line printed that is not empty, for error messages.
func (o *output) lastLine() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(o.tail)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// explain adds what the process said last.
func (o *output) explain(err error) error {
	if line := o.lastLine(); line != "" {
		return fmt.Errorf("%w; it said last: %s", err, line)
	}
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
