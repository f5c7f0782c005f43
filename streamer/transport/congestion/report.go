package congestion

import (
	"errors"
	"fmt"
	"time"

	"github.com/pion/rtcp"
)

// Arrival is what the receiver says of one packet.
type Arrival struct {
	Number   uint16        // transport-wide
	Received bool          // false: not yet, or lost
	At       time.Duration // by the receiver's clock, from an instant of its own
}

// ErrReport refuses a report that can't be what a receiver saw.
var ErrReport = errors.New("transport-wide feedback makes no sense")

const (
	referenceUnit = 64 * time.Millisecond
	// referenceTurn is where the reference time of 24 bits begins again.
	referenceTurn = 1 << 24
)

// Reader reads transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01). It keeps its buffer.
type Reader struct {
	arrivals  []Arrival
	deltas    []*rtcp.RecvDelta
	reference int64 // in referenceUnits, the turns counted
	began     bool
	at        time.Duration
}

// Read is one report's statuses, in the order of numbers, valid until the
// next Read. A packet reported as received without a time is left out.
func (r *Reader) Read(report *rtcp.TransportLayerCC) ([]Arrival, error) {
	if report.PacketStatusCount > historySize {
		return nil, fmt.Errorf("%w: %d packets at once", ErrReport, report.PacketStatusCount)
	}
	r.arrivals, r.deltas = r.arrivals[:0], report.RecvDeltas
	r.turn(int64(report.ReferenceTime % referenceTurn))
	r.at = time.Duration(r.reference) * referenceUnit
	left, number := int(report.PacketStatusCount), report.BaseSequenceNumber
	for _, chunk := range report.PacketChunks {
		var symbol func(i int) uint16
		var n int
		switch chunk := chunk.(type) {
		case *rtcp.RunLengthChunk:
			n, symbol = int(chunk.RunLength), func(int) uint16 { return chunk.PacketStatusSymbol }
		case *rtcp.StatusVectorChunk:
			n, symbol = len(chunk.SymbolList), func(i int) uint16 { return chunk.SymbolList[i] }
		default:
			return nil, fmt.Errorf("%w: a chunk of type %T", ErrReport, chunk)
		}
		n = min(n, left)
		left -= n
		for i := range n {
			if err := r.status(number, symbol(i)); err != nil {
				return nil, err
			}
			number++
		}
	}
	if left > 0 {
		return nil, fmt.Errorf("%w: %d statuses are missing", ErrReport, left)
	}
	return r.arrivals, nil
}

// turn takes the reference time nearest to the one before.
func (r *Reader) turn(reference int64) {
	if r.began {
		step := (reference - r.reference) % referenceTurn
		switch {
		case step < -referenceTurn/2:
			step += referenceTurn
		case step >= referenceTurn/2:
			step -= referenceTurn
		}
		reference = r.reference + step
	}
	r.reference, r.began = reference, true
}

func (r *Reader) status(number, symbol uint16) error {
	switch symbol {
	case rtcp.TypeTCCPacketNotReceived:
		r.arrivals = append(r.arrivals, Arrival{Number: number})
	case rtcp.TypeTCCPacketReceivedSmallDelta, rtcp.TypeTCCPacketReceivedLargeDelta:
		if len(r.deltas) == 0 {
			return fmt.Errorf("%w: more packets received than times", ErrReport)
		}
		r.at += time.Duration(r.deltas[0].Delta) * time.Microsecond
		r.deltas = r.deltas[1:]
		r.arrivals = append(r.arrivals, Arrival{Number: number, Received: true, At: r.at})
	}
	return nil
}
