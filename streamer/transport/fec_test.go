package transport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/flexfec"
	"github.com/pion/rtp"
)

// sentFrame is a frame of n packets as it goes out, the number's extension
// still zero, and its repairs.
func sentFrame(t testing.TB, r *repairer, base uint16, n int) (media, repairs []rtp.Packet) {
	t.Helper()
	collect := func(h *rtp.Header, payload []byte) error {
		repairs = append(repairs, rtp.Packet{Header: *h, Payload: bytes.Clone(payload)})
		return nil
	}
	r.begin()
	for i := range n {
		h := rtp.Header{
			Version: 2, PayloadType: 102, SequenceNumber: base + uint16(i), Timestamp: 12345, SSRC: 7, Marker: i == n-1,
		}
		must(t, h.SetExtension(3, noNumber[:]))
		if i == 0 {
			must(t, h.SetExtension(5, []byte{1, 2, 3}))
		}
		payload := slice(0x41, 40+rand.IntN(1000))
		media = append(media, rtp.Packet{Header: h, Payload: payload})
		full, err := r.keep(&h, payload)
		must(t, err)
		if full {
			must(t, r.repair(collect))
		}
	}
	must(t, r.repair(collect))
	return media, repairs
}

func newTestRepairer(share float64) *repairer {
	r := &repairer{media: 7, header: rtp.Header{SSRC: 9, PayloadType: 49, SequenceNumber: 99}}
	r.protect(share)
	return r
}

// TestRepairsAreTheLibrarysOwn compares with another encoder of the format,
// where one repair covers all packets: how they are shared out differs.
func TestRepairsAreTheLibrarysOwn(t *testing.T) {
	for _, n := range []int{1, 2, 15, 16, 46} {
		media, repairs := sentFrame(t, newTestRepairer(0.01), 65530, n)
		want := flexfec.NewFlexEncoder03(49, 9).EncodeFec(media, 1)
		if len(repairs) != 1 || len(want) != 1 {
			t.Fatalf("%d packets: %d repairs, want %d", n, len(repairs), len(want))
		}
		if !bytes.Equal(repairs[0].Payload, want[0].Payload) {
			t.Errorf("%d packets:\n%x\nwant\n%x", n, repairs[0].Payload[:30], want[0].Payload[:30])
		}
		if h := repairs[0].Header; h.SSRC != 9 || h.PayloadType != 49 || h.SequenceNumber != 100 || h.Timestamp != 12345 || h.Marker {
			t.Errorf("%d packets: header %+v", n, h)
		}
	}
}

// covered reads which packets a repair speaks of, and where its body begins.
func covered(repair []byte) (numbers []uint16, head int) {
	base, head := binary.BigEndian.Uint16(repair[16:]), 20
	mask, bits := uint64(binary.BigEndian.Uint16(repair[18:])&0x7fff), 15
	if repair[18]&0x80 == 0 {
		mask, bits, head = mask<<31|uint64(binary.BigEndian.Uint32(repair[20:])&0x7fffffff), 46, 24
	}
	for i := range bits {
		if mask>>(bits-1-i)&1 == 1 {
			numbers = append(numbers, base+uint16(i))
		}
	}
	return numbers, head
}

// recoverLost gives the one packet that a repair covers and that did not come.
func recoverLost(t testing.TB, repair []byte, came map[uint16]rtp.Packet) (uint16, []byte) {
	t.Helper()
	numbers, head := covered(repair)
	out := append(bytes.Clone(repair[:8]), 0, 0, 0, 0)
	body := bytes.Clone(repair[head:])
	length := binary.BigEndian.Uint16(repair[2:])
	var lost []uint16
	for _, number := range numbers {
		packet, ok := came[number]
		if !ok {
			lost = append(lost, number)
			continue
		}
		raw, err := packet.Marshal()
		must(t, err)
		length ^= uint16(len(raw) - rtpFixed)
		for i := range out[:8] {
			out[i] ^= raw[i]
		}
		for i, b := range raw[rtpFixed:] {
			body[i] ^= b
		}
	}
	if len(lost) != 1 {
		t.Fatalf("%d of %v are lost", len(lost), numbers)
	}
	out[0] = out[0]&0x3f | 0x80
	binary.BigEndian.PutUint16(out[2:], lost[0])
	binary.BigEndian.PutUint32(out[8:], 7)
	return lost[0], append(out, body[:length]...)
}

