package quality

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > want/30+0.002 {
		t.Errorf("%s is %v, want about %v", what, got, want)
	}
}

func frameAt(at time.Time, encode time.Duration) Frame {
	begin := at.Add(2 * time.Millisecond)
	return Frame{
		Captured: at, EncodeStart: begin, EncodeEnd: begin.Add(encode),
		Sent: begin.Add(encode + 500*time.Microsecond), Bytes: 20_000,
	}
}

func TestWindowSumsFrames(t *testing.T) {
	m := NewMeter(start)
	for i := range 300 {
		m.AddFrame(frameAt(start.Add(time.Duration(i)*time.Second/60), time.Duration(i%100+1)*100*time.Microsecond))
	}
	m.AddDropped(3)
	if _, ok := m.Roll(start.Add(Length - 1)); ok {
		t.Fatal("the window ended early")
	}
	w, ok := m.Roll(start.Add(Length))
	if !ok {
		t.Fatal("the window did not end")
	}
	if w.From != start || w.To != start.Add(Length) || w.Sent.Frames != 300 || w.Sent.FPS != 60 || w.Sent.Dropped != 3 {
		t.Errorf("window %+v", w)
	}
	near(t, "bitrate", w.Sent.Bitrate, 9_600_000)
	near(t, "wait p50", w.Stages.Wait.P50, 2)
	near(t, "encode p50", w.Stages.Encode.P50, 5)
	near(t, "encode p95", w.Stages.Encode.P95, 9.5)
	near(t, "encode p99", w.Stages.Encode.P99, 9.9)
	near(t, "send p99", w.Stages.Send.P99, 0.5)
	near(t, "total p50", w.Stages.Total.P50, 7.5)

	next, ok := m.Roll(start.Add(2 * Length))
	if !ok || next.From != w.To || next.Sent.Frames != 0 || next.Stages != (Stages{}) {
		t.Errorf("the next window is not empty: %+v", next)
	}
}

func TestWindowTakesDifferencesOfTotals(t *testing.T) {
	m := NewMeter(start)
	m.AddNetwork(NetworkTotals{Packets: 1000, Lost: 10, Resent: 9, KeyFrames: 1, RTT: 20 * time.Millisecond, Estimate: 8_000_000})
	m.AddClient(ClientTotals{Presented: 290, Decoded: 300, DecodeTime: 900 * time.Millisecond, Freezes: 1})
	first, _ := m.Roll(start.Add(Length))
	near(t, "loss", first.Network.Loss, 0.01)
	near(t, "decode", first.Client.DecodeMS, 3)
	near(t, "fps seen", first.Client.FPS, 58)

	m.AddNetwork(NetworkTotals{Packets: 2000, Lost: 60, Resent: 19, KeyFrames: 3, RTT: 30 * time.Millisecond, QueueDelay: 4 * time.Millisecond, Estimate: 4_000_000})
	m.AddClient(ClientTotals{Presented: 500, Decoded: 510, DecodeTime: 1500 * time.Millisecond, Freezes: 1})
	m.AddClient(ClientTotals{Presented: 590, Decoded: 600, DecodeTime: 2100 * time.Millisecond, Freezes: 3})
	second, _ := m.Roll(start.Add(2 * Length))
	near(t, "loss", second.Network.Loss, 0.05)
	near(t, "round trip", second.Network.RTT, 30)
	near(t, "queue", second.Network.QueueDelay, 4)
	near(t, "decode", second.Client.DecodeMS, 4)
	near(t, "fps seen", second.Client.FPS, 60)
	if second.Network.Resent != 10 || second.Sent.KeyFrames != 2 || second.Client.Freezes != 2 || second.Client.Reports != 2 {
		t.Errorf("window %+v", second)
	}

	m.AddClient(ClientTotals{Presented: 50}) // the page was loaded again
	third, _ := m.Roll(start.Add(3 * Length))
	near(t, "fps seen after a reload", third.Client.FPS, 10)
	if third.Network != (Network{}) {
		t.Errorf("a network nobody measured: %+v", third.Network)
	}
}

func TestClientReportsThatCannotBeTrue(t *testing.T) {
	for name, report := range map[string]ClientTotals{
		"endless frames": {Presented: math.MaxUint64},
		"negative time":  {FreezeTime: -1},
		"not a number":   {InputToPresent: Quantiles{P95: math.NaN()}},
		"infinite":       {InputToPresent: Quantiles{P50: math.Inf(1)}},
		"out of order":   {InputToPresent: Quantiles{P50: 2, P95: 1, P99: 3}},
	} {
		m := NewMeter(start)
		if m.AddClient(report) {
			t.Errorf("%s: taken", name)
		}
		if w, _ := m.Roll(start.Add(Length)); w.Client != (Client{}) {
			t.Errorf("%s: counted as %+v", name, w.Client)
		}
	}
}

// FuzzClientReports takes reports as a page sends them: whatever it says, the
// window is within bounds and can be written.
func FuzzClientReports(f *testing.F) {
	f.Add([]byte(`{"presented":290,"decoded":300,"decode_ns":900000000,"input_to_present":{"p50_ms":20,"p95_ms":30,"p99_ms":40}}`),
		[]byte(`{"presented":590,"decoded":301,"freezes":1,"freeze_ns":31622400000000000,"buffer_ns":500000000000000000,"emitted":1}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		m := NewMeter(start)
		for _, raw := range [][]byte{first, second} {
			var report ClientTotals
			if json.Unmarshal(raw, &report) == nil {
				m.AddClient(report)
			}
		}
		w, _ := m.Roll(start.Add(Length))
		if _, err := json.Marshal(w); err != nil {
			t.Fatal(err)
		}
		c := w.Client
		for _, v := range []float64{c.FPS / maxFrameRate, c.DecodeMS / maxLatency, c.BufferMS / maxLatency, c.InputToPresent.P99 / maxLatency} {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("counted as %+v", c)
			}
		}
		if c.Dropped < 0 || c.Freezes < 0 || c.FreezeMS < 0 {
			t.Fatalf("counted as %+v", c)
		}
	})
}

func TestEnd(t *testing.T) {
	m := NewMeter(start)
	if _, ok := m.End(start); ok {
		t.Error("a window of no length")
	}
	m.AddFrame(frameAt(start, time.Millisecond))
	if w, ok := m.End(start.Add(time.Second)); !ok || w.Sent.FPS != 1 {
		t.Errorf("short window %+v, %v", w, ok)
	}
}

func TestQuantilesAreWithinTheirBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.SliceOfN(rapid.Int64Range(0, 1<<topBit-1), 1, 200).Draw(t, "us")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		var h histogram
		for _, v := range us {
			h.record(time.Duration(v) * time.Microsecond)
		}
		slices.Sort(us)
		rank := max(int(q*float64(len(us))+0.5), 1)
		want := float64(us[rank-1]) / 1000
		if got := h.quantile(q); math.Abs(got-want) > want/subBuckets/2+0.001 {
			t.Fatalf("quantile %v of %v is %v, want %v", q, us, got, want)
		}
	})
}

func TestDurationsOutOfRange(t *testing.T) {
	var h histogram
	h.record(-time.Second)
	h.record(time.Hour)
	if h.quantile(0) != 0 || h.quantile(1) < 16_000 {
		t.Errorf("quantiles %v and %v", h.quantile(0), h.quantile(1))
	}
}

func BenchmarkAddFrame(b *testing.B) {
	m, f := NewMeter(start), frameAt(start, 5*time.Millisecond)
	b.ReportAllocs()
	for b.Loop() {
		m.AddFrame(f)
	}
}
