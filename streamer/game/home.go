package game

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/playcast/playcast/events"
)

// openHome returns the directory that is the game's home, with the files of the
// entry in it. One that the caller names is there, and held for this game alone.
func (l *Launcher) openHome(launch Launch) (home string, err error) {
	if home = launch.Home; home == "" {
		if home, err = l.makeHome(launch); err != nil {
			return "", err
		}
	}
	if err := furnish(home, launch.Entry.Files); err != nil {
		return "", fmt.Errorf("make the home: %w", err)
	}
	return home, nil
}

func (l *Launcher) makeHome(launch Launch) (string, error) {
	// The ids become a path here, so their form is checked here.
	if _, err := events.ParsePlayerID(string(launch.Player)); err != nil {
		return "", err
	}
	if _, err := events.ParseGameID(string(launch.Entry.ID)); err != nil {
		return "", err
	}
	home := filepath.Join(l.cfg.DataDir, string(launch.Player), string(launch.Entry.ID))
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", fmt.Errorf("make the home: %w", err)
	}
	return home, nil
}

// furnish writes the files that are not there.
func furnish(home string, files map[string]string) error {
	root, err := os.OpenRoot(home)
	if err != nil {
		return err
	}
	// The game may have put links there: root keeps to the home.
	defer root.Close()
	for path, content := range files {
		if _, err := root.Stat(path); err == nil {
			continue
		}
		if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := root.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}
