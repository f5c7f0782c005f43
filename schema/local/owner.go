package local

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// giveAway hands a new, empty directory to an unprivileged user when we are root.
func giveAway(path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("PostgreSQL refuses to run as root, and there is no user postgres or nobody: %w", err)
		}
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return fmt.Errorf("user %s: %w", account.Username, err)
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return fmt.Errorf("user %s: %w", account.Username, err)
	}
	return os.Chown(path, uid, gid)
}

// userFor is who the server must run as: the owner of its directory, because
// PostgreSQL accepts no other. Nil means ourselves.
func userFor(path string) (*syscall.Credential, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	uid, gid := ownerOf(info)
	switch {
	case os.Geteuid() != 0 && int(uid) != os.Geteuid():
		return nil, fmt.Errorf("%s belongs to user %d: start as that user, or as root", path, uid)
	case os.Geteuid() != 0:
		return nil, nil
	case uid == 0:
		return nil, fmt.Errorf("%s belongs to root, as whom PostgreSQL refuses to run: chown -R postgres %s", path, path)
	}
	return &syscall.Credential{Uid: uid, Gid: gid}, nil
}

func ownerOf(info fs.FileInfo) (uid, gid uint32) {
	sys := info.Sys().(*syscall.Stat_t) // what os.Stat gives on Linux
	return sys.Uid, sys.Gid
}
