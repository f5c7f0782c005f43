package eventlog

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Restore makes a store of a backup's tar stream, in a directory that is
// missing or empty, and verifies it. Where the backup is damaged or not whole,
// the directory stays as it was and the report has what is wrong.
func Restore(ctx context.Context, from io.Reader, dir string) (Report, error) {
	return restore(ctx, dir, func(to keep) error {
		in := tar.NewReader(&whileWanted{ctx: ctx, from: from})
		for {
			header, err := in.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read the backup: %w", err)
			}
			if header.Typeflag != tar.TypeReg || !belongs(header.Name) {
				return fmt.Errorf("the backup has %.80q, which is no file of a store: this is not a backup of a store", header.Name)
			}
			if err := to(header.Name, header.Size, in); err != nil {
				if errors.Is(err, io.ErrUnexpectedEOF) {
					err = fmt.Errorf("%w: it ends early: %w", errDamagedBackup, err)
				}
				return fmt.Errorf("restore %s: %w", header.Name, err)
			}
		}
	})
}

// RestoreFrom is Restore from a backup in a directory.
func RestoreFrom(ctx context.Context, backup, dir string) (Report, error) {
	return restore(ctx, dir, func(to keep) error {
		names, err := filesOf(backup)
		if err != nil {
			return fmt.Errorf("read the backup: %w", err)
		}
		for _, name := range append(names, sealFile) {
			if _, err := copySummed(ctx, backup, name, to); err != nil {
				return fmt.Errorf("restore %s: %w", name, err)
			}
		}
		return nil
	})
}

// belongs says whether a store's directory has files of this name.
func belongs(name string) bool {
	if name == versionFile || name == sealFile {
		return true
	}
	base, ok := strings.CutPrefix(name, pebbleDir+"/")
	return ok && base != "" && base == path.Base(base) && base != lockFile && !strings.HasPrefix(base, ".")
}

var errDamagedBackup = fmt.Errorf("%w: the backup is damaged or not whole, nothing was restored", ErrCorrupt)

func restore(ctx context.Context, dir string, copyTo func(keep) error) (Report, error) {
	var report Report
	if err := wantEmpty(dir); err != nil {
		return report, err
	}
	err := intoPlace(dir, func(fresh string) error {
		if err := copyTo(intoDir(fresh)); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(fresh, sealFile)); err != nil {
			return fmt.Errorf("%w: it has no %s, which is its end", errDamagedBackup, sealFile)
		}
		var err error
		if report, err = Verify(ctx, fresh); err != nil {
			return err
		}
		if report.Faults > 0 {
			return fmt.Errorf("%w: %s", errDamagedBackup, strings.Join(report.Damage[:min(3, len(report.Damage))], "; "))
		}
		return nil
	})
	return report, err
}
