package node

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// maxAppend bounds what one append may add, in bytes, as EventStoreDB does
// when nothing else is configured.
const maxAppend = 1 << 20

// streamsService is the protocol's Streams service on a log.
type streamsService struct {
	streams.UnimplementedStreamsServer
	log     *eventlog.Log
	closing <-chan struct{}
	traffic *traffic
	// receivers are what outlives its call by a moment: see batchCall.receive.
	receivers *sync.WaitGroup
}

var _ streams.StreamsServer = (*streamsService)(nil)

// Append takes the options, then the events, and appends them when the client
// has ended its side.
func (s *streamsService) Append(call streams.Streams_AppendServer) error {
	ctx := call.Context()
	first, err := call.Recv()
	if err != nil {
		return endOfRequest(err)
	}
	options := first.GetOptions()
	if options == nil {
		return invalid("an append begins with its options")
	}
	stream, err := writableName(options.StreamIdentifier)
	if err != nil {
		return err
	}
	expected, err := expectedOfAppend(options)
	if err != nil {
		return err
	}
	events, err := receiveEvents(call)
	if err != nil {
		return err
	}
	appended, err := s.log.Append(ctx, stream, expected, events)
	var conflict *eventlog.ConflictError
	switch {
	case errors.As(err, &conflict):
		return call.SendAndClose(conflictAnswer(conflict))
	case err != nil:
		return toStatus(ctx, err)
	}
	return call.SendAndClose(appendAnswer(appended))
}

// endOfRequest is the error for a request that ended before it was whole.
func endOfRequest(err error) error {
	if errors.Is(err, io.EOF) {
		return invalid("the request ended before its options")
	}
	return err
}

func receiveEvents(call streams.Streams_AppendServer) ([]eventlog.Event, error) {
	var events []eventlog.Event
	size := 0
	for {
		request, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		proposed := request.GetProposedMessage()
		if proposed == nil {
			return nil, invalid("after its options an append has events only")
		}
		e, err := proposedEvent(proposed)
		if missing := (*missingError)(nil); errors.As(err, &missing) {
			return nil, withTrailers(call.Context(), missing,
				trailerException, exceptionMissing, trailerRequired, metaType+","+metaContentType)
		}
		if err != nil {
			return nil, err
		}
		if size += appendSize(&e); size > maxAppend {
			return nil, withTrailers(call.Context(), errTooLarge,
				trailerException, exceptionTooLarge, trailerMaxAppend, strconv.Itoa(maxAppend))
		}
		events = append(events, e)
	}
}

// errTooLarge is the answer to an append of more than maxAppend bytes.
var errTooLarge = status.Errorf(codes.InvalidArgument, "the append is over its limit of %d bytes", maxAppend)

// appendSize is what an event counts of maxAppend. EventStoreDB counts two
// bytes for a character of the type.
func appendSize(e *eventlog.Event) int { return len(e.Data) + len(e.Metadata) + 2*len(e.Type) }

// missingError says that an event lacks metadata that each must have.
type missingError struct {
	event uuid.UUID
	key   string
}

func (e *missingError) Error() string {
	return fmt.Sprintf("event %s has no %q in its metadata", e.event, e.key)
}

// GRPCStatus makes it an answer to a call.
func (e *missingError) GRPCStatus() *status.Status {
	return status.New(codes.InvalidArgument, e.Error())
}

// proposed is an event as either append call carries it.
type proposed interface {
	GetId() *shared.UUID
	GetMetadata() map[string]string
	GetCustomMetadata() []byte
	GetData() []byte
}

func proposedEvent(p proposed) (eventlog.Event, error) {
	id, err := parseUUID(p.GetId())
	if err != nil {
		return eventlog.Event{}, err
	}
	for _, required := range []string{metaType, metaContentType} {
		if p.GetMetadata()[required] == "" {
			return eventlog.Event{}, &missingError{event: id, key: required}
		}
	}
	e := eventlog.Event{
		ID:       eventlog.ID(id),
		Type:     p.GetMetadata()[metaType],
		JSON:     p.GetMetadata()[metaContentType] == contentJSON,
		Metadata: p.GetCustomMetadata(),
		Data:     p.GetData(),
	}
	if len(e.Type) > eventlog.MaxName {
		return e, invalid("event %s: its type is %d bytes long: %d are allowed", id, len(e.Type), eventlog.MaxName)
	}
	return e, nil
}

func expectedOfAppend(o *streams.AppendReq_Options) (eventlog.Expected, error) {
	switch v := o.ExpectedStreamRevision.(type) {
	case *streams.AppendReq_Options_Any:
		return eventlog.Any, nil
	case *streams.AppendReq_Options_NoStream:
		return eventlog.NoStream, nil
	case *streams.AppendReq_Options_StreamExists:
		return eventlog.StreamExists, nil
	case *streams.AppendReq_Options_Revision:
		r, err := revision(v.Revision)
		return eventlog.Expected(r), err
	}
	return 0, invalid("the append has no expected revision")
}

func appendAnswer(a eventlog.Appended) *streams.AppendResp {
	success := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}},
		PositionOption: &streams.AppendResp_Success_Position{
			Position: &streams.AppendResp_Position{CommitPosition: a.Position, PreparePosition: a.Position}},
	}
	if a.Revision >= 0 {
		success.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(a.Revision)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: success}}
}

// conflictAnswer says it twice: clients before 20.6.1 read other fields, in
// which "no stream" is the revision before the first.
func conflictAnswer(c *eventlog.ConflictError) *streams.AppendResp {
	w := &streams.AppendResp_WrongExpectedVersion{}
	if c.Current < 0 {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}}
		w.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: &shared.Empty{}}
	} else {
		w.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(c.Current)}
		w.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: uint64(c.Current)}
	}
	switch c.Expected {
	case eventlog.Any:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: &shared.Empty{}}
	case eventlog.StreamExists:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: &shared.Empty{}}
	case eventlog.NoStream:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: math.MaxUint64}
	default:
		w.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: uint64(c.Expected)}
		w.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: uint64(c.Expected)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: w}}
}
