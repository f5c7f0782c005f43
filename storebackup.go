package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/playcast/playcast/events/node"
)

type storeBackupCommand struct {
	To string `required:"" placeholder:"DIR|FILE.tar|-" help:"A directory that is missing or empty, a file whose name ends in .tar, or - for a tar stream on the standard output."`
}

// Run takes a backup, of the files or from the running node.
func (b *storeBackupCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	d, err := c.stopped(t)
	if d == nil || err != nil {
		if err == nil {
			err = b.online(ctx, t, c)
		}
		return err
	}
	switch {
	case b.To == "-":
		err = d.Backup(ctx, t.out)
	case strings.HasSuffix(b.To, ".tar"):
		err = wholeFile(b.To, func(f io.Writer) error { return d.Backup(ctx, f) })
	default:
		err = d.BackupTo(ctx, b.To)
	}
	return errors.Join(err, d.Close())
}

func (b *storeBackupCommand) online(ctx context.Context, t *terminal, c *storeCommand) error {
	answer, err := c.ask(ctx, http.MethodGet, "backup")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	stream := func(to io.Writer) error {
		if _, err := io.Copy(to, answer.Body); err != nil {
			return fmt.Errorf("read the backup: %w", err)
		}
		if answer.Trailer.Get(node.WholeTrailer) == "" {
			return errors.New("the backup ended early: the log of the running playcast says why")
		}
		return nil
	}
	switch {
	case b.To == "-":
		return stream(t.out)
	case strings.HasSuffix(b.To, ".tar"):
		return wholeFile(b.To, stream)
	}
	_, err = node.Restore(ctx, answer.Body, b.To) // a backup in a directory is a store
	return err
}

// wholeFile writes a file that is not there, whole and synced or not at all.
func wholeFile(name string, write func(io.Writer) error) error {
	if _, err := os.Stat(name); err == nil {
		return fmt.Errorf("%s is there already: name another file", name)
	}
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, name)
}

type storeRestoreCommand struct {
	From string `required:"" placeholder:"DIR|FILE.tar|-" help:"The backup."`
}

// Run restores into the data directory, which may not have a store. What was
// derived from another log has to be built again.
func (r *storeRestoreCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	report, err := r.restore(ctx, c.dir())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "restored %d events of %d streams, up to position %d\n", report.Events, report.Streams, report.Head)
	if _, there := os.Stat(filepath.Join(c.Data, "postgres")); there == nil {
		t.log.Warn("the data directory has a database whose read models may be ahead of the restored log: remove it, unless it was restored as well; they are built again from the log",
			"database", filepath.Join(c.Data, "postgres"))
	}
	return err
}

func (r *storeRestoreCommand) restore(ctx context.Context, dir string) (node.Report, error) {
	if r.From == "-" {
		return node.Restore(ctx, os.Stdin, dir)
	}
	info, err := os.Stat(r.From)
	if err != nil {
		return node.Report{}, fmt.Errorf("--from: %w", err)
	}
	if info.IsDir() {
		return node.RestoreFrom(ctx, r.From, dir)
	}
	f, err := os.Open(r.From)
	if err != nil {
		return node.Report{}, fmt.Errorf("--from: %w", err)
	}
	defer f.Close()
	return node.Restore(ctx, f, dir)
}

type storeVerifyCommand struct {
	Directory string `arg:"" optional:"" type:"path" help:"The directory of a store or backup. Default: the store in the data directory."`
}

// Run fails where something is damaged, after saying what.
func (v *storeVerifyCommand) Run(ctx context.Context, t *terminal, c *storeCommand) error {
	dir := v.Directory
	if dir == "" {
		if err := c.exists(); err != nil {
			return err
		}
		dir = c.dir()
	}
	report, err := node.Verify(ctx, dir)
	if errors.Is(err, node.ErrInUse) {
		return fmt.Errorf("%w (of one that runs, take a backup and verify that)", err)
	}
	if err != nil {
		return err
	}
	for _, line := range report.Damage {
		fmt.Fprintln(t.out, "damage:", line)
	}
	fmt.Fprintf(t.out, "read %d events of %d streams up to position %d, %d tables; %d events scavenged\n",
		report.Events, report.Streams, report.Head, report.Tables, report.Cut)
	if !report.Sealed {
		fmt.Fprintln(t.out, "the store was not closed: whether the end of its write-ahead log was torn or damaged can't be told")
	}
	if report.Faults > 0 {
		return fmt.Errorf("%s: %d faults: restore a backup, or export what can be read", dir, report.Faults)
	}
	return nil
}
