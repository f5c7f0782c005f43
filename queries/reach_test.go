package queries_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/queries"
)

// door is a way to a database that can be shut.
type door struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	silent bool // it takes what is sent, and nothing comes of it
	shut   bool // it refuses
	open   map[net.Conn]bool
	group  sync.WaitGroup
}

// newDoor returns a door to the database of a URL, and the URL that leads there.
func newDoor(t *testing.T, database string) (*door, string) {
	t.Helper()
	to, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	query := to.Query()
	name := ".s.PGSQL." + query.Get("port")
	if query.Get("port") == "" {
		name += "5432"
	}
	dir, err := os.MkdirTemp("", "door")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	d := &door{listener: listener, to: filepath.Join(query.Get("host"), name), open: map[net.Conn]bool{}}
	d.group.Go(d.serve)
	t.Cleanup(func() {
		_ = listener.Close()
		d.set(false, true)
		d.group.Wait()
		_ = os.RemoveAll(dir)
	})
	query.Set("host", dir)
	to.RawQuery = query.Encode()
	return d, to.String()
}

func (d *door) set(silent, shut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent, d.shut = silent, shut
	if !silent {
		for conn := range d.open {
			_ = conn.Close() // also those that were silent: what they took is lost
		}
	}
}

func (d *door) serve() {
	for {
		from, err := d.listener.Accept()
		if err != nil {
			return
		}
		d.group.Go(func() { d.pass(from) })
	}
}

func (d *door) pass(from net.Conn) {
	to, err := net.Dial("unix", d.to)
	if err != nil {
		_ = from.Close()
		return
	}
	d.mu.Lock()
	d.open[from], d.open[to] = true, true
	if d.shut {
		_, _ = from.Close(), to.Close()
	}
	d.mu.Unlock()
	d.group.Go(func() { d.copy(from, to) })
	d.copy(to, from)
	d.mu.Lock()
	delete(d.open, from)
	delete(d.open, to)
	d.mu.Unlock()
}

func (d *door) copy(to io.WriteCloser, from io.Reader) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		d.mu.Lock()
		silent := d.silent
		d.mu.Unlock()
		if !silent {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// TestADatabaseThatIsAway: who asks hears of it soon, and at once when it is
// known; and everybody goes on as soon as it is back.
func TestADatabaseThatIsAway(t *testing.T) {
	for _, away := range []struct {
		name         string
		silent, shut bool
	}{{name: "refuses", shut: true}, {name: "is silent", silent: true}} {
		t.Run(away.name, func(t *testing.T) {
			t.Parallel()
			door, at := newDoor(t, postgres.Database(t))
			db, err := queries.Open(t.Context(), at, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(db.Close)
			if _, err := db.WholeLibrary(t.Context()); err != nil {
				t.Fatal(err)
			}
			waits := make(chan error, 1)
			for range 50 { // more than there are connections
				go func() { _, err := db.WholeLibrary(t.Context()); waits <- err }()
			}
			for range 50 {
				if err := <-waits; err != nil {
					t.Fatal(err)
				}
			}
			door.set(away.silent, away.shut)
			began := time.Now()
			for range 50 {
				go func() { _, err := db.WholeLibrary(t.Context()); waits <- err }()
			}
			for range 50 {
				if err := <-waits; !errors.Is(err, queries.ErrUnavailable) {
					t.Fatalf("got %v", err)
				}
			}
			t.Logf("50 who asked heard of it within %s", time.Since(began))
			if err := db.Await(t.Context(), queries.ViewSession, 5); !errors.Is(err, queries.ErrUnavailable) {
				t.Errorf("who waits for a position hears %v", err)
			}
			began = time.Now()
			for range 1000 {
				if _, err := db.Session(t.Context(), events.NewSessionID()); !errors.Is(err, queries.ErrUnavailable) {
					t.Fatalf("got %v", err)
				}
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("1000 questions took %s", took)
			}
			watch := db.Watch()
			defer watch.Close()
			door.set(false, false)
			select {
			case c := <-watch.C:
				if !c.Touches("session-a") {
					t.Errorf("the change is of %+v alone", c)
				}
			case <-time.After(patience):
				t.Fatal("it did not come back")
			}
			for range 50 {
				if _, err := db.WholeLibrary(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
