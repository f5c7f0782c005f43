package latency

import (
	"math"
	"strings"
	"testing"
)

const msec = 1_000_000

// way is a press's points at these milliseconds after it was sent.
func way(press int64, inputs uint32) (*records, sight) {
	at := func(ms int64) int64 { return press + ms*msec }
	rtp := 100 + inputs
	return &records{
		inputs:  []record{{Received: at(1), Injected: at(3)}},
		presses: []record{{Inputs: inputs, Seen: at(3), Drawn: at(6)}},
		frames: map[uint32]record{rtp: {RTP: rtp, Captured: at(10), Converted: at(11), Started: at(11),
			Encoded: at(16), Sent: at(17)}},
	}, sight{RTP: rtp, Frame: 50 + inputs, Inputs: inputs, Arrived: at(18), Decoded: at(20), Presented: at(27)}
}

func TestStagesAddUp(t *testing.T) {
	var presses []int64
	var sights []sight
	all := &records{frames: map[uint32]record{}}
	for n := uint32(1); n <= 3; n++ {
		press := int64(n) * 100 * msec
		r, s := way(press, n)
		presses = append(presses, press)
		all.inputs = append(all.inputs, r.inputs[0], record{Received: press + 30*msec, Injected: press + 31*msec}) // its release
		all.presses = append(all.presses, r.presses...)
		for rtp, frame := range r.frames {
			all.frames[rtp] = frame
		}
		sights = append(sights, sight{RTP: s.RTP - 50, Inputs: n - 1, Presented: press + 10*msec}, s)
	}
	samples, lost := join(presses, sights, all)
	if len(samples) != 3 || lost != 0 {
		t.Fatalf("%d samples, %d lost", len(samples), lost)
	}
	want := []float64{1, 2, 3, 4, 1, 0, 5, 1, 1, 2, 7}
	for _, s := range samples {
		sum := 0.0
		for i, stage := range s.stages {
			sum += stage
			if stage != want[i] {
				t.Errorf("%s took %g, want %g", stageNames[i], stage, want[i])
			}
		}
		if s.total != 27 || math.Abs(sum-s.total) > 1e-9 {
			t.Errorf("stages add up to %g of %g", sum, s.total)
		}
	}
	delete(all.frames, 102)
	if samples, _ = join(presses, sights, all); samples[1].stages != nil || samples[1].total != 27 {
		t.Errorf("without a trace of its frame: %+v", samples[1])
	}
}

// A spoilt picture shows nothing; a press that no picture shows is lost.
func TestJoinCountsLost(t *testing.T) {
	r, s := way(100*msec, 1)
	spoilt := s
	spoilt.Fault = torn
	late := s
	late.Presented += 16 * msec
	samples, lost := join([]int64{100 * msec}, []sight{spoilt, late}, r)
	if len(samples) != 1 || lost != 0 || samples[0].total != 43 {
		t.Errorf("behind a spoilt picture: %+v, %d lost", samples, lost)
	}
	if samples, lost = join([]int64{100 * msec}, []sight{spoilt}, r); len(samples) != 0 || lost != 1 {
		t.Errorf("no picture: %+v, %d lost", samples, lost)
	}
}

func TestMatchPresses(t *testing.T) {
	log := func(seen ...int64) (l []record) {
		for i, at := range seen {
			l = append(l, record{Seen: at, Inputs: uint32(i + 1)})
		}
		return l
	}
	for _, c := range []struct {
		name string
		sent []int64
		log  []record
		want []uint32 // 0: none
	}{
		{"all came", []int64{100, 200, 300}, log(103, 203, 303), []uint32{1, 2, 3}},
		{"some before the first", []int64{100, 200}, log(50, 103, 203), []uint32{2, 3}},
		{"the second was lost", []int64{100, 200, 300}, log(103, 303), []uint32{1, 0, 2}},
		{"all came, one later than the next was sent", []int64{100, 200, 300}, log(103, 302, 303), []uint32{1, 2, 3}},
		{"one too many", []int64{100, 200}, log(103, 104, 203), []uint32{1, 3}},
		{"none came", []int64{100, 200}, nil, []uint32{0, 0}},
		{"none was sent", nil, log(5), nil},
	} {
		got := matchPresses(c.sent, c.log)
		for i, want := range c.want {
			if (got[i] == nil) != (want == 0) || got[i] != nil && got[i].Inputs != want {
				t.Errorf("%s: press %d is %+v, want %d", c.name, i, got[i], want)
			}
		}
	}
}

func TestRecords(t *testing.T) {
	var r records
	err := r.read(strings.NewReader(`{"kind":"input","session":"s","seq":3,"received":1,"injected":2}
{"kind":"frame","session":"s","rtp":4294967295,"captured":3,"converted":4,"encode_start":5,"encoded":6,"sent":7,"bytes":8,"key":true}
{"kind":"other"}
{"kind":"press","inputs":9,"frame":10,"seen":11,"drawn":12}
{"kind":"press","inp`))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.inputs) != 1 || r.inputs[0].Injected != 2 || r.frames[4294967295].Sent != 7 || len(r.presses) != 1 || r.presses[0].Drawn != 12 {
		t.Errorf("got %+v", r)
	}
	if err := r.read(strings.NewReader("no JSON\n")); err == nil {
		t.Error("read what is no JSON")
	}
}

func FuzzRecords(f *testing.F) {
	f.Add("{\"kind\":\"press\",\"inputs\":9,\"seen\":11,\"drawn\":12}\n{}\n")
	f.Fuzz(func(t *testing.T, text string) {
		var r records
		_ = r.read(strings.NewReader(text))
		for _, frame := range r.frames {
			r.presses = append(r.presses, frame)
		}
		_, _ = join([]int64{5, 9}, []sight{{Inputs: 9, Presented: 20}}, &r)
	})
}
