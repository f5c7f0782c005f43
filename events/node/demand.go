package node

import (
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// right is what a request wants to do.
type right uint8

const (
	rightNone   right = iota // nothing: the rest of a request that was let in
	rightAdmin               // what no other line has
	rightOps                 // look after the node
	rightRead                // a stream, or $all
	rightAppend              // to a stream
	rightDelete              // a stream
	rightTend                // look after the persistent subscriptions of a stream
)

func (r right) String() string {
	return [...]string{"do nothing", "administer the node", "look after the node", "read", "append to", "delete", "look after the subscriptions of"}[r]
}

// demand is what a message from a client asks for.
type demand struct {
	right  right
	stream string
}

const allStreams = "$all"

// demandOf is what the message asks for. A message that is not known here asks
// for everything, so that a call that is new is closed until it has its line.
// Malformed ones pass: the call itself says better what is wrong.
func demandOf(message any) demand {
	switch m := message.(type) {
	case *streams.ReadReq:
		if m.GetOptions().GetAll() != nil {
			return demand{rightRead, allStreams}
		}
		return on(rightRead, m.GetOptions().GetStream().GetStreamIdentifier())
	case *streams.AppendReq:
		if m.GetOptions() == nil {
			return demand{}
		}
		return on(rightAppend, m.GetOptions().GetStreamIdentifier())
	case *streams.BatchAppendReq:
		if m.GetOptions() == nil {
			return demand{}
		}
		return on(rightAppend, m.GetOptions().GetStreamIdentifier())
	case *streams.DeleteReq:
		return on(rightDelete, m.GetOptions().GetStreamIdentifier())
	case *streams.TombstoneReq:
		return on(rightDelete, m.GetOptions().GetStreamIdentifier())
	case *persistent.ReadReq:
		if m.GetOptions() == nil {
			return demand{} // an ack or a nack
		}
		return onEither(rightRead, m.GetOptions().GetAll() != nil, m.GetOptions().GetStreamIdentifier())
	case *shared.Empty: // RestartSubsystem; the calls that are open to all don't come here
		return demand{right: rightOps}
	}
	return demandOfTending(message)
}

// demandOfTending is demandOf for what looks after persistent subscriptions.
func demandOfTending(message any) demand {
	switch m := message.(type) {
	case *persistent.CreateReq:
		o := m.GetOptions()
		if name := o.GetStream().GetStreamIdentifier(); name != nil {
			return on(rightTend, name)
		}
		//lint:ignore SA1019 older clients name the stream there
		return onEither(rightTend, o.GetAll() != nil, o.GetStreamIdentifier())
	case *persistent.UpdateReq:
		o := m.GetOptions()
		if name := o.GetStream().GetStreamIdentifier(); name != nil {
			return on(rightTend, name)
		}
		//lint:ignore SA1019 older clients name the stream there
		return onEither(rightTend, o.GetAll() != nil, o.GetStreamIdentifier())
	case *persistent.DeleteReq:
		return onEither(rightTend, m.GetOptions().GetAll() != nil, m.GetOptions().GetStreamIdentifier())
	case *persistent.ReplayParkedReq:
		return onEither(rightTend, m.GetOptions().GetAll() != nil, m.GetOptions().GetStreamIdentifier())
	case *persistent.GetInfoReq:
		return onEither(rightRead, m.GetOptions().GetAll() != nil, m.GetOptions().GetStreamIdentifier())
	case *persistent.ListReq:
		return demand{right: rightOps}
	}
	return demand{right: rightAdmin}
}

func on(r right, id *shared.StreamIdentifier) demand {
	return demand{r, string(id.GetStreamName())}
}

func onEither(r right, all bool, id *shared.StreamIdentifier) demand {
	if all {
		return demand{r, allStreams}
	}
	return on(r, id)
}

// may says whether the user may do what is demanded.
func may(u User, d demand, log *eventlog.Log) (bool, error) {
	switch {
	case d.right == rightNone || u.plays(RoleAdmins):
		return true, nil
	case d.right == rightAdmin:
		return false, nil
	case d.right == rightOps:
		return u.plays(RoleOps), nil
	case d.right == rightTend:
		if !u.plays(RoleOps) {
			return false, nil
		}
		d.right = rightRead
	case len(d.stream) > eventlog.MaxName:
		return true, nil // refused by the call, which says why
	}
	base, isMeta := strings.CutPrefix(d.stream, "$$")
	if !isMeta {
		base = d.stream
	}
	acl, err := log.ACL(base)
	if err != nil {
		return false, err
	}
	if named := namedFor(acl, d.right, isMeta); named != nil {
		for _, who := range named {
			if u.has(who) {
				return true, nil
			}
		}
		return false, nil
	}
	if strings.HasPrefix(base, "$") && (base != allStreams || isMeta) {
		return false, nil
	}
	if d.right == rightRead {
		return u.plays(RoleReader), nil
	}
	return u.plays(RoleAppender), nil
}

// namedFor is whom the ACL names for the right; nil when it says nothing of it.
// What is done to a stream's metadata is done to the stream named $$ and it.
func namedFor(acl eventlog.ACL, r right, isMeta bool) []string {
	switch {
	case r == rightRead && isMeta:
		return acl.ReadMeta
	case r == rightRead:
		return acl.Read
	case r == rightDelete:
		return acl.Delete
	case isMeta:
		return acl.WriteMeta
	}
	return acl.Write
}
