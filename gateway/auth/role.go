package auth

import "slices"

// Role is what an account is to the platform. An account may have several.
type Role string

// The roles.
const (
	RolePlayer  Role = "player"
	RoleSupport Role = "support"
	RoleAnalyst Role = "analyst"
	RoleAdmin   Role = "admin"
)

// Permission is one thing that may be allowed.
type Permission string

// The permissions.
const (
	PlaySessions   Permission = "play sessions"       // start, steer and end sessions of one's own
	ReadOwn        Permission = "read own data"       // one's own sessions, history and account
	ReadAnySession Permission = "read any session"    // somebody else's session and its events
	WatchRecording Permission = "watch any recording" // what somebody else has recorded
	EndAnySession  Permission = "end any session"     // stop somebody else's session
	ReadAnyAccount Permission = "read any account"    // somebody else's account and time billed
	ReadPlatform   Permission = "read the platform"   // workers, slots, the queue, quality
	ReadHistory    Permission = "read the history"    // the whole log, and replays of it
	ManagePlatform Permission = "manage the platform" // workers and the catalog
)

// matrix is the one table of who may do what. Staff's powers reach further
// than their own data, so each is granted on purpose: nothing is inherited.
var matrix = map[Role][]Permission{
	RolePlayer:  {PlaySessions, ReadOwn},
	RoleSupport: {PlaySessions, ReadOwn, ReadAnySession, WatchRecording, EndAnySession, ReadAnyAccount, ReadPlatform},
	RoleAnalyst: {ReadOwn, ReadAnySession, ReadPlatform, ReadHistory},
	RoleAdmin: {PlaySessions, ReadOwn, ReadAnySession, WatchRecording, EndAnySession, ReadAnyAccount,
		ReadPlatform, ReadHistory, ManagePlatform},
}

// ParseRole returns the role of that name, and whether there is one.
func ParseRole(name string) (Role, bool) {
	_, known := matrix[Role(name)]
	return Role(name), known
}

// May reports whether the role has the permission. An unknown role has none.
func (r Role) May(p Permission) bool { return slices.Contains(matrix[r], p) }
