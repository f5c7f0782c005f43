package network

import (
	"slices"
	"time"

	"github.com/playcast/playcast/bench/internal/link"
)

// observed is what a run has seen. Times are since the link's start.
type observed struct {
	legs       []timedLeg // one after the other
	packets    []link.Packet
	frames     []seenFrame // in the order of being decoded, the readable ones
	estimates  []estimated
	unreadable []time.Duration // when others were decoded
	late       []time.Duration
}

// timedLeg is a leg as it took place.
type timedLeg struct {
	leg
	from, to time.Duration
}

// seenFrame is a frame that the player has decoded.
type seenFrame struct {
	number   uint32
	captured time.Duration // 0: not known
	decoded  time.Duration
	width    int
}

// estimated is what the server made of the path.
type estimated struct {
	at    time.Duration
	bps   int // the estimate
	queue time.Duration
	rate  int // of the picture, as decided
	probe int // as asked for
}

// What counts as what.
const (
	// adapted is the queueing delay that is asked for.
	adapted = 60 * time.Millisecond
	// holds is how long it has to stay so.
	holds = 2 * time.Second
	// look is the step of what is looked at over time.
	look = 100 * time.Millisecond
	// rateOver is the time a rate is measured over.
	rateOver = 500 * time.Millisecond
	// atTheEnd of a leg latency is compared.
	atTheEnd = 5 * time.Second
	// freeze is a gap that counts.
	freeze = 200 * time.Millisecond
)

func (o observed) from() time.Duration { return o.legs[0].from }
func (o observed) to() time.Duration   { return o.legs[len(o.legs)-1].to }

// figures are the run's.
func (o observed) figures() Figures {
	f := Figures{
		Runs: 1, FreezeFigures: o.freezes(), QueueFigures: o.queue(), LatencyFigures: o.latency(), RateFigures: o.rates(),
	}
	for i, l := range o.legs[1:] {
		before := o.legs[i]
		switch {
		case l.capacity() > before.capacity():
			f.Recovery = o.recovery(l, 0.9*float64(l.capacity()), true)
			end := o.legs[0]
			usual := delivered(o.packets, max(end.from, end.to-atTheEnd), end.to)
			f.Recovered = o.recovery(l, 0.9*usual, false)
		case l.capacity() > 0 && l.capacity() < before.capacity():
			f.Adapt = o.adaptation(l)
		}
	}
	return f
}

// adaptation is the time from a leg's beginning until what is sent stays
// within its capacity, and the queue short.
func (o observed) adaptation(l timedLeg) *float64 {
	for at := l.from; at+holds <= l.to; at += look {
		var offered int
		var waits []time.Duration
		for _, p := range between(o.packets, at, at+holds) {
			offered += p.Size
			waits = append(waits, p.Waited)
		}
		if float64(offered)*8 <= 1.05*float64(l.capacity())*holds.Seconds() && quantile(waits, 0.9) < adapted {
			return figure(milliseconds(at - l.from))
		}
	}
	return nil
}

// recovery is the time from a leg's beginning until so many bits a second
// arrive; with estimates, or are known to be possible.
func (o observed) recovery(l timedLeg, enough float64, estimates bool) *float64 {
	var arrived *float64
	for at := l.from + look; at <= l.to; at += look {
		over := min(rateOver, at-l.from)
		if over >= rateOver && delivered(o.packets, at-over, at) >= enough {
			arrived = figure(milliseconds(at - l.from))
			break
		}
	}
	if estimates {
		low := false // who has not fallen with the capacity does not rise with it
		for _, e := range o.estimates {
			if e.at < l.from {
				low = float64(e.bps) < enough
			}
			if !low || e.at < l.from || e.at > l.to || float64(e.bps) < enough {
				continue
			}
			if took := milliseconds(e.at - l.from); arrived == nil || took < *arrived {
				return figure(took)
			}
			break
		}
	}
	return arrived
}

