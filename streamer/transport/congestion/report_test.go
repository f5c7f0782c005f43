package congestion

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

const tick = 250 * time.Microsecond

// write is the report of some arrivals in the order of their numbers, with no
// gap between these.
func write(arrivals []Arrival) *rtcp.TransportLayerCC {
	r := &rtcp.TransportLayerCC{
		Header:             rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback},
		BaseSequenceNumber: arrivals[0].Number, PacketStatusCount: uint16(len(arrivals)),
	}
	var at time.Duration
	if first := slices.IndexFunc(arrivals, func(a Arrival) bool { return a.Received }); first >= 0 {
		r.ReferenceTime = uint32(arrivals[first].At / referenceUnit % referenceTurn)
		at = arrivals[first].At / referenceUnit * referenceUnit
	}
	var run *rtcp.RunLengthChunk
	for _, a := range arrivals {
		symbol := rtcp.TypeTCCPacketNotReceived
		if a.Received {
			delta := (a.At - at).Round(tick)
			at += delta
			symbol = rtcp.TypeTCCPacketReceivedSmallDelta
			if delta < 0 || delta > 255*tick {
				symbol = rtcp.TypeTCCPacketReceivedLargeDelta
			}
			r.RecvDeltas = append(r.RecvDeltas, &rtcp.RecvDelta{Type: symbol, Delta: delta.Microseconds()})
		}
		if run == nil || run.PacketStatusSymbol != symbol {
			run = &rtcp.RunLengthChunk{PacketStatusSymbol: symbol}
			r.PacketChunks = append(r.PacketChunks, run)
		}
		run.RunLength++
	}
	r.Header.Length = uint16(r.MarshalSize()/4 - 1)
	return r
}

func TestReportsAreRead(t *testing.T) {
	var r Reader
	at := 3 * time.Second
	for turn := range 3 { // the reference time turns within
		for i := range 40 {
			want := []Arrival{
				{Number: uint16(65530 + i*3), Received: true, At: at},
				{Number: uint16(65531 + i*3)},
				{Number: uint16(65532 + i*3), Received: true, At: at - 2*tick},
			}
			got, err := r.Read(write(want))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("turn %d, report %d: got %v, want %v", turn, i, got, want)
			}
			at += 70 * time.Millisecond
		}
		for range 4 {
			at += referenceTurn / 4 * referenceUnit
			if _, err := r.Read(write([]Arrival{{Number: 1, Received: true, At: at}})); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestReportsThatMakeNoSense(t *testing.T) {
	run := func(symbol, length uint16) rtcp.PacketStatusChunk {
		return &rtcp.RunLengthChunk{PacketStatusSymbol: symbol, RunLength: length}
	}
	for name, report := range map[string]*rtcp.TransportLayerCC{
		"times are missing":    {PacketStatusCount: 7, PacketChunks: []rtcp.PacketStatusChunk{run(rtcp.TypeTCCPacketReceivedSmallDelta, 7)}},
		"statuses are missing": {PacketStatusCount: 7, PacketChunks: []rtcp.PacketStatusChunk{run(rtcp.TypeTCCPacketNotReceived, 6)}},
		"too many packets":     {PacketStatusCount: 60000, PacketChunks: []rtcp.PacketStatusChunk{run(rtcp.TypeTCCPacketNotReceived, 60000)}},
		"no chunk at all":      {PacketStatusCount: 1},
		"an unknown chunk":     {PacketStatusCount: 1, PacketChunks: []rtcp.PacketStatusChunk{nil}},
	} {
		if _, err := new(Reader).Read(report); !errors.Is(err, ErrReport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
