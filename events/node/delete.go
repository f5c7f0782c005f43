package node

import (
	"context"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// Delete hides a stream's events; the stream goes on with the next append.
func (s *streamsService) Delete(ctx context.Context, request *streams.DeleteReq) (*streams.DeleteResp, error) {
	o := request.GetOptions()
	stream, err := deletableName(o.GetStreamIdentifier())
	if err != nil {
		return nil, err
	}
	var expected eventlog.Expected
	switch v := o.GetExpectedStreamRevision().(type) {
	case *streams.DeleteReq_Options_Any:
		expected = eventlog.Any
	case *streams.DeleteReq_Options_NoStream:
		expected = eventlog.NoStream
	case *streams.DeleteReq_Options_StreamExists:
		expected = eventlog.StreamExists
	case *streams.DeleteReq_Options_Revision:
		r, err := revision(v.Revision)
		if err != nil {
			return nil, err
		}
		expected = eventlog.Expected(r)
	default:
		return nil, invalid("the delete has no expected revision")
	}
	done, err := s.log.Delete(ctx, stream, expected)
	if err != nil {
		return nil, toStatus(ctx, err)
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{
		Position: &streams.DeleteResp_Position{CommitPosition: done.Position, PreparePosition: done.Position}}}, nil
}

// Tombstone ends a stream for ever.
func (s *streamsService) Tombstone(ctx context.Context, request *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	o := request.GetOptions()
	stream, err := deletableName(o.GetStreamIdentifier())
	if err != nil {
		return nil, err
	}
	var expected eventlog.Expected
	switch v := o.GetExpectedStreamRevision().(type) {
	case *streams.TombstoneReq_Options_Any:
		expected = eventlog.Any
	case *streams.TombstoneReq_Options_NoStream:
		expected = eventlog.NoStream
	case *streams.TombstoneReq_Options_StreamExists:
		expected = eventlog.StreamExists
	case *streams.TombstoneReq_Options_Revision:
		r, err := revision(v.Revision)
		if err != nil {
			return nil, err
		}
		expected = eventlog.Expected(r)
	default:
		return nil, invalid("the tombstone has no expected revision")
	}
	done, err := s.log.Tombstone(ctx, stream, expected)
	if err != nil {
		return nil, toStatus(ctx, err)
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{
		Position: &streams.TombstoneResp_Position{CommitPosition: done.Position, PreparePosition: done.Position}}}, nil
}

// deletableName is writableName without the streams of metadata: they go with
// the stream that they describe.
func deletableName(id *shared.StreamIdentifier) (string, error) {
	name, err := writableName(id)
	if err == nil && strings.HasPrefix(name, "$$") {
		return "", invalid("stream %q goes with the stream that it describes", name)
	}
	return name, err
}
