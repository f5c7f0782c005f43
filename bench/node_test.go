package bench_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/playcast/playcast/bench"
	"github.com/playcast/playcast/events/node"
)

// server is a node in the test's own process.
type server struct {
	dir string
	n   *node.Node
}

var _ bench.Server = (*server)(nil)

func (s *server) Start(context.Context) (string, time.Duration, error) {
	var err error
	if s.n, err = node.Open(node.Config{Dir: s.dir, Listen: "127.0.0.1:0"}); err != nil {
		return "", 0, err
	}
	return s.n.ConnectionString(), time.Millisecond, nil
}

func (s *server) Stop() error             { return s.n.Close() }
func (*server) Resident() (uint64, error) { return 1 << 20, nil }
func measured(t *testing.T, f bench.Figures) map[string]*float64 {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]*float64
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// all is what the figures are called; other programs read them by name.
var all = []string{"append_seq_p50_ms", "append_seq_p99_ms", "append_64_per_s", "append_batch_events_per_s",
	"read_stream_events_per_s", "read_all_events_per_s", "subscribe_p99_ms", "start_ms_1m", "rss_mb", "sync_floor_us"}

func TestEveryFigureIsMeasured(t *testing.T) {
	figures, err := bench.Node(t.Context(), bench.Config{
		Server: &server{dir: t.TempDir()}, Dir: t.TempDir(), Phase: 500 * time.Millisecond, Events: 1})
	if err != nil {
		t.Fatal(err)
	}
	fields := measured(t, figures)
	for _, name := range all {
		switch value := fields[name]; {
		case value == nil:
			t.Errorf("%s is missing", name)
		case *value <= 0 && name != "subscribe_p99_ms":
			t.Errorf("%s is %v", name, *value)
		}
	}
	if len(fields) != len(all) {
		t.Errorf("%d fields, want %d", len(fields), len(all))
	}
}

func TestAStoreOfSomebodyElseIsMeasuredByItsCallsAlone(t *testing.T) {
	s := &server{dir: t.TempDir()}
	connection, _, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	figures, err := bench.Node(t.Context(), bench.Config{Connection: connection, Phase: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	fields := measured(t, figures)
	for _, name := range []string{"start_ms_1m", "rss_mb", "sync_floor_us"} {
		if value, ok := fields[name]; !ok || value != nil {
			t.Errorf("%s: %v, want null", name, value)
		}
	}
}

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	for name, cfg := range map[string]bench.Config{
		"nothing named":          {},
		"no connection string":   {Connection: "postgres://localhost"},
		"nobody there":           {Connection: "esdb://127.0.0.1:1?tls=false&maxDiscoverAttempts=1&discoveryInterval=10"},
		"no directory for syncs": {Connection: "esdb://127.0.0.1:1?tls=false", Dir: "/does/not/exist"},
	} {
		if _, err := bench.Node(t.Context(), cfg); err == nil {
			t.Errorf("%s: it was measured", name)
		}
	}
}
