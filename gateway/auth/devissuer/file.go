package devissuer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// readPrivate returns a file's content, and false where there is no such file.
// A file that others may read is refused: what it holds is no secret any more.
func readPrivate(name string) ([]byte, bool, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, false, fmt.Errorf("%s can be read by other users: run chmod 600 on it, or delete it to have it made afresh", name)
	}
	content, err := os.ReadFile(name)
	return content, err == nil, err
}

// writePrivate replaces a file in one step, readable by its owner alone. When
// it returns, the content is on disk: after a crash the file is the old one or
// the new one, never a part.
func writePrivate(name string, content []byte) (err error) {
	dir := filepath.Dir(name)
	file, err := os.CreateTemp(dir, filepath.Base(name)+".*.tmp") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(file.Name(), name); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
