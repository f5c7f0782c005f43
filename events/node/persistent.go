package node

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/persistent"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/competing"
	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// persistentService is the protocol's PersistentSubscriptions service on the
// subscription groups of a log.
type persistentService struct {
	persistent.UnimplementedPersistentSubscriptionsServer
	log    *eventlog.Log
	groups *competing.Groups
	// receiving counts the goroutines that take the consumers' answers. Each
	// ends with its call; who stops the server waits for them.
	receiving sync.WaitGroup
}

var _ persistent.PersistentSubscriptionsServer = (*persistentService)(nil)

// Create makes a group.
func (s *persistentService) Create(ctx context.Context, request *persistent.CreateReq) (*persistent.CreateResp, error) {
	o := request.GetOptions()
	key, settings, err := createOptions(o)
	if err != nil {
		return nil, err
	}
	if err := s.groups.Create(ctx, key, settings); err != nil {
		return nil, groupStatus(ctx, key, err)
	}
	return &persistent.CreateResp{}, nil
}

// Update changes the settings of a group, which lets its consumers go.
func (s *persistentService) Update(ctx context.Context, request *persistent.UpdateReq) (*persistent.UpdateResp, error) {
	key, settings, err := updateOptions(request.GetOptions())
	if err != nil {
		return nil, err
	}
	if err := s.groups.Update(ctx, key, settings); err != nil {
		return nil, groupStatus(ctx, key, err)
	}
	return &persistent.UpdateResp{}, nil
}

// Delete ends a group and forgets its checkpoint and its parked events.
func (s *persistentService) Delete(ctx context.Context, request *persistent.DeleteReq) (*persistent.DeleteResp, error) {
	o := request.GetOptions()
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	if err := s.groups.Delete(ctx, key); err != nil {
		return nil, groupStatus(ctx, key, err)
	}
	return &persistent.DeleteResp{}, nil
}

// ReplayParked gives parked events out again.
func (s *persistentService) ReplayParked(ctx context.Context, request *persistent.ReplayParkedReq) (*persistent.ReplayParkedResp, error) {
	o := request.GetOptions()
	key, err := groupKey(o.GetAll() != nil, o.GetStreamIdentifier(), o.GetGroupName())
	if err != nil {
		return nil, err
	}
	if err := s.groups.Replay(ctx, key, o.GetStopAt()); err != nil {
		return nil, groupStatus(ctx, key, err)
	}
	return &persistent.ReplayParkedResp{}, nil
}

// RestartSubsystem starts all groups again from what is stored.
func (s *persistentService) RestartSubsystem(ctx context.Context, _ *shared.Empty) (*shared.Empty, error) {
	if err := s.groups.Restart(); err != nil {
		return nil, toStatus(ctx, err)
	}
	return &shared.Empty{}, nil
}

// Exceptions of persistent subscriptions, as clients know them.
const (
	trailerGroup = "group-name"

	exceptionGroupMissing = "persistent-subscription-does-not-exist"
	exceptionGroupExists  = "persistent-subscription-exists"
	exceptionGroupFull    = "maximum-subscribers-reached"
	exceptionGroupDropped = "persistent-subscription-dropped"
	exceptionGroupFailed  = "persistent-subscription-failed"
)

// groupStatus maps what went wrong with a group to what the protocol has for it.
func groupStatus(ctx context.Context, key competing.Key, err error) error {
	as := func(code codes.Code, exception string) error {
		return withTrailers(ctx, status.Error(code, err.Error()),
			trailerException, exception, trailerStream, key.Source, trailerGroup, key.Group)
	}
	var senseless *competing.InvalidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &senseless):
		return invalid("%s", senseless.Reason)
	case errors.Is(err, competing.ErrUnknown), errors.Is(err, competing.ErrDeleted):
		return as(codes.NotFound, exceptionGroupMissing)
	case errors.Is(err, competing.ErrExists):
		return as(codes.AlreadyExists, exceptionGroupExists)
	case errors.Is(err, competing.ErrFull):
		return as(codes.FailedPrecondition, exceptionGroupFull)
	case errors.Is(err, competing.ErrDropped), errors.Is(err, competing.ErrStopped):
		return as(codes.Canceled, exceptionGroupDropped)
	}
	mapped := toStatus(ctx, err)
	if status.Code(mapped) == codes.Internal {
		return as(codes.Internal, exceptionGroupFailed)
	}
	return mapped
}

// groupKey names a group as a client does.
func groupKey(all bool, stream *shared.StreamIdentifier, group string) (competing.Key, error) {
	key := competing.Key{Source: competing.All, Group: group}
	if !all {
		name, err := streamName(stream)
		if err != nil {
			return key, err
		}
		key.Source = name
	}
	if group == "" {
		return key, invalid("the subscription group has no name")
	}
	return key, nil
}

// memberName is what the node calls a consumer in answers to it.
func memberName(key competing.Key) string { return fmt.Sprintf("%s::%s", key.Source, key.Group) }
