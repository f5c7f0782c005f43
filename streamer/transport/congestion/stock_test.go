package congestion

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

// stock is the library's GCC, to compare with.
type stock struct {
	*gcc.SendSideBWE
	w      interceptor.RTPWriter
	number uint16
	body   [2000]byte
}

func newStock(t *testing.T) *stock {
	t.Helper()
	logs := logging.NewDefaultLoggerFactory()
	logs.DefaultLogLevel = logging.LogLevelDisabled
	b := simBounds
	inner, err := gcc.NewSendSideBWE(gcc.SendSideBWEInitialBitrate(b.Start), gcc.SendSideBWEMinBitrate(b.Min),
		gcc.SendSideBWEMaxBitrate(b.Max), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()), gcc.WithLoggerFactory(logs))
	if err != nil {
		t.Fatal(err)
	}
	sink := interceptor.RTPWriterFunc(func(*rtp.Header, []byte, interceptor.Attributes) (int, error) { return 0, nil })
	w := inner.AddStream(&interceptor.StreamInfo{
		RTPHeaderExtensions: []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: 1}},
	}, sink)
	return &stock{SendSideBWE: inner, w: w}
}

func (s *stock) Sent(_ time.Duration, size int, _ int32) uint16 {
	n := s.number
	s.number++
	h := rtp.Header{Version: 2}
	_ = h.SetExtension(1, []byte{byte(n >> 8), byte(n)})
	_, _ = s.w.Write(&h, s.body[:max(0, size-h.MarshalSize())], nil)
	return n
}

func (s *stock) Report(_ time.Duration, arrivals []Arrival) {
	_ = s.WriteRTCP([]rtcp.Packet{write(arrivals)}, nil)
}

func (s *stock) Target() int                         { return s.GetTargetBitrate() }
func (s *stock) Probe(time.Duration) (Cluster, bool) { return Cluster{}, false }

// inBubble runs a scenario with the library's algorithm, whose clock is the
// bubble's.
func (s scenario) stock(t *testing.T, seed uint64) (g figures) {
	synctest.Test(t, func(t *testing.T) {
		w, control := s.world(seed), newStock(t)
		defer control.Close()
		w.flows, w.sleep = []*flow{newFlow("gcc", control, seed)}, time.Sleep
		w.run(s.length)
		g = s.measure(w)
	})
	return g
}
