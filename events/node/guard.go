package node

import (
	"context"
	"encoding/base64"
	"strings"
	"sync/atomic"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// exceptionDenied is how clients recognise that a password does not open this.
const exceptionDenied = "access-denied"

// guard stands before every call: it finds out who calls, and holds each
// message that comes in against what that user may do. Services need not
// know of it; they see the end of a request that it refused.
type guard struct {
	users   *users // nil: everybody may do anything
	log     *eventlog.Log
	traffic *traffic
}

// callerKey is under which a call's context holds its User.
type callerKey struct{}

// open are the calls with which a client finds out whom it talks to.
func openToAll(method string) bool {
	return method == serverfeatures.ServerFeatures_GetSupportedMethods_FullMethodName || method == gossip.Gossip_Read_FullMethodName
}

func (g *guard) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if g.users != nil && !openToAll(info.FullMethod) {
		var err error
		if ctx, err = g.signIn(ctx); err == nil {
			err = g.check(ctx, demandOf(request))
		}
		if err != nil {
			return nil, g.traffic.ended(err)
		}
	}
	answer, err := handle(ctx, request)
	return answer, g.traffic.ended(err)
}

func (g *guard) stream(service any, call grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if g.users == nil {
		return g.traffic.ended(handle(service, call))
	}
	ctx, err := g.signIn(call.Context())
	if err != nil {
		return g.traffic.ended(err)
	}
	guarded := &guardedStream{ServerStream: call, guard: g, ctx: ctx}
	err = handle(service, guarded)
	if refused := guarded.refused.Load(); refused != nil {
		err = *refused // whatever the service made of it
	}
	return g.traffic.ended(err)
}

// guardedStream checks what comes in.
type guardedStream struct {
	grpc.ServerStream
	guard   *guard
	ctx     context.Context
	refused atomic.Pointer[error]
}

func (s *guardedStream) Context() context.Context { return s.ctx }

func (s *guardedStream) RecvMsg(message any) error {
	if err := s.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	if _, own := message.(*streams.BatchAppendReq); own {
		return nil // one append that is refused must not end the others: see batchCall.start
	}
	err := s.guard.check(s.ctx, demandOf(message))
	if err != nil {
		s.refused.Store(&err)
	}
	return err
}

// signIn puts the caller into the context.
func (g *guard) signIn(ctx context.Context) (context.Context, error) {
	name, password, ok := basic(metadata.ValueFromIncomingContext(ctx, "authorization"))
	if !ok {
		return ctx, status.Error(codes.Unauthenticated, "this node wants a user's name and password")
	}
	u, ok, err := g.users.signIn(ctx, name, password)
	switch {
	case err != nil:
		return ctx, status.FromContextError(err).Err()
	case !ok:
		return ctx, status.Error(codes.Unauthenticated, "no user has this name and this password")
	}
	return context.WithValue(ctx, callerKey{}, u), nil
}

// basic reads a header of RFC 7617.
func basic(header []string) (name, password string, ok bool) {
	if len(header) != 1 {
		return "", "", false
	}
	scheme, encoded, _ := strings.Cut(header[0], " ")
	if !strings.EqualFold(scheme, "basic") {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(decoded), ":")
}

func (g *guard) check(ctx context.Context, d demand) error {
	ok, err := allowed(ctx, d, g.log)
	if err != nil {
		return toStatus(ctx, err)
	}
	if !ok {
		u, _ := ctx.Value(callerKey{}).(User)
		what := d.right.String()
		if d.stream != "" {
			what += " " + d.stream
		}
		return withTrailers(ctx, status.Errorf(codes.PermissionDenied, "user %q may not %s", u.Name, what), trailerException, exceptionDenied)
	}
	return nil
}

// allowed says whether the caller may do what is demanded. Without users there
// is no caller, and everything is allowed.
func allowed(ctx context.Context, d demand, log *eventlog.Log) (bool, error) {
	u, ok := ctx.Value(callerKey{}).(User)
	if !ok {
		return true, nil
	}
	return may(u, d, log)
}
