package player

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// stream makes the packets of units, three each; every hundredth is a key frame.
func stream(units int, first uint16) []*rtp.Packet {
	var packets []*rtp.Packet
	for n := range units {
		header := byte(0x41) // a slice
		if n%100 == 0 {
			header = 0x65 // of an IDR picture
		}
		for part := range 3 {
			packets = append(packets, &rtp.Packet{
				Header:  rtp.Header{SequenceNumber: first, Timestamp: uint32(n), Marker: part == 2},
				Payload: []byte{header, byte(n), byte(part)},
			})
			first++
		}
	}
	return packets
}

// feed pushes packets a millisecond apart, and returns the timestamps of the
// units that come out.
func feed(t *testing.T, a *assembler, packets []*rtp.Packet) (units []uint32) {
	t.Helper()
	now := time.Unix(1, 0)
	for _, p := range packets {
		now = now.Add(time.Millisecond)
		a.push(p, now, func(u Unit) {
			if len(u.Data) != 3*(4+3) || u.Data[5] != byte(u.RTP) || u.Data[7+6] != 1 {
				t.Errorf("unit %d is %x", u.RTP, u.Data)
			}
			if u.Key != (u.RTP%100 == 0) || u.Last.Before(u.First) {
				t.Errorf("unit %+v", u)
			}
			units = append(units, u.RTP)
		})
	}
	return units
}

func numbers(from, to uint32) (all []uint32) {
	for ; from < to; from++ {
		all = append(all, from)
	}
	return all
}

func TestUnitsComeInOrder(t *testing.T) {
	packets := stream(40, 65500) // over the end of the numbers
	if got := feed(t, &assembler{}, packets); !slices.Equal(got, numbers(0, 40)) {
		t.Errorf("got %v", got)
	}
	shuffled := slices.Clone(packets)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := 1; i+8 < len(shuffled); i += 8 { // the first packet stays the first
		rnd.Shuffle(8, func(j, k int) { shuffled[i+j], shuffled[i+k] = shuffled[i+k], shuffled[i+j] })
	}
	shuffled = slices.Insert(shuffled, 60, shuffled[50], shuffled[3]) // two repetitions
	a := &assembler{}
	if got := feed(t, a, shuffled); !slices.Equal(got, numbers(0, 40)) || a.counts.Abandoned != 0 {
		t.Errorf("out of order: got %v, %+v", got, a.counts)
	}
}

func TestHoleIsFilled(t *testing.T) {
	packets := stream(40, 7)
	late := slices.Concat(packets[:31], packets[32:90], packets[31:32], packets[90:])
	a := &assembler{}
	if got := feed(t, a, late); !slices.Equal(got, numbers(0, 40)) || a.counts.KeyRequests != 0 {
		t.Errorf("got %v, %+v", got, a.counts)
	}
}

func TestHoleIsGivenUp(t *testing.T) {
	packets := stream(200, 7)
	lost := slices.Concat(packets[:31], packets[32:]) // of unit 10
	a := &assembler{}
	want := slices.Concat(numbers(0, 10), numbers(100, 200))
	if got := feed(t, a, lost); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if c := a.counts; c.Abandoned != 1 || c.Skipped != 90 || c.Units != 200 || c.KeyRequests != 1 {
		t.Errorf("counts %+v", c)
	}
}

// A jump of the numbers beyond the window, as after an outage.
func TestJump(t *testing.T) {
	for _, gap := range []int{window / 3, window, 20_000 / 3} {
		packets := stream(gap+40, 7)
		a := &assembler{}
		got := feed(t, a, slices.Concat(packets[:30], packets[3*gap:], stream(200, 7+3*uint16(gap+40))))
		if len(got) < 100 || !slices.Equal(got[:10], numbers(0, 10)) {
			t.Errorf("after a gap of %d units: got %v", gap, got)
		}
	}
}

func FuzzAssembler(f *testing.F) {
	f.Add([]byte{0, 1, 0x65, 1, 0, 0x41, 7, 1, 0x7c})
	f.Fuzz(func(t *testing.T, data []byte) {
		a, now := &assembler{}, time.Unix(1, 0)
		for ; len(data) >= 3; data = data[3:] {
			p := &rtp.Packet{Payload: slices.Repeat(data[2:3], int(data[1]>>4))}
			p.SequenceNumber, p.Marker = uint16(data[0])*257, data[1]&1 == 1
			now = now.Add(time.Duration(data[1]) * time.Millisecond)
			a.push(p, now, func(Unit) {})
			if a.ahead < 0 || a.ahead >= window {
				t.Fatalf("%d packets wait", a.ahead)
			}
		}
	})
}
