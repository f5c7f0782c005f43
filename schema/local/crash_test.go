package local_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/playcast/playcast/schema/local"
)

// childDir names the directory in which this program, started again by a test,
// is to run a server until it is killed.
const childDir = "PLAYCAST_TEST_LOCAL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(runChild(dir))
	}
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// runChild commits one row a statement and prints its number when it is there.
func runChild(dir string) int {
	ctx := context.Background()
	s, err := local.Start(ctx, local.Config{Dir: dir})
	if err != nil {
		fmt.Println("child:", err)
		return 1
	}
	conn, err := pgx.Connect(ctx, s.URL())
	if err == nil {
		_, err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS counted (n int)")
	}
	for n := 1; err == nil; n++ {
		if _, err = conn.Exec(ctx, "INSERT INTO counted VALUES ($1)", n); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Println("child:", err)
	return 1
}

func TestStartAfterKill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		end  func(c *child, postmaster int)
	}{
		{"of playcast", func(c *child, _ int) { c.kill() }},
		{"of playcast and the server", func(c *child, postmaster int) {
			c.kill()
			// It may have left by itself in between, which is as good.
			_ = unix.Kill(postmaster, unix.SIGKILL)
		}},
		{"of the server, then playcast", func(c *child, postmaster int) {
			_ = unix.Kill(postmaster, unix.SIGKILL)
			c.kill()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			crashed := startChild(t, dir)
			c.end(crashed, postmasterPID(t, dir))

			began := time.Now()
			s := start(t, dir)
			t.Logf("start after the kill took %s", time.Since(began))
			if got, _ := strconv.Atoi(query(t, s, "SELECT count(*)::text FROM counted")); got < crashed.acked {
				t.Errorf("%d rows, but %d were acknowledged", got, crashed.acked)
			}
			closeServer(t, s)
		})
	}
}

func TestServerEndsWithPlaycast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	crashed := startChild(t, dir)
	fd, err := unix.PidfdOpen(postmasterPID(t, dir), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	crashed.kill()
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 30_000)
	for err == unix.EINTR {
		n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 30_000)
	}
	if err != nil || n != 1 {
		t.Fatalf("30 s after the kill the server still runs (%v)", err)
	}
}

// A process number from before a reboot may belong to any program now.
func TestStartWithLocksThatNameAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closeServer(t, start(t, dir))
	other := osexec.Command("cat")
	hold, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		hold.Close()
		if err := other.Wait(); err != nil {
			t.Errorf("the other program was harmed: %v", err)
		}
	}()
	for _, stale := range []string{"postmaster.pid", ".s.PGSQL.5432.lock"} {
		text := fmt.Sprintf("%d\n%s\n0\n5432\n\n\n", other.Process.Pid, dir)
		if err := os.WriteFile(filepath.Join(dir, "cluster", stale), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	closeServer(t, start(t, dir))
}

// child is this program, started again to run a server.
type child struct {
	cmd   *osexec.Cmd
	said  string // what it printed besides numbers; read after done
	acked int    // the last row acknowledged; read after done
	done  chan struct{}
}

// startChild returns once the child has had some rows acknowledged.
func startChild(t *testing.T, dir string) *child {
	t.Helper()
	c := &child{cmd: osexec.Command(os.Args[0]), done: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.kill)
	enough := make(chan struct{})
	go func() {
		defer close(c.done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				c.said += lines.Text()
				continue
			}
			if c.acked = n; n == 50 {
				close(enough)
			}
		}
		_ = c.cmd.Wait() // killed, or told by said
	}()
	select {
	case <-enough:
	case <-c.done:
		t.Fatalf("the child ended: %s", c.said)
	}
	return c
}

// kill ends the child as kill -9 does, unless it has ended, and waits.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.done
}

func postmasterPID(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "cluster", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
