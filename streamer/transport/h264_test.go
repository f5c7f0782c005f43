package transport

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp/codecs"
)

// put is a payload as the network would carry it.
type put struct {
	payload []byte
	last    bool
}

func splitAll(t testing.TB, annexB []byte) []put {
	t.Helper()
	var out []put
	err := newPacketizer().split(annexB, func(payload []byte, last bool) error {
		out = append(out, put{bytes.Clone(payload), last})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func nals(annexB []byte) [][]byte {
	var out [][]byte
	for nal, rest := nextNAL(annexB); nal != nil; nal, rest = nextNAL(rest) {
		out = append(out, nal)
	}
	return out
}

func TestNALUnitsAreCutAtStartCodes(t *testing.T) {
	stream := []byte{9, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 0, 1, 0, 0, 1, 0x65, 0, 0, 3, 0}
	want := [][]byte{{0x67, 1, 2}, {0x68, 3}, {0x65, 0, 0, 3}}
	got := nals(stream)
	if len(got) != len(want) {
		t.Fatalf("%d NAL units, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("unit %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestPicture(t *testing.T) {
	for name, tc := range map[string]struct {
		unit       []byte
		found, key bool
	}{
		"key":             {keyUnit(100), true, true},
		"delta":           {deltaUnit(100), true, false},
		"parameters only": {[]byte{0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 1}, false, false},
		"no start code":   {[]byte{0x65, 1, 2}, false, false},
		"empty":           {nil, false, false},
	} {
		if found, key := picture(tc.unit); found != tc.found || key != tc.key {
			t.Errorf("%s: %v, %v", name, found, key)
		}
	}
}

func TestSplit(t *testing.T) {
	for name, tc := range map[string]struct {
		unit    []byte
		packets int
	}{
		"small slice":               {deltaUnit(200), 1},
		"largest single":            {deltaUnit(maxPayload - 4), 1},
		"parameters with the slice": {keyUnit(500), 1},
		"parameters, then slices":   {keyUnit(3000), 4},
		"two small slices":          {append(deltaUnit(400), deltaUnit(400)...), 1},
		"two large slices":          {append(deltaUnit(2000), deltaUnit(2000)...), 4},
		"delimiter":                 {append([]byte{0, 0, 0, 1, nalAUD, 0xf0}, deltaUnit(100)...), 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := splitAll(t, tc.unit)
			if len(got) != tc.packets {
				t.Errorf("%d packets, want %d", len(got), tc.packets)
			}
			for i, p := range got {
				if len(p.payload) > maxPayload {
					t.Errorf("packet %d has %d bytes", i, len(p.payload))
				}
				if p.last != (i == len(got)-1) {
					t.Errorf("packet %d: last is %v", i, p.last)
				}
			}
		})
	}
	stop := errors.New("stop")
	calls := 0
	err := newPacketizer().split(keyUnit(9000), func([]byte, bool) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("after an error: %v, %d calls", err, calls)
	}
}

// FuzzSplit holds that what one side splits the other puts together.
func FuzzSplit(f *testing.F) {
	f.Add(append([]byte{0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x65}, bytes.Repeat([]byte{7}, 3000)...))
	f.Add([]byte{0, 0, 1, 0, 0, 1, 0x65})
	f.Fuzz(func(t *testing.T, stream []byte) {
		var want []byte
		for _, nal := range nals(stream) {
			kind := nalType(nal)
			if kind == 0 || kind >= nalSTAPA || nal[0]&0x80 != 0 {
				return // not of a picture: RTP gives these types and this bit another meaning
			}
			if kind != nalAUD && kind != nalFiller {
				want = append(append(want, 0, 0, 0, 1), nal...)
			}
		}
		var got []byte
		depacketizer := codecs.H264Packet{}
		for _, p := range splitAll(t, stream) {
			if len(p.payload) == 1 {
				return // the other side refuses a NAL unit of a header alone
			}
			data, err := depacketizer.Unmarshal(p.payload)
			if err != nil {
				t.Fatalf("%v in %x", err, p.payload)
			}
			got = append(got, data...)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("%d bytes went in, %d came out that differ", len(want), len(got))
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	unit, packets := deltaUnit(20_000), newPacketizer()
	b.SetBytes(int64(len(unit)))
	b.ReportAllocs()
	for b.Loop() {
		_ = packets.split(unit, func([]byte, bool) error { return nil })
	}
}
