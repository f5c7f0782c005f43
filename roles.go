package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/playcast/playcast/gateway/auth"
)

// role is a part of the platform that can be a process of its own; several are
// one in the bits of another.
type role uint8

// The roles, as --role names them in roleNames.
const (
	nodeRole role = 1 << iota
	gatewayRole
	projectionsRole
	policiesRole
	streamerRole

	everyRole = nodeRole | gatewayRole | projectionsRole | policiesRole | streamerRole
	// readRoles need the database, askingRoles ask workers: a process that has
	// all of one kind shares nothing of it with others.
	readRoles   = gatewayRole | projectionsRole
	askingRoles = gatewayRole | policiesRole
)

var roleNames = []string{"node", "gateway", "projections", "policies", "streamer"}

// has says whether any of these is among them, all whether each is.
func (r role) has(of role) bool { return r&of != 0 }
func (r role) all(of role) bool { return r&of == of }

func (r role) String() string {
	var names []string
	for i, name := range roleNames {
		if r.has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// rolesNamed are those of a list; none is every role.
func rolesNamed(names []string) role {
	var named role
	for _, name := range names {
		named |= 1 << slices.Index(roleNames, name)
	}
	return cmp.Or(named, everyRole)
}

// roles are those of this process: the ones that are named, else all, the node
// left out where another event store is named.
func (c *upCommand) roles() role {
	if len(c.Role) == 0 && c.EventStore != "" {
		return everyRole &^ nodeRole
	}
	return rolesNamed(c.Role)
}

// validateRoles finds what a process of these roles would miss.
func (c *upCommand) validateRoles() error {
	roles := c.roles()
	switch {
	case roles.has(nodeRole) && c.EventStore != "":
		return errors.New("--role node runs the embedded event store, and --eventstore names another: leave out one of them")
	case !roles.has(nodeRole) && c.EventStore == "":
		return fmt.Errorf("--role %s needs the event store of the others: name it with --eventstore (playcast prints it as \"store\")", roles)
	case roles.has(readRoles) && !roles.all(readRoles) && c.Postgres == "":
		return fmt.Errorf("--role %s needs the database that gateway and projections share: name it with --postgres", roles)
	case roles.has(streamerRole) && c.Worker == "" && !roles.has(gatewayRole):
		return errors.New("--role streamer needs a name that no other worker has: --worker")
	}
	c.Worker = cmp.Or(c.Worker, "worker-1")
	if err := c.Signalling.validate(roles); err != nil {
		return err
	}
	if roles.has(gatewayRole) {
		return c.validateGateway()
	}
	return nil
}

// isLocal says whether an address (host:port) is of this machine alone.
func isLocal(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && auth.IsLoopback(host)
}