func TestABurstOfLossIsMadeGood(t *testing.T) {
	for _, n := range []int{1, 3, 7, 15, 16, 30, 46, 47, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := newTestRepairer(0.25)
			for round := range 3 { // buffers are used again
				media, repairs := sentFrame(t, r, uint16(65500+round*1000), n)
				inBlock := min(n, fecBlock)
				burst := (inBlock + 3) / 4 // as many as the first block has repairs
				at := rand.IntN(inBlock - burst + 1)
				came := map[uint16]rtp.Packet{}
				for i, packet := range media {
					if i < at || i >= at+burst {
						came[packet.SequenceNumber] = packet
					}
				}
				for i := range burst {
					number, raw := recoverLost(t, repairs[i].Payload, came)
					want, err := media[number-media[0].SequenceNumber].Marshal()
					must(t, err)
					if !bytes.Equal(raw, want) {
						t.Errorf("packet %d differs", number)
					}
				}
			}
		})
	}
}

func TestNothingIsRepairedUnasked(t *testing.T) {
	if _, repairs := sentFrame(t, newTestRepairer(0), 1, 10); len(repairs) != 0 {
		t.Errorf("%d repairs", len(repairs))
	}
	r := newTestRepairer(0.5)
	r.header.SSRC = 0
	if _, repairs := sentFrame(t, r, 1, 10); len(repairs) != 0 {
		t.Errorf("%d repairs for a client that takes none", len(repairs))
	}
}

func TestProtectionFollowsThePath(t *testing.T) {
	var p protection
	run := func(seconds int, rtt time.Duration, loss float64) protection {
		for range seconds {
			p = p.step(rtt, loss)
		}
		return p
	}
	const short, long = 10 * time.Millisecond, 100 * time.Millisecond
	if got := run(20, short, 0.05); got.share != 0 {
		t.Errorf("a short path gets %v", got.share)
	}
	if got := run(1, long, 0.05); got.share < fecLeast {
		t.Errorf("a long and lossy path gets %v", got.share)
	}
	if got := run(30, long, 0.05); got.share < 0.29 || got.share > 0.31 {
		t.Errorf("5 %% of loss get %v", got.share)
	}
	if got := run(30, long, 0.4); got.share != fecMost {
		t.Errorf("40 %% of loss get %v", got.share)
	}
	if got := run(30, long, 0.003); got.share != fecLeast {
		t.Errorf("a little loss, after much, gets %v", got.share)
	}
	if got := run(30, long, 0); got.share != 0 {
		t.Errorf("no loss gets %v", got.share)
	}
	if got := run(30, long, 0.003); got.share != 0 {
		t.Errorf("a little loss gets %v", got.share)
	}
	run(30, long, 0.02)
	if got := run(1, short, 0.02); got.share != 0 {
		t.Errorf("a path that has become short gets %v", got.share)
	}
}

func BenchmarkRepair(b *testing.B) {
	r, payload := newTestRepairer(0.3), slice(0x41, 1100)
	h := rtp.Header{Version: 2, SSRC: 7}
	must(b, h.SetExtension(3, noNumber[:]))
	drop := func(*rtp.Header, []byte) error { return nil }
	b.ReportAllocs()
	for b.Loop() { // a frame of 20 packets
		r.begin()
		for range 20 {
			h.SequenceNumber++
			_, _ = r.keep(&h, payload)
		}
		_ = r.repair(drop)
	}
}
