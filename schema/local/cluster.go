package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// socketLimit is the longest path of a Unix socket on Linux (unix(7)), without
// its closing zero byte.
const socketLimit = 107

// socketName is the file PostgreSQL creates for port 5432.
const socketName = ".s.PGSQL.5432"

// superuser owns the cluster's databases; it is also the database's name.
const superuser = "playcast"

// cluster is a data directory that this process has for itself.
type cluster struct {
	root  string // Config.Dir, absolute
	tools Tools
	lock  *os.File
	dir   *os.File // the data directory
	user  *syscall.Credential
	url   string

	throwaway bool
}

// openCluster takes the directory for this process, ends what an earlier one
// may have left running in it, and creates the cluster if there is none.
func openCluster(ctx context.Context, cfg Config) (*cluster, error) {
	root, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	c := &cluster{root: root, throwaway: cfg.Throwaway}
	if c.lock, err = takeLock(filepath.Join(root, "lock")); err != nil {
		return nil, err
	}
	if err := c.prepare(ctx, cfg.BinDir); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *cluster) prepare(ctx context.Context, binDir string) error {
	path := filepath.Join(c.root, "cluster")
	version, err := writtenBy(path)
	if err != nil {
		return err
	}
	found, err := Find(ctx, binDir)
	if err != nil {
		return err
	}
	if c.tools, err = choose(found, path, version); err != nil {
		return err
	}
	if version == "" {
		if err := c.create(ctx, path); err != nil {
			return fmt.Errorf("create %s: %w", path, err)
		}
	}
	if c.user, err = userFor(path); err != nil {
		return err
	}
	if err := evict(ctx, path); err != nil {
		return err
	}
	if c.dir, err = os.Open(path); err != nil {
		return err
	}
	c.url = databaseURL(path, c.dir)
	return nil
}

// writtenBy is the major version that wrote the cluster, empty if there is none.
func writtenBy(path string) (string, error) {
	text, err := os.ReadFile(filepath.Join(path, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(path); err == nil {
			return "", fmt.Errorf("%s holds no PostgreSQL cluster: move it away", path)
		}
		return "", nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("%w: it was created by another user: start as that user, or as root", err)
	}
	return strings.TrimSpace(string(text)), err
}

// create runs initdb beside the final place and renames the result, so that a
// cluster is there whole or not at all.
func (c *cluster) create(ctx context.Context, path string) error {
	unfinished := path + ".new"
	if _, err := os.Stat(unfinished); err == nil {
		if err := evict(ctx, unfinished); err != nil {
			return err
		}
		if err := os.RemoveAll(unfinished); err != nil {
			return err
		}
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := giveAway(unfinished); err != nil {
		return err
	}
	user, err := userFor(unfinished)
	if err != nil {
		return err
	}
	c.user = user
	if err := c.initdb(ctx, unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return syncDir(c.root)
}

func (c *cluster) initdb(ctx context.Context, path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	var said strings.Builder
	proc, err := startProcess(c.command(dir, "initdb", &said, initArgs(c.throwaway)...))
	if err != nil {
		return err
	}
	select {
	case <-proc.done:
	case <-ctx.Done():
		proc.kill()
		return context.Cause(ctx)
	}
	if proc.err != nil {
		return fmt.Errorf("initdb: %w: %s", proc.err, strings.TrimSpace(said.String()))
	}
	return nil
}

// command is one of the programs, run as the cluster's owner with the directory
// as descriptor 3, which is how the arguments name it.
func (c *cluster) command(dir *os.File, program string, said io.Writer, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.tools.Dir, program), args...)
	cmd.Dir = "/"                                              // the directory we are in may be closed to that user
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"} // and none of the caller's PG* variables
	cmd.Stdout, cmd.Stderr = said, said
	cmd.ExtraFiles = []*os.File{dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: c.user,
		Setpgid:    true, // Ctrl-C on the terminal is for us; the server ends when we say so
		Pdeathsig:  syscall.SIGINT,
	}
	return cmd
}

// close gives the directory back. The lock goes last.
func (c *cluster) close() {
	if c.dir != nil {
		c.dir.Close()
	}
	c.lock.Close()
}

// databaseURL names the socket by its path, or by our descriptor of the
// directory where the path is too long for a socket or, having a comma, reads
// as two hosts.
func databaseURL(path string, dir *os.File) string {
	if len(path)+1+len(socketName) > socketLimit || strings.Contains(path, ",") {
		path = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), dir.Fd())
	}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + superuser,
		RawQuery: url.Values{"host": {path}, "port": {"5432"}}.Encode()}
	return u.String()
}
