package node

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Report is what Verify found. A store without Faults is whole.
type Report = eventlog.Report

// Verify reads all of a store that no process has open, and changes nothing:
// the files against their seal where the store was closed, the checksum of
// every block and record, the order of positions and revisions, and whether
// indexes and records agree. Damage is in the report, with lines for people;
// the error is for what kept it from looking, such as ErrInUse.
func Verify(ctx context.Context, dir string) (Report, error) {
	report, err := eventlog.Verify(ctx, dir)
	if err != nil {
		return report, fmt.Errorf("verify: %w", err)
	}
	return report, nil
}

// Restore makes a store of what Backup wrote, in a directory that is missing or
// empty, and verifies it. Where the backup is damaged or not whole, nothing is
// left there and the error is ErrCorrupt.
func Restore(ctx context.Context, from io.Reader, dir string) (Report, error) {
	report, err := eventlog.Restore(ctx, from, filepath.Clean(dir))
	if err != nil {
		return report, fmt.Errorf("restore: %w", err)
	}
	return report, nil
}

// RestoreFrom is Restore of what BackupTo wrote.
func RestoreFrom(ctx context.Context, backup, dir string) (Report, error) {
	report, err := eventlog.RestoreFrom(ctx, backup, filepath.Clean(dir))
	if err != nil {
		return report, fmt.Errorf("restore: %w", err)
	}
	return report, nil
}

// Backup writes the store as it is at this moment, with every event answered
// before, as a tar stream, while appends go on.
func (n *Node) Backup(ctx context.Context, to io.Writer) error { return backup(ctx, n.log, to) }

// BackupTo is Backup into a directory that is missing or empty. It shares no
// file with the store.
func (n *Node) BackupTo(ctx context.Context, dir string) error { return backupTo(ctx, n.log, dir) }

// A Directory is a store's directory that no node serves. Close it.
type Directory struct {
	log *eventlog.Log
}

// OpenDirectory opens the store in the directory, or starts one there. Errors:
// ErrInUse, ErrVersion, ErrCorrupt.
func OpenDirectory(dir string, logger *slog.Logger) (*Directory, error) {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	log, err := eventlog.Open(dir, logger)
	if err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	return &Directory{log: log}, nil
}

// Close closes the files.
func (d *Directory) Close() error { return d.log.Close() }

// Backup is a node's.
func (d *Directory) Backup(ctx context.Context, to io.Writer) error { return backup(ctx, d.log, to) }

// BackupTo is a node's.
func (d *Directory) BackupTo(ctx context.Context, dir string) error { return backupTo(ctx, d.log, dir) }

func backup(ctx context.Context, log *eventlog.Log, to io.Writer) error {
	if err := log.Backup(ctx, to); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

func backupTo(ctx context.Context, log *eventlog.Log, dir string) error {
	if err := log.BackupTo(ctx, filepath.Clean(dir)); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}
