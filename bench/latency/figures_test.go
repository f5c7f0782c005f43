package latency

import (
	"testing"
)

func TestPercentile(t *testing.T) {
	var values []float64
	for n := 100; n > 0; n-- {
		values = append(values, float64(n))
	}
	for p, want := range map[float64]float64{50: 50, 95: 95, 99: 99, 100: 100, 0: 1} {
		if got := percentile(values, p); got != want {
			t.Errorf("p%g of 1 to 100 is %g, want %g", p, got, want)
		}
	}
	if percentile(nil, 50) != 0 || percentile([]float64{7}, 99) != 7 {
		t.Error("of none or one")
	}
}

func TestPresented(t *testing.T) {
	p := played{Sights: []sight{
		{RTP: 1, Frame: 1, Presented: 0},
		{RTP: 2, Frame: 2, Presented: 16 * msec},
		{RTP: 2, Frame: 2, Presented: 33 * msec},               // the same, presented again
		{RTP: 3, Frame: 2, Presented: 50 * msec},               // sent again
		{RTP: 4, Fault: torn, Presented: 66 * msec},            // a frame, and 50 ms after the last: no freeze
		{RTP: 5, Frame: 5, Presented: 66*msec + freezeNS + 1},  // a freeze
		{RTP: 6, Frame: 6, Presented: 100*msec + freezeNS + 1}, // none
	}}
	if unique, freezes := presented(p); unique != 5 || freezes != 1 {
		t.Errorf("%d unique frames and %d freezes, want 5 and 1", unique, freezes)
	}
}

func TestPoolFigures(t *testing.T) {
	stages := make([]float64, len(stageNames))
	stages[6] = 4
	p := pool{[]result{
		{samples: []sample{{20, stages}, {30, stages}}, lost: 1, cpu: 600, machine: machine{0.1, 80},
			played: played{Ended: 2e9, Bytes: 1e6, Frames: 120, Sights: []sight{{RTP: 1, Width: 64, Height: 48}, {RTP: 2, Fault: torn}, {RTP: 3, Fault: unreadable}}}},
		{samples: []sample{{40, nil}}, cpu: 600, machine: machine{0.3, 70}, psnr: []float64{40, 42},
			played: played{Ended: 2e9, Bytes: 1e6, Frames: 120, Sound: 5}},
	}}
	f := p.figures()
	if f.N != 3 || f.P50 != 30 || f.P99 != 40 || f.RunP50[0] != 20 || f.RunP50[1] != 40 || f.Stages["encode"].P50 != 4 {
		t.Errorf("latency: %+v", f)
	}
	if f.Bitrate != 4 || f.ServerCPU != 5 || f.PSNR != 41 || f.FPS != 0.75 {
		t.Errorf("rates: %+v", f)
	}
	if f.Lost != 1 || f.Torn != 1 || f.Unreadable != 1 || f.Unjoined != 1 || f.Steal != 0.3 || f.Busy != 80 || f.Pictures["64x48"] != 1 || !f.Sound {
		t.Errorf("quality: %+v", f)
	}
}

func TestMachine(t *testing.T) {
	before, err := parseTicks("cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2\n")
	if err != nil {
		t.Fatal(err)
	}
	after, err := parseTicks("cpu  130 0 110 740 110 0 5 5 3 0\n")
	if err != nil {
		t.Fatal(err)
	}
	if m := after.since(before); m.steal != 5 || m.busy != 50 {
		t.Errorf("got %+v, want 5 %% steal and 50 %% busy", m)
	}
	for _, wrong := range []string{"", "cpu 1 2 3", "cpu a b c d e f g h", "cpu0 1 2 3 4 5 6 7 8"} {
		if _, err := parseTicks(wrong); err == nil {
			t.Errorf("read %q", wrong)
		}
	}
	cpu, err := parseCPU([]byte("42 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14"))
	if err != nil || cpu != (11+12)*tickMS {
		t.Errorf("got %g ms, %v", cpu, err)
	}
	if _, err := parseCPU([]byte("42 (playcast) S 1")); err == nil {
		t.Error("read too few fields")
	}
	if _, err := readTicks(); err != nil {
		t.Error(err)
	}
}
