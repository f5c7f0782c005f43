package node

import (
	"context"
	"errors"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// batchAnswer is the answer to one append of a batch call. It repeats the
// correlation id as the client wrote it: clients find their append by it.
func batchAnswer(a *batchAppend, appended eventlog.Appended) *streams.BatchAppendResp {
	answer := &streams.BatchAppendResp{CorrelationId: a.correlation, StreamIdentifier: a.options.StreamIdentifier}
	switch v := a.options.ExpectedStreamPosition.(type) {
	case *streams.BatchAppendReq_Options_StreamPosition:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_StreamPosition{StreamPosition: v.StreamPosition}
	case *streams.BatchAppendReq_Options_NoStream:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_NoStream{NoStream: v.NoStream}
	case *streams.BatchAppendReq_Options_Any:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_Any{Any: v.Any}
	case *streams.BatchAppendReq_Options_StreamExists:
		answer.ExpectedStreamPosition = &streams.BatchAppendResp_StreamExists{StreamExists: v.StreamExists}
	}
	if a.err != nil {
		answer.Result = &streams.BatchAppendResp_Error{Error: batchError(a.err)}
		return answer
	}
	success := &streams.BatchAppendResp_Success{
		CurrentRevisionOption: &streams.BatchAppendResp_Success_NoStream{NoStream: &emptypb.Empty{}},
		PositionOption: &streams.BatchAppendResp_Success_Position{Position: &shared.AllStreamPosition{
			CommitPosition: appended.Position, PreparePosition: appended.Position}},
	}
	if appended.Revision >= 0 {
		success.CurrentRevisionOption = &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: uint64(appended.Revision)}
	}
	answer.Result = &streams.BatchAppendResp_Success_{Success: success}
	return answer
}

// batchError says what went wrong as clients of batch appends read it: they
// go by the type of the details, and by the code where there is none for it.
func batchError(err error) *rpcstatus.Status {
	var deleted *eventlog.DeletedError
	var conflict *eventlog.ConflictError
	switch {
	case errors.As(err, &conflict):
		return packed(code.Code_ALREADY_EXISTS, conflict.Error(), conflictDetails(conflict))
	case errors.As(err, &deleted):
		return packed(code.Code_NOT_FOUND, deleted.Error(), &shared.StreamDeleted{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(deleted.Stream)}})
	case errors.Is(err, errTooLarge):
		return packed(code.Code_INVALID_ARGUMENT, status.Convert(err).Message(), &shared.MaximumAppendSizeExceeded{MaxAppendSize: maxAppend})
	}
	s := status.Convert(statusOf(err))
	switch s.Code() {
	case codes.PermissionDenied:
		return packed(code.Code_PERMISSION_DENIED, s.Message(), &shared.AccessDenied{})
	case codes.DeadlineExceeded:
		return packed(code.Code_DEADLINE_EXCEEDED, s.Message(), &shared.Timeout{})
	case codes.InvalidArgument:
		return packed(code.Code_INVALID_ARGUMENT, s.Message(), &shared.BadRequest{Message: s.Message()})
	}
	return packed(code.Code(s.Code()), s.Message(), &shared.Unknown{})
}

func packed(c code.Code, message string, details proto.Message) *rpcstatus.Status {
	s := &rpcstatus.Status{Code: int32(c), Message: message}
	if packed, err := anypb.New(details); err == nil { // it fails for no message of ours
		s.Details = append(s.Details, packed)
	}
	return s
}

func conflictDetails(c *eventlog.ConflictError) *shared.WrongExpectedVersion {
	w := &shared.WrongExpectedVersion{}
	if c.Current < 0 {
		w.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}}
	} else {
		w.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: uint64(c.Current)}
	}
	switch c.Expected {
	case eventlog.Any:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: &emptypb.Empty{}}
	case eventlog.StreamExists:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}}
	case eventlog.NoStream:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}}
	default:
		w.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: uint64(c.Expected)}
	}
	return w
}

// statusOf is the status of an error where trailers have no place.
func statusOf(err error) error { return toStatus(context.Background(), err) }
