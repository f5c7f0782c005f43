package transport

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestEstimateIsBounded(t *testing.T) {
	b := Bitrate{Start: 8, Min: 1, Max: 20}
	for name, tc := range map[string]struct{ current, wanted, sent, want int }{
		"grows with what is sent":     {8, 10, 8, 10},
		"grows to 1.5 times the sent": {8, 15, 8, 12},
		"holds when little is sent":   {8, 15, 2, 8},
		"falls at once":               {8, 3, 8, 3},
		"not under the least":         {8, 0, 8, 1},
		"not over the most":           {19, 40, 40, 20},
	} {
		if got := bounded(b, tc.current, tc.wanted, tc.sent); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

func TestEstimateIsToldInSteps(t *testing.T) {
	e, err := newEstimator(Config{}.withDefaults().Bitrate, pionLogs{discard})
	must(t, err)
	defer func() { must(t, e.Close()) }()
	var told []int
	e.OnTargetBitrateChange(func(bps int) { told = append(told, bps) })
	now := time.Now()
	e.update(7_900_000, now)
	e.update(7_700_000, now)
	e.update(7_690_000, now)
	e.update(100, now)
	if len(told) != 2 || told[0] != 7_700_000 || told[1] != 300_000 || e.GetTargetBitrate() != 300_000 {
		t.Errorf("told %v, estimate %d", told, e.GetTargetBitrate())
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
