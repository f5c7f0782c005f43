package congestion

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// algorithm is a congestion control under test.
type algorithm interface {
	Sent(now time.Duration, size int, cluster int32) uint16
	Report(now time.Duration, arrivals []Arrival)
	Target() int
	Probe(now time.Duration) (Cluster, bool)
}

const (
	step     = ms / 4
	payload  = 1200
	overhead = 66 // headers, UDP and IP
)

// simPacket is one of a frame, or of none (-1) where it only fills a probe.
type simPacket struct {
	frame, size int
	media       int // number in its stream
	number      uint16
	arrives     time.Duration
}

type simFrame struct {
	captured, complete time.Duration
	left               int
	key                bool
}

// flow is a sender and its receiver.
type flow struct {
	name     string
	control  algorithm
	source   source
	feedback time.Duration // between reports
	begin    time.Duration

	frames  []simFrame
	queue   []simPacket
	media   int
	next    time.Duration // of the pacer
	probe   Cluster
	filled  int
	waitKey bool
	share   float64           // of the rate for the frames; the rest is headers and copies
	kept    map[int]simPacket // by media number
	resent  map[int]time.Duration
	budget  float64

	under    []simPacket // on the way, in order of arrival
	got      map[int]bool
	most     int   // highest media number received
	reported int64 // all below are
	heard    map[int64]time.Duration
	highest  int64
	back     []reply // reports on the way back
	nacked   map[int]time.Duration
	shown    int // frames
	stuck    time.Duration

	delivered []delivery
	seen      []sight
	targets   []float64 // each 10 ms
}

type reply struct {
	at       time.Duration
	arrivals []Arrival
	missing  []int
}

type delivery struct {
	at   time.Duration
	size int
}

type sight struct{ at, captured time.Duration }

// world is a link with its flows.
type world struct {
	link  *link
	flows []*flow
	now   time.Duration
	// each 10 ms
	queues []time.Duration
	sleep  func(time.Duration)
}

func newFlow(name string, control algorithm, seed uint64) *flow {
	return &flow{
		name: name, control: control, feedback: 50 * ms,
		source: source{random: rand.New(rand.NewPCG(seed, 7)), most: 40e6, key: true},
		kept:   map[int]simPacket{}, resent: map[int]time.Duration{}, got: map[int]bool{},
		heard: map[int64]time.Duration{}, nacked: map[int]time.Duration{}, highest: -1, most: -1,
	}
}

func (w *world) run(length time.Duration) {
	for ; w.now < length; w.now += step {
		if w.sleep != nil {
			w.sleep(step)
		}
		for _, f := range w.flows {
			if w.now >= f.begin {
				f.tick(w.now, w.link)
			}
		}
		if w.now%(10*ms) == 0 {
			w.queues = append(w.queues, w.link.queue(w.now))
			for _, f := range w.flows {
				f.targets = append(f.targets, float64(f.control.Target()))
			}
		}
	}
}

func (f *flow) tick(now time.Duration, l *link) {
	f.receive(now, l)
	for len(f.back) > 0 && f.back[0].at <= now {
		r := f.back[0]
		f.back = f.back[1:]
		if r.arrivals != nil {
			f.control.Report(now, r.arrivals)
		}
		f.resend(now, l, r.missing)
	}
	f.share = 0.85 - 2.5*l.loss // as the policy of the picture has it
	if (now-f.begin)%(time.Second/frameRate/step*step) == 0 {
		f.capture(now)
	}
	f.send(now, l)
	f.budget = min(f.budget+0.25*float64(f.control.Target())/8*step.Seconds(), 0.1*float64(f.control.Target())/8)
}

func (f *flow) capture(now time.Duration) {
	if f.waitKey && !f.source.key {
		return
	}
	waiting := 0
	if len(f.queue) > 0 {
		waiting = len(f.frames) - f.queue[0].frame
	}
	if waiting > 8 {
		f.waitKey, f.source.key = true, true
		f.queue = f.queue[:0]
		return
	}
	f.waitKey = false
	key := f.source.key
	size := f.source.frame(f.share * float64(f.control.Target()))
	n := (size + payload - 1) / payload
	for i := range n {
		p := simPacket{frame: len(f.frames), size: min(payload, size-i*payload) + overhead, media: f.media}
		f.media++
		f.queue = append(f.queue, p)
	}
	f.frames = append(f.frames, simFrame{captured: now, left: n, key: key})
}

func (f *flow) send(now time.Duration, l *link) {
	f.next = max(f.next, now-10*ms)
	for len(f.queue) > 0 && f.next < now+ms {
		p := f.queue[0]
		f.queue = f.queue[1:]
		f.pace(p.size)
		f.kept[p.media] = p
		f.put(now, l, p)
		f.filled += p.size
	}
	if len(f.queue) > 0 || f.media == 0 {
		return
	}
	if f.probe.ID == 0 {
		f.probe, _ = f.control.Probe(now)
		f.filled = 0
		if f.probe.ID != 0 {
			f.next = now
		}
	}
	for f.probe.ID != 0 && f.next < now+ms {
		f.put(now, l, simPacket{frame: -1, size: payload + overhead, media: -1})
		f.filled += payload + overhead
		f.pace(payload + overhead)
		if f.filled >= f.probe.Bytes {
			f.probe = Cluster{}
		}
	}
}

