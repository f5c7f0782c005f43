package node

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Names of the trailers by which clients recognise an error, and of errors in
// the first of them.
const (
	trailerException = "exception"
	trailerStream    = "stream-name"
	trailerExpected  = "expected-version"
	trailerActual    = "actual-version"
	trailerMaxAppend = "max-append-size"
	trailerRequired  = "required-metadata-properties"

	exceptionDeleted  = "stream-deleted"
	exceptionConflict = "wrong-expected-version"
	exceptionTooLarge = "maximum-append-size-exceeded"
	exceptionMissing  = "missing-required-metadata-property"
)

var errClosing = status.Error(codes.Unavailable, "the node is shutting down")

// withTrailers is a status whose trailers say more, as name and value in turn.
func withTrailers(ctx context.Context, err error, pairs ...string) error {
	// It fails only where the answer has already ended, and then nobody reads.
	_ = grpc.SetTrailer(ctx, metadata.Pairs(pairs...))
	return err
}

// toStatus maps an error of the log to what the protocol has for it.
func toStatus(ctx context.Context, err error) error {
	var deleted *eventlog.DeletedError
	var conflict *eventlog.ConflictError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &deleted):
		return withTrailers(ctx, status.Error(codes.FailedPrecondition, deleted.Error()),
			trailerException, exceptionDeleted, trailerStream, deleted.Stream)
	case errors.As(err, &conflict):
		return withTrailers(ctx, status.Error(codes.FailedPrecondition, conflict.Error()),
			trailerException, exceptionConflict,
			trailerStream, conflict.Stream,
			trailerExpected, strconv.FormatInt(int64(conflict.Expected), 10),
			trailerActual, strconv.FormatInt(conflict.Current, 10))
	case errors.Is(err, eventlog.ErrReserved):
		return status.Error(codes.PermissionDenied, err.Error())
	case errors.Is(err, eventlog.ErrCorrupt):
		return status.Error(codes.DataLoss, err.Error())
	case errors.Is(err, eventlog.ErrFull), errors.Is(err, eventlog.ErrFailed) && errors.Is(err, syscall.ENOSPC):
		return status.Error(codes.ResourceExhausted, err.Error())
	case errors.Is(err, eventlog.ErrClosed):
		return errClosing
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.Error(codes.Internal, err.Error())
}

func invalid(format string, args ...any) error {
	return status.Error(codes.InvalidArgument, fmt.Sprintf(format, args...))
}
