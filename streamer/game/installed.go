package game

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// self is what a command line says for playcast's own program.
const self = "{playcast}"

// searchPath is where games are looked for: the same for everybody, whatever
// the PATH is that playcast was started with.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/games:/usr/games"

// Installed returns nil if the game can be started here: its program and every
// file that its command names by an absolute path are there. The error is for
// people to read, and says what to install.
func (e Entry) Installed() error {
	if e.Command[0] != self {
		if _, err := lookPath(e.Command[0]); err != nil {
			return e.missing(e.Command[0] + " is not installed")
		}
	}
	for _, argument := range e.Command[1:] {
		if !filepath.IsAbs(argument) {
			continue
		}
		if _, err := os.Stat(argument); err != nil {
			return e.missing(argument + " is missing")
		}
	}
	return nil
}

func (e Entry) missing(what string) error {
	if len(e.Packages) == 0 {
		return fmt.Errorf("%s", what)
	}
	return fmt.Errorf("%s: apt-get install %s", what, strings.Join(e.Packages, " "))
}

// arguments returns the command line with the program's whole path. The
// executable, playcast's own, is where the game finds it.
func (e Entry) arguments(executable string) ([]string, error) {
	args := make([]string, len(e.Command))
	for i, argument := range e.Command {
		args[i] = strings.ReplaceAll(argument, self, executable)
	}
	if e.Command[0] == self {
		return args, nil
	}
	program, err := lookPath(args[0])
	if err != nil {
		return nil, err
	}
	args[0] = program
	return args, nil
}

// lookPath finds a program on searchPath; os/exec looks on our own PATH.
func lookPath(program string) (string, error) {
	if filepath.IsAbs(program) {
		return program, executable(program)
	}
	if strings.ContainsRune(program, '/') {
		return "", fmt.Errorf("%s: want a name or an absolute path", program)
	}
	for _, dir := range filepath.SplitList(searchPath) {
		path := filepath.Join(dir, program)
		if executable(path) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: not on %s", program, searchPath)
}

func executable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s: not a program", path)
	}
	return nil
}