func (o observed) freezes() FreezeFigures {
	var longest time.Duration
	var over, seen int
	var newest uint32
	last := o.from()
	gap := func(to time.Duration) {
		longest = max(longest, to-last)
		if to-last > freeze {
			over++
		}
		last = to
	}
	for _, f := range o.frames {
		if f.number <= newest && newest-f.number < 1<<31 {
			continue // seen before
		}
		newest = f.number
		if f.decoded < o.from() || f.decoded > o.to() {
			continue
		}
		seen++
		gap(f.decoded)
	}
	gap(o.to())
	unreadable := 0
	for _, at := range o.unreadable {
		if at >= o.from() && at < o.to() {
			unreadable++
		}
	}
	return FreezeFigures{
		Longest: figure(milliseconds(longest)), Over200: figure(float64(over)),
		FPS: figure(float64(seen) / (o.to() - o.from()).Seconds()), Unreadable: figure(float64(unreadable)),
	}
}

func (o observed) queue() QueueFigures {
	all := waits(between(o.packets, o.from(), o.to()))
	f := QueueFigures{
		Queue50: quantileOf(all, 0.5), Queue95: quantileOf(all, 0.95), Late99: quantileOf(o.late, 0.99),
	}
	for i, l := range o.legs {
		if i > 0 && l.capacity() > 0 && l.capacity() < o.legs[i-1].capacity() {
			narrow := waits(between(o.packets, l.from, l.to))
			f.Narrow50, f.Narrow95 = quantileOf(narrow, 0.5), quantileOf(narrow, 0.95)
		}
	}
	return f
}

// waits are the queueing delays of the packets that were in the queue.
func waits(packets []link.Packet) []time.Duration {
	var all []time.Duration
	for _, p := range packets {
		if p.Fate != link.Overflow && p.Fate != link.Underway {
			all = append(all, p.Waited)
		}
	}
	return all
}

func (o observed) latency() LatencyFigures {
	all := o.ages(o.from(), o.to())
	first := o.legs[0]
	split := first.to
	if len(o.legs) == 1 { // of a path that stays, the two ends
		split = min(first.to, first.from+atTheEnd)
	}
	before := o.ages(max(first.from, split-atTheEnd), split)
	after := o.ages(max(o.from(), o.to()-atTheEnd), o.to())
	f := LatencyFigures{
		Latency50: quantileOf(all, 0.5), Latency95: quantileOf(all, 0.95), Before: quantileOf(before, 0.5), After: quantileOf(after, 0.5),
	}
	if f.Before != nil && f.After != nil {
		f.Creep = figure(*f.After - *f.Before)
	}
	return f
}

// ages of the frames that were decoded in a time.
func (o observed) ages(from, to time.Duration) []time.Duration {
	var all []time.Duration
	for _, f := range o.frames {
		if f.captured > 0 && f.decoded >= from && f.decoded < to {
			all = append(all, f.decoded-f.captured)
		}
	}
	return all
}

func (o observed) rates() RateFigures {
	var capacity float64
	for _, l := range o.legs {
		capacity += float64(l.capacity()) * (l.to - l.from).Seconds()
	}
	var count, lost, overflow int
	for _, p := range between(o.packets, o.from(), o.to()) {
		count++
		switch p.Fate {
		case link.Overflow:
			overflow++
			lost++
		case link.Random, link.Bursts, link.Outage:
			lost++
		}
	}
	carried := delivered(o.packets, o.from(), o.to())
	total := float64(max(count, 1))
	return RateFigures{
		Mbps: figure(carried / 1e6), Utilisation: figure(carried * (o.to() - o.from()).Seconds() / capacity),
		Loss: figure(float64(lost) / total), Overflow: figure(float64(overflow) / total),
	}
}

// between are the packets that came in a time. They are in its order.
func between(packets []link.Packet, from, to time.Duration) []link.Packet {
	return packets[arrivedBy(packets, from):arrivedBy(packets, to)]
}

func arrivedBy(packets []link.Packet, at time.Duration) int {
	i, _ := slices.BinarySearchFunc(packets, at, func(p link.Packet, at time.Duration) int { return int(p.Arrived - at) })
	return i
}

// rate is what came into the link, in bits a second.
func rate(packets []link.Packet, from, to time.Duration) float64 {
	var bytes int
	for _, p := range between(packets, from, to) {
		bytes += p.Size
	}
	return float64(bytes) * 8 / (to - from).Seconds()
}

// delivered is what left the link, in bits a second.
func delivered(packets []link.Packet, from, to time.Duration) float64 {
	var bytes int
	for _, p := range between(packets, from-5*time.Second, to) { // none is longer underway
		if p.Fate == link.Delivered && p.Left >= from && p.Left < to {
			bytes += p.Size
		}
	}
	return float64(bytes) * 8 / (to - from).Seconds()
}
