package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bound is the longest a test waits for anything: far over what it takes, so
// that a busy machine does not fail it.
const bound = 60 * time.Second

// product is a playcast that runs as a process of its own.
type product struct {
	*process
	data      string
	url       string
	store     string
	passwords map[string]string
	took      time.Duration // from the start of the process to its "ready"
}

// up starts a playcast on a data directory and waits until it is ready. The
// test fails if it leaves a process behind.
func up(t *testing.T, data string, more ...string) *product {
	t.Helper()
	t.Cleanup(func() { nothingLeft(t, data) })
	began := time.Now()
	p := &product{process: launch(t, upOn(t, data, more)...), data: data, passwords: map[string]string{}}
	for {
		fields := strings.Fields(p.line())
		switch fields[0] {
		case "account":
			p.passwords[fields[1]] = fields[3]
		case "store":
			p.store = fields[1]
		case "ready":
			p.url, p.took = fields[1], time.Since(began)
			return p
		}
	}
}

// upOn is how a playcast is started on a data directory.
func upOn(t *testing.T, data string, more []string) []string {
	t.Helper()
	return append([]string{"up", "--data", data, "--listen", freeAddress(t), "--media-port", "0", "--store-port", "0", "--limit-requests", "100000"}, more...)
}

// process is a run of the program.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string   // of its standard output; closed at the end
	ended  chan struct{} // closed when it has ended and all is read
	err    error         // how it ended; read after ended
	stderr output
}

// launch starts the program, and kills it at the end of the test if it still runs.
func launch(t *testing.T, arguments ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], arguments...), lines: make(chan string, 1024), ended: make(chan struct{})}
	p.cmd.Stderr = &p.stderr
	// A test that is cut off takes the program with it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.start(stdout); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.ended
		if t.Failed() {
			t.Logf("playcast %s said:\n%s", strings.Join(arguments, " "), p.stderr.tail(60))
		}
	})
	return p
}

// start starts it on a thread that does nothing else until it has ended: for the
// kernel the parent is the thread, and another goroutine may end the one that
// it shares, and with it whatever that has started.
func (p *process) start(stdout io.Reader) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.follow(stdout)
		}
	}()
	return <-started
}

func (p *process) follow(stdout io.Reader) {
	defer close(p.ended)
	for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
		p.lines <- scanner.Text()
	}
	close(p.lines)
	p.err = p.cmd.Wait()
}

// line returns the next line of the standard output that is not empty.
func (p *process) line() string {
	p.t.Helper()
	for deadline := time.After(bound); ; {
		select {
		case line, more := <-p.lines:
			if !more {
				<-p.ended
				p.t.Fatalf("playcast ended (%v): %s", p.err, p.stderr.tail(20))
			}
			if strings.TrimSpace(line) != "" {
				return line
			}
		case <-deadline:
			p.t.Fatalf("playcast said nothing for %s", bound)
		}
	}
}

func (p *process) signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("send %s: %v", s, err)
	}
}

// exit waits for the end and returns the exit code.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(bound):
		p.t.Fatalf("playcast has not ended after %s", bound)
		return 0
	}
}

// stop interrupts playcast as Ctrl-C does, wants it to end well, with all it
// has started, and returns how long that took.
func (p *product) stop() time.Duration {
	p.t.Helper()
	began := time.Now()
	p.signal(syscall.SIGINT)
	if code := p.exit(); code != 0 {
		p.t.Fatalf("playcast ended with %d: %s", code, p.stderr.tail(20))
	}
	took := time.Since(began)
	if left := processesOf(p.data); len(left) > 0 {
		p.t.Errorf("playcast has ended and left behind %v", left)
	}
	return took
}

// kill ends playcast without a warning, and nothing but it.
func (p *product) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	p.exit()
}

// refused runs the program, which has to end with code 1 and a message that
// holds all of these words.
func refused(t *testing.T, arguments, words []string) *process {
	t.Helper()
	p := launch(t, arguments...)
	code, said := p.exit(), p.stderr.tail(10)
	_, said, found := strings.Cut("\n"+said, "\nplaycast: ") // the log comes before
	if code != 1 || !found {
		t.Errorf("it ended with %d and said %q, want 1 and why", code, p.stderr.tail(10))
	}
	for _, word := range words {
		if !strings.Contains(said, word) {
			t.Errorf("it said %q, which has no %q", said, word)
		}
	}
	return p
}

// output keeps what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// tail returns the last lines.
func (o *output) tail(lines int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := strings.Split(strings.TrimSpace(o.text.String()), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (o *output) has(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Contains(o.text.String(), text)
}

// running is a process on this machine.
type running struct {
	pid         int
	command     string
	environment map[string]string
}

func (r running) String() string { return fmt.Sprintf("%d (%s)", r.pid, r.command) }

// makesSandbox says whether the process is bubblewrap's, around another.
func (r running) makesSandbox() bool {
	program, _, _ := strings.Cut(r.command, " ")
	return filepath.Base(program) == "bwrap" || filepath.Base(program) == "nsenter"
}

// processesOf lists the processes that work for a data directory: that name it
// in their command line or environment, or have their working directory there.
func processesOf(data string) []running {
	var found []running
	directories, _ := filepath.Glob("/proc/[0-9]*") // the only error is a bad pattern
	for _, directory := range directories {
		pid, err := strconv.Atoi(filepath.Base(directory))
		if err != nil || pid == os.Getpid() {
			continue
		}
		// What can't be read has ended meanwhile, or is the kernel's.
		command, _ := os.ReadFile(filepath.Join(directory, "cmdline"))
		environment, _ := os.ReadFile(filepath.Join(directory, "environ"))
		place, _ := os.Readlink(filepath.Join(directory, "cwd"))
		if len(command) == 0 || !bytes.Contains(command, []byte(data)) &&
			!bytes.Contains(environment, []byte(data)) && !strings.HasPrefix(place, data) {
			continue
		}
		r := running{pid: pid, command: strings.ReplaceAll(strings.Trim(string(command), "\x00"), "\x00", " "), environment: map[string]string{}}
		for _, variable := range strings.Split(string(environment), "\x00") {
			name, value, _ := strings.Cut(variable, "=")
			r.environment[name] = value
		}
		found = append(found, r)
	}
	return found
}

// nothingLeft wants every process of a data directory to end by itself.
func nothingLeft(t *testing.T, data string) {
	t.Helper()
	eventually(t, "every process to end", func() (bool, any) {
		left := processesOf(data)
		return len(left) == 0, left
	})
}

// eventually looks until the condition holds. What it saw last is in the
// failure.
func eventually(t *testing.T, what string, condition func() (bool, any)) {
	t.Helper()
	eventuallyIn(t, bound, what, condition)
}

// eventuallyIn is for what takes its time.
func eventuallyIn(t *testing.T, bound time.Duration, what string, condition func() (bool, any)) {
	t.Helper()
	deadline := time.After(bound)
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		ok, saw := condition()
		if ok {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("waited %s for %s, and saw %+v", bound, what, saw)
		}
	}
}

// freeAddress returns an address of this machine that nobody listens on. Its
// port is below those that the system gives out by itself, so that it is still
// free when playcast comes to it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(10_000+rand.IntN(20_000)))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	t.Fatal("no port is free")
	return ""
}

// dataIn returns the path of a data directory that is not there yet. Its name
// is short: a socket's path has a limit.
func dataIn(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the data: %v", err)
		}
	})
	// The private database's own user has to get through.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}
