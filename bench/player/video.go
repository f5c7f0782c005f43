package player

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// queued is how many units may wait for the decoder, half a second at 60 a
// second. When it is full units are left out until the next key frame.
const queued = 32

// video takes the packets of a track on one goroutine and decodes on another.
type video struct {
	handlers Handlers
	units    chan Unit // to the decoder; nil where nothing is decoded
	decoder  *decoder
	decoding sync.WaitGroup

	mu        sync.Mutex // over what follows
	assembler assembler
	refused   int64
}

func (v *video) init(h Handlers) (err error) {
	v.handlers = h
	if h.Frame == nil {
		return nil
	}
	if v.decoder, err = newDecoder(); err != nil {
		return err
	}
	v.units = make(chan Unit, queued)
	v.decoding.Go(v.decode)
	return nil
}

// read is the life of the goroutine that takes packets. What it asks for is
// asked for again where that is lost, so that answering may fail.
func (v *video) read(track *webrtc.TrackRemote, answer func([]rtcp.Packet) error) {
	var complete []Unit
	var repairs requester
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return // the connection has ended
		}
		now := time.Now()
		repairs.got(packet.SequenceNumber, now)
		complete = complete[:0]
		v.mu.Lock()
		wanted := v.assembler.push(packet, now, func(u Unit) { complete = append(complete, u) })
		repairs.passed(v.assembler.next)
		v.mu.Unlock()
		for i := range complete {
			v.pass(&complete[i])
		}
		if numbers := repairs.due(now); len(numbers) > 0 {
			_ = answer([]rtcp.Packet{&rtcp.TransportLayerNack{
				MediaSSRC: uint32(track.SSRC()), Nacks: rtcp.NackPairsFromSequenceNumbers(numbers)}})
		}
		if wanted {
			_ = answer([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
		}
	}
}

// pass hands a unit on, and waits for nothing.
func (v *video) pass(u *Unit) {
	if v.handlers.Unit != nil {
		v.handlers.Unit(u)
	}
	if v.units == nil {
		return
	}
	select {
	case v.units <- *u:
	default:
		v.mu.Lock()
		v.assembler.counts.Skipped++
		v.assembler.skip()
		v.mu.Unlock()
	}
}

func (v *video) decode() {
	for u := range v.units {
		f := Frame{Unit: u}
		decoded, err := v.decoder.decode(u.Data, &f.Picture)
		f.Decoded = time.Now()
		if decoded {
			v.handlers.Frame(&f)
			continue
		}
		v.mu.Lock()
		v.refused++
		if err != nil {
			v.assembler.skip()
		}
		v.mu.Unlock()
	}
}

func (v *video) totals() Counts {
	v.mu.Lock()
	defer v.mu.Unlock()
	counts := v.assembler.counts
	counts.Refused = v.refused
	return counts
}

// close ends the decoder, when nothing is read any more.
func (v *video) close() {
	if v.units == nil {
		return
	}
	close(v.units)
	v.decoding.Wait()
	v.units = nil
	v.decoder.close()
}
