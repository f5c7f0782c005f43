package schematest

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Door is a way to a database of a Server that can be shut, as if the database
// were away.
type Door struct {
	to string // the server's socket

	mu    sync.Mutex
	is    doorState
	ends  map[net.Conn]bool
	group sync.WaitGroup
}

type doorState int

const (
	doorOpen doorState = iota
	doorShut
	doorSilent
)

// NewDoor returns an open door to the database of a URL, and the URL that leads
// through it until the test ends.
func NewDoor(t testing.TB, database string) (*Door, string) {
	t.Helper()
	through, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "door")
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	listener, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	query := through.Query()
	d := &Door{to: filepath.Join(query.Get("host"), socket), ends: map[net.Conn]bool{}}
	d.group.Go(func() { d.serve(listener) })
	t.Cleanup(func() {
		_ = listener.Close()
		d.Shut()
		d.group.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	query.Set("host", dir)
	through.RawQuery = query.Encode()
	return d, through.String()
}

// Open lets everybody through, and ends what began while it was silent: what was
// sent then is lost.
func (d *Door) Open() { d.set(doorOpen) }

// Shut ends all connections, and lets none through.
func (d *Door) Shut() { d.set(doorShut) }

// Silence lets nothing through, and tells nobody.
func (d *Door) Silence() { d.set(doorSilent) }

func (d *Door) set(to doorState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.is = to; to == doorSilent {
		return
	}
	for end := range d.ends {
		_ = end.Close() // it may be closed
	}
}

func (d *Door) serve(listener net.Listener) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("unix", d.to)
		if err != nil || !d.enter(from, to) {
			_ = from.Close()
			continue
		}
		d.group.Go(func() { d.pass(to, from) })
		d.group.Go(func() { d.pass(from, to) })
	}
}

// enter takes both ends of a connection, unless the door is shut.
func (d *Door) enter(from, to net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.is == doorShut {
		_ = to.Close()
		return false
	}
	d.ends[from], d.ends[to] = true, true
	return true
}

func (d *Door) pass(to, from net.Conn) {
	_, _ = io.Copy(listening{d, to}, from) // ends with either of them
	_, _ = to.Close(), from.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.ends, from)
}

// listening writes what the door lets through.
type listening struct {
	door *Door
	to   net.Conn
}

func (l listening) Write(p []byte) (int, error) {
	l.door.mu.Lock()
	silent := l.door.is == doorSilent
	l.door.mu.Unlock()
	if silent {
		return len(p), nil
	}
	return l.to.Write(p)
}
