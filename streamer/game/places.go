package game

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// places are where a game finds what is its own.
type places struct{ home, runtime, tmp, cookie, sound string }

// self is where a game finds playcast's own program.
func (l *Launcher) self() string {
	if l.Sandboxed() {
		return insideSelf
	}
	return l.cfg.Executable
}

// furnish makes what a game needs beside its home.
func (l *Launcher) furnish(launch Launch, home, dir string) (places, error) {
	at := places{
		home: home, runtime: filepath.Join(dir, "runtime"), tmp: filepath.Join(dir, "tmp"),
		cookie: launch.Display.Authority(),
	}
	if launch.Sound != nil {
		at.sound = launch.Sound.Server()
	}
	if !l.Sandboxed() {
		for _, path := range []string{at.runtime, at.tmp} {
			if err := os.Mkdir(path, 0o700); err != nil {
				return at, err
			}
		}
		return at, nil
	}
	return places{
		home: insideHome, runtime: insideRuntime, tmp: "/tmp", cookie: insideCookie, sound: "unix:" + insideSound,
	}, nil
}

// sandboxOf is the sandbox of a game: with its home, its display, its sound, and
// what its command names.
func (l *Launcher) sandboxOf(launch Launch, home, dir string) (*sandbox, error) {
	own, err := settings(dir)
	if err != nil {
		return nil, err
	}
	if launch.Entry.Network && l.works.Network != nil {
		return nil, l.works.Network
	}
	s := inside(launch.Display.host(), home, launch.Entry.Limits)
	s.show(own...)
	s.show(launch.Display.mounts()...)
	if launch.Sound != nil {
		s.show(Mount{Host: launch.Sound.socket, Inside: insideSound})
	}
	if slices.ContainsFunc(launch.Entry.Command, func(argument string) bool { return strings.Contains(argument, self) }) {
		s.show(Mount{Host: l.cfg.Executable, Inside: insideSelf})
	}
	for _, argument := range launch.Entry.Command {
		if filepath.IsAbs(argument) && !seen(argument) && narrow(argument) {
			s.show(Mount{Host: argument, Inside: argument})
		}
	}
	s.show(launch.Mounts...)
	if libraries := cmp.Or(launch.Environment[preload], launch.Entry.Environment[preload]); libraries != "" {
		s.add("--setenv", preload, libraries)
	}
	return s, nil
}

// narrow says whether a path is a file or a folder of a game's, and none of those
// that hold what many put there, such as /home.
func narrow(path string) bool {
	info, err := os.Stat(path)
	return err == nil && (info.Mode().IsRegular() || info.IsDir() && strings.Count(filepath.Clean(path), "/") > 1)
}

// seen says whether every sandbox shows the path.
func seen(path string) bool {
	for _, folder := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/dev", "/tmp", insideHome} {
		if rest, found := strings.CutPrefix(filepath.Clean(path), folder); found && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
