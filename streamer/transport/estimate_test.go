package transport

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func newTestEstimator(t *testing.T) *estimator {
	t.Helper()
	e, err := newEstimator(Config{}.withDefaults())
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

func TestEstimateIsToldInSteps(t *testing.T) {
	teller := rateTeller{told: 8_000_000}
	var told []int
	teller.tellTo = func(bps int) { told = append(told, bps) }
	for _, bps := range []int{7_900_000, 7_700_000, 7_690_000} {
		teller.tell(bps)
	}
	if len(told) != 1 || told[0] != 7_700_000 {
		t.Errorf("told %v", told)
	}
}

func TestFeedbackWithoutItsDeltas(t *testing.T) {
	e := newTestEstimator(t)
	e.take([]rtcp.Packet{&rtcp.TransportLayerCC{
		PacketStatusCount: 7,
		PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{
			PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 7,
		}},
	}}, time.Now())
	if lies := e.path().lies; lies != 1 {
		t.Errorf("%d lies counted", lies)
	}
}

func TestEstimateGrowsWithTheStream(t *testing.T) {
	s := newServer(t, Config{Bitrate: Bitrate{Start: 500_000, Min: 100_000, Max: 5_000_000}})
	peer, client, rec := connect(t, s, playerOptions{})
	ticker, deadline := time.NewTicker(10*time.Millisecond), time.After(bound)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			must(t, peer.WriteFrame(H264, keyUnit(1200), time.Now())) // key frames only: none needs another
		case <-client.units:
		case bps := <-rec.estimates:
			if bps > 550_000 {
				return
			}
		case <-deadline:
			t.Fatalf("the estimate stays at %d", peer.Stats().Estimate)
		}
	}
}
