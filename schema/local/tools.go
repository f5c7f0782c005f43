package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldestVersion is the oldest PostgreSQL that playcast is tested for: the one
// of Ubuntu 22.04.
const oldestVersion = 14

// Tools are the server programs of one installed PostgreSQL.
type Tools struct {
	Dir     string // holds initdb and postgres
	Version int    // major version
}

// MissingError says that no usable PostgreSQL is installed.
type MissingError struct {
	Searched []string // the directories looked into
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("no PostgreSQL %d or later in %v: install it (Debian, Ubuntu: apt-get install postgresql; "+
		"Fedora: dnf install postgresql-server), or name a running one with --postgres", oldestVersion, e.Searched)
}

// VersionError says that the cluster was written by a PostgreSQL that is not
// installed. No other major version can read it.
type VersionError struct {
	Dir       string
	Cluster   string // what the cluster says
	Installed []int  // what is there instead
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was written by PostgreSQL %s, installed is %v: install that version "+
		"(Debian, Ubuntu: apt-get install postgresql-%s), or move the directory away to start with an empty one",
		e.Dir, e.Cluster, e.Installed, e.Cluster)
}

// Find returns every usable PostgreSQL on this machine, the preferred one
// first: that of PATH, then the newest. With a directory named it looks only
// there. It fails with *MissingError when there is none.
func Find(ctx context.Context, binDir string) ([]Tools, error) {
	dirs := []string{binDir}
	if binDir == "" {
		dirs = searchPath()
	}
	var found []Tools
	for _, dir := range dirs {
		t, err := inspect(ctx, dir)
		if err == nil && t.Version >= oldestVersion {
			found = append(found, t)
		}
	}
	if len(found) == 0 {
		return nil, &MissingError{Searched: dirs}
	}
	return found, nil
}

// searchPath lists where PostgreSQL may be. Links are followed, because the
// distributions link single programs into PATH and leave the rest elsewhere.
func searchPath() []string {
	var dirs []string
	for _, name := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(name); err == nil {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				dirs = append(dirs, filepath.Dir(real))
			}
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		places, _ := filepath.Glob(pattern) // the only error is a bad pattern
		slices.SortFunc(places, func(a, b string) int { return number(b) - number(a) })
		dirs = append(dirs, places...)
	}
	var unique []string
	for _, dir := range append(dirs, "/usr/bin") {
		if !slices.Contains(unique, dir) {
			unique = append(unique, dir)
		}
	}
	return unique
}

var digits = regexp.MustCompile(`\d+`)

// number is the first number in a text, or 0.
func number(text string) int {
	n, _ := strconv.Atoi(digits.FindString(text))
	return n
}

func inspect(ctx context.Context, dir string) (Tools, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return Tools{}, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Tools{}, err
	}
	return Tools{Dir: dir, Version: number(string(out))}, nil
}

// choose picks the tools for a cluster of the given version; an empty version
// is a cluster that does not exist yet.
func choose(found []Tools, dir, version string) (Tools, error) {
	if version == "" {
		return found[0], nil
	}
	e := &VersionError{Dir: dir, Cluster: version}
	for _, t := range found {
		if strconv.Itoa(t.Version) == version {
			return t, nil
		}
		e.Installed = append(e.Installed, t.Version)
	}
	return Tools{}, e
}
