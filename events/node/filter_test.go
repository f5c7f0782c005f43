package node

import (
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/playcast/playcast/events/node/internal/eventlog"
)

// FuzzFilter: any pattern either filters or is refused as the client's error.
func FuzzFilter(f *testing.F) {
	f.Add("^[^\\$].*", "", "session-1", "SessionEnded", uint32(32), uint32(1))
	f.Add("", "session-", "session-1", "SessionEnded", uint32(0), uint32(0))
	f.Add("(?<!x)(", "x", "", "", uint32(1<<31), uint32(1<<31))
	f.Fuzz(func(t *testing.T, pattern, prefix, stream, kind string, window, multiplier uint32) {
		e := &streams.ReadReq_Options_FilterOptions_Expression{Regex: pattern}
		if prefix != "" {
			e.Prefix = []string{prefix}
		}
		parsed, err := parseFilter(&streams.ReadReq_Options_FilterOptions{
			Filter:                       &streams.ReadReq_Options_FilterOptions_StreamIdentifier{StreamIdentifier: e},
			Window:                       &streams.ReadReq_Options_FilterOptions_Max{Max: window},
			CheckpointIntervalMultiplier: multiplier,
		})
		if err != nil {
			if status.Code(err) != codes.InvalidArgument {
				t.Fatalf("got %v", err)
			}
			return
		}
		if parsed.checkpointEvery < 1 || parsed.checkpointEvery > maxCheckpoint {
			t.Fatalf("a checkpoint every %d events", parsed.checkpointEvery)
		}
		parsed.match(&eventlog.Record{Stream: []byte(stream), Type: []byte(kind)})
	})
}

func TestAFilterIsOfSomeSize(t *testing.T) {
	for name, e := range map[string]*streams.ReadReq_Options_FilterOptions_Expression{
		"a pattern": {Regex: strings.Repeat("a", maxFilter)},
		"prefixes":  {Prefix: slices.Repeat([]string{"session-"}, maxFilter/8)},
	} {
		_, err := parseExpression(e, func(r *eventlog.Record) []byte { return r.Stream })
		if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "4096 are allowed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
