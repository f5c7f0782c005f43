package transport

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestEstimateIsBounded(t *testing.T) {
	b := Bitrate{Start: 800, Min: 100, Max: 2000}
	for name, tc := range map[string]struct {
		current, wanted, sent, want int
		anew                        bool
	}{
		"grows with what is sent":         {800, 1000, 800, 1000, false},
		"grows to 1.5 times the sent":     {800, 1500, 800, 1200, false},
		"holds when little is sent":       {800, 1500, 200, 800, false},
		"falls at once":                   {800, 300, 800, 300, false},
		"falls by a step in a quiet time": {800, 100, 100, 680, true},
		"falls less than that":            {800, 790, 100, 790, false},
		"not under the least":             {800, 0, 800, 100, false},
		"nor in a quiet time":             {100, 20, 10, 100, false},
		"not over the most":               {1900, 4000, 4000, 2000, false},
	} {
		if got, anew := bounded(b, tc.current, tc.wanted, tc.sent); got != tc.want || anew != tc.anew {
			t.Errorf("%s: %d, %v, want %d, %v", name, got, anew, tc.want, tc.anew)
		}
	}
}

func newTestEstimator(t *testing.T) *estimator {
	t.Helper()
	e, err := newEstimator(Config{}.withDefaults().Bitrate, pionLogs{discard})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

func TestEstimateIsToldInSteps(t *testing.T) {
	e := newTestEstimator(t)
	var told []int
	e.OnTargetBitrateChange(func(bps int) { told = append(told, bps) })
	now := time.Now()
	must(t, e.update(7_900_000, now))
	must(t, e.update(7_700_000, now))
	must(t, e.update(7_690_000, now))
	if len(told) != 1 || told[0] != 7_700_000 || e.GetTargetBitrate() != 7_690_000 {
		t.Errorf("told %v, estimate %d", told, e.GetTargetBitrate())
	}
}

func TestAlgorithmBeginsAgainAfterAFallInAQuietTime(t *testing.T) {
	e := newTestEstimator(t)
	old := e.inner
	must(t, e.update(400_000, time.Now())) // nothing was sent
	if got := e.GetTargetBitrate(); got != 6_800_000 || e.inner == old || e.inner.GetTargetBitrate() != got {
		t.Errorf("estimate %d, the algorithm's %d", got, e.inner.GetTargetBitrate())
	}
}

func TestFeedbackWithoutItsDeltas(t *testing.T) {
	e := newTestEstimator(t)
	must(t, e.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerCC{
		PacketStatusCount: 7,
		PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{
			PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 7,
		}},
	}}, nil))
	if e.lies.Load() != 1 {
		t.Errorf("%d lies counted", e.lies.Load())
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
			must(t, peer.WriteFrame(keyUnit(1200), time.Now())) // key frames only: none needs another
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

func TestRateMeter(t *testing.T) {
	var m rateMeter
	now := time.Now()
	var bytes uint64
	var rate int
	for range 50 { // 1 MB/s in steps of 50 ms
		rate = m.rate(now, bytes)
		now, bytes = now.Add(50*time.Millisecond), bytes+50_000
	}
	if rate < 7_900_000 || rate > 8_100_000 {
		t.Errorf("rate %d", rate)
	}
	for range 50 { // nothing more
		rate = m.rate(now, bytes)
		now = now.Add(50 * time.Millisecond)
	}
	if rate != 0 {
		t.Errorf("rate %d when nothing is sent", rate)
	}
}

func TestFeedbackThatLies(t *testing.T) {
	var f feedback
	now := time.Now()
	sent := uint32(ntpTime(now.Add(-50*time.Millisecond)) >> 16)
	f.take(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
		LastSenderReport: sent, TotalLost: 5, FractionLost: 64, Jitter: 900, Delay: 65536 / 50,
	}}}, now, nil)
	got := f.lastReport()
	if got.Lost != 5 || got.FractionLost != 0.25 || got.Jitter != 10*time.Millisecond {
		t.Errorf("report %+v", got)
	}
	if off := (got.RTT - 30*time.Millisecond).Abs(); off > time.Millisecond {
		t.Errorf("round trip %v, want 30 ms", got.RTT)
	}
	f.take(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{
		LastSenderReport: sent, TotalLost: 0xffffff, Delay: 65536 * 10,
	}}}, now, nil)
	if lie := f.lastReport(); lie.Lost != 0 || lie.RTT != got.RTT || f.invalid.Load() != 1 {
		t.Errorf("after a negative loss and a reply before its question: %+v, %d invalid", lie, f.invalid.Load())
	}
}