func (f *flow) pace(size int) {
	rate := 2.5 * float64(f.control.Target())
	if f.probe.ID != 0 {
		rate = float64(f.probe.Rate)
	}
	f.next += time.Duration(float64(size) * 8 / rate * float64(time.Second))
}

func (f *flow) put(now time.Duration, l *link, p simPacket) {
	p.number = f.control.Sent(now, p.size, f.probe.ID)
	at, ok := l.pass(now, p.size)
	if ok {
		p.arrives = at
		f.under = append(f.under, p)
	}
}

func (f *flow) resend(now time.Duration, l *link, missing []int) {
	for _, m := range missing {
		p, ok := f.kept[m]
		if m == -2 {
			f.source.key = true
		}
		if !ok || now-f.resent[m] < 2*l.delay || f.budget < float64(p.size) {
			continue
		}
		f.resent[m] = now
		f.budget -= float64(p.size)
		f.put(now, l, p)
	}
}

func (f *flow) receive(now time.Duration, l *link) {
	for len(f.under) > 0 && f.under[0].arrives <= now {
		p := f.under[0]
		f.under = f.under[1:]
		n := int64(p.number) // flows are short: no wrap matters, but count turns
		for n < f.highest-1<<15 {
			n += 1 << 16
		}
		f.highest = max(f.highest, n)
		f.heard[n] = p.arrives
		f.delivered = append(f.delivered, delivery{p.arrives, p.size})
		if p.media < 0 || f.got[p.media] {
			continue
		}
		f.got[p.media] = true
		f.most = max(f.most, p.media)
		if fr := &f.frames[p.frame]; fr.left > 0 {
			if fr.left--; fr.left == 0 {
				fr.complete = p.arrives
			}
		}
	}
	f.show(now)
	if now%(10*ms) == 0 {
		f.answer(now, l)
	}
}

// show is the decoder: frames in order, or on from a key frame.
func (f *flow) show(now time.Duration) {
	for f.shown < len(f.frames) && f.frames[f.shown].complete > 0 {
		f.seen = append(f.seen, sight{now, f.frames[f.shown].captured})
		f.shown++
		f.stuck = now
	}
	for i := f.shown + 1; i < len(f.frames); i++ {
		if f.frames[i].key && f.frames[i].complete > 0 {
			f.shown = i
			return
		}
	}
}

func (f *flow) answer(now time.Duration, l *link) {
	if l.out != nil && l.out(now) {
		return
	}
	r := reply{at: now + l.delay}
	for m := f.most - 1; m > max(0, f.most-400); m-- {
		if !f.got[m] && now-f.nacked[m] > 2*l.delay+20*ms {
			f.nacked[m] = now
			r.missing = append(r.missing, m)
		}
	}
	slices.Reverse(r.missing)
	if now-f.stuck > 300*ms && len(f.frames)-f.shown > 18 && f.highest >= 0 {
		f.stuck = now
		r.missing = append(r.missing, -2)
	}
	if now%f.feedback == 0 && f.highest >= f.reported {
		for n := f.reported; n <= f.highest; n++ {
			at, ok := f.heard[n]
			r.arrivals = append(r.arrivals, Arrival{Number: uint16(n), Received: ok, At: at / (250 * time.Microsecond) * 250 * time.Microsecond})
			delete(f.heard, n)
		}
		f.reported = f.highest + 1
	}
	if r.arrivals != nil || r.missing != nil {
		f.back = append(f.back, r)
	}
}

// received is the rate between two instants in bits a second.
func (f *flow) received(from, to time.Duration) float64 {
	sum := 0
	for _, d := range f.delivered {
		if d.at >= from && d.at < to {
			sum += d.size
		}
	}
	return float64(sum) * 8 / (to - from).Seconds()
}

// freeze is the longest time between two frames seen.
func (f *flow) freeze(from, to time.Duration) (longest time.Duration) {
	last := from
	for _, s := range f.seen {
		if s.at >= from && s.at < to {
			longest = max(longest, s.at-last)
			last = s.at
		}
	}
	return max(longest, to-last)
}

func (f *flow) latency(from, to time.Duration, part float64) time.Duration {
	var all []time.Duration
	for _, s := range f.seen {
		if s.at >= from && s.at < to {
			all = append(all, s.at-s.captured)
		}
	}
	return quantile(all, part)
}

func quantile(of []time.Duration, part float64) time.Duration {
	if len(of) == 0 {
		return math.MaxInt64
	}
	of = slices.Sorted(slices.Values(of))
	return of[int(part*float64(len(of)-1))]
}

func (w *world) queued(from, to time.Duration, part float64) time.Duration {
	return quantile(w.queues[from/(10*ms):to/(10*ms)], part)
}
