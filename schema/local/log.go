package local

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
)

const (
	logLimit  = 4 << 20 // bytes in a file; with the one before it, 8 MiB at most
	tailLines = 8       // lines kept for an error message
	lineLimit = 4 << 10 // bytes of a line looked at; the file gets all of it
)

// readyLine is what the server says when it accepts connections.
var readyLine = []byte("database system is ready to accept connections")

// serverLog takes what the server says: into a file of bounded size, and past
// an eye that waits for the line that says "ready".
type serverLog struct {
	ready chan struct{} // closed at that line

	mu    sync.Mutex
	path  string
	file  *os.File
	size  int64
	line  []byte   // the unfinished last line
	lines []string // the last whole lines
}

func openLog(path string) (*serverLog, error) {
	l := &serverLog{ready: make(chan struct{}), path: path}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *serverLog) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write never fails: a full disk must not end the server for its log.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look(p)
	if l.size+int64(len(p)) > logLimit {
		l.rotate()
	}
	if l.file != nil {
		n, _ := l.file.Write(p)
		l.size += int64(n)
	}
	return len(p), nil
}

// rotate starts an empty file and keeps the full one as the only older one.
func (l *serverLog) rotate() {
	if l.file != nil {
		l.file.Close()
	}
	l.file = nil
	// Should either fail, lines are dropped or the file grows until the next
	// Write has more luck; the server runs on.
	_ = os.Rename(l.path, l.path+".1")
	_ = l.open()
}

// look cuts the text into lines.
func (l *serverLog) look(p []byte) {
	for {
		part, rest, whole := bytes.Cut(p, []byte("\n"))
		if room := lineLimit - len(l.line); len(part) > room {
			part = part[:room]
		}
		l.line = append(l.line, part...)
		if !whole {
			return
		}
		l.remember(l.line)
		l.line, p = l.line[:0], rest
	}
}

func (l *serverLog) remember(line []byte) {
	if len(l.lines) == tailLines {
		l.lines = l.lines[1:]
	}
	l.lines = append(l.lines, string(line))
	if bytes.Contains(line, readyLine) {
		select {
		case <-l.ready:
		default:
			close(l.ready)
		}
	}
}

// tail is the end of the log, on one line, for an error.
func (l *serverLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "; ")
}

// Close ends the file. Write must not be running any more.
func (l *serverLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

var _ io.WriteCloser = (*serverLog)(nil)
