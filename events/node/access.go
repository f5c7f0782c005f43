package node

import (
	"crypto/tls"
	"errors"
	"fmt"
)

// Access says who may do what. Its zero value lets everybody in who reaches
// the node, which is this machine only: other addresses want both TLS and
// users. With users
//
//   - every call but those for ServerFeatures and Gossip needs a password;
//   - RoleReader reads streams and $all, RoleAppender appends to streams,
//     deletes them and sets their metadata;
//   - a stream's $acl replaces that: $r, $w, $d, $mr and $mw each name the users
//     and roles, one or several, that may read, append, delete, read the
//     metadata and write it; RoleAll is whoever has a password. What the $acl
//     does not name stays as it was. That of $$$all is the one of $all. Who
//     deletes a stream deletes its metadata, the $acl included;
//   - streams whose name begins with $ are for RoleAdmins, unless their $acl
//     says otherwise. $all is for RoleReader, who sees all streams in it;
//   - persistent subscriptions are made, changed and deleted by RoleOps who may
//     read the stream, and consumed by whoever may read it;
//   - RoleAdmins may do anything, RoleOps see metrics and stats.
type Access struct {
	CertFile, KeyFile string // PEM, read when the node opens; both or neither
	UsersFile         string // see ReadUsers; read when the node opens
	Users             []User // beside those of the file
}

// Roles that the node knows. A user may have others, for $acl to name.
const (
	RoleAdmins   = "$admins"
	RoleOps      = "$ops"
	RoleReader   = "reader"
	RoleAppender = "appender"
	RoleAll      = "$all"
)

// secured is an Access whose files have been read.
type secured struct {
	tls   *tls.Config // nil: none
	users *users      // nil: whoever reaches the node may do anything
}

// open reads the files. Passwords without TLS are refused: they would cross
// the wire in clear, and clients send none there.
func (a Access) open() (secured, error) {
	var s secured
	if (a.CertFile == "") != (a.KeyFile == "") {
		return s, errors.New("node: TLS needs a certificate and its key: name both files or neither")
	}
	if a.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(a.CertFile, a.KeyFile)
		if err != nil {
			return s, fmt.Errorf("node: TLS certificate: %w", err)
		}
		s.tls = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	all := a.Users
	if a.UsersFile != "" {
		read, err := readUsersFile(a.UsersFile)
		if err != nil {
			return s, err
		}
		all = append(read, all...)
	}
	if len(all) == 0 {
		if a.UsersFile != "" {
			return s, fmt.Errorf("node: %s names no user", a.UsersFile)
		}
		return s, nil
	}
	if s.tls == nil {
		return s, errors.New("node: users need TLS: without it passwords would cross the wire in clear, and clients send none")
	}
	var err error
	s.users, err = newUsers(all)
	return s, err
}

// complete says whether strangers may reach the node.
func (s secured) complete() bool { return s.tls != nil && s.users != nil }
