package eventlog

import (
	"sync/atomic"
	"time"
)

// Figures are what a log has done since it was opened.
type Figures struct {
	Head    uint64 // position of the last event
	Appends uint64 // appends, deletes and tombstones that wrote something
	Events  uint64 // events written
	Bytes   uint64 // of these events, with what finds them again
	Refused uint64 // groups that could not be written, because the disk is full or broken
	Disk    uint64 // bytes on the disk
	Queue   int    // appends that wait for the writer

	Sync  Histogram // how long a group took to be on the disk, in microseconds
	Group Histogram // how many requests a group answered
}

// A Histogram counts values by the powers of two that bound them: Counts[i] is
// how many were at most 1<<i and not in a bucket before; the last one has the
// rest.
type Histogram struct {
	Counts [HistogramBuckets]uint64
	Sum    uint64
}

// HistogramBuckets is enough for 8 s in microseconds.
const HistogramBuckets = 24

// meter is written by the writer alone and read by anyone.
type meter struct {
	appends, events, bytes, refused atomic.Uint64
	sync, group                     gauge
}

type gauge struct {
	counts [HistogramBuckets]atomic.Uint64
	sum    atomic.Uint64
}

func (g *gauge) observe(value uint64) {
	i := 0
	for i < HistogramBuckets-1 && value > 1<<i {
		i++
	}
	g.counts[i].Add(1)
	g.sum.Add(value)
}

func (g *gauge) read() Histogram {
	h := Histogram{Sum: g.sum.Load()}
	for i := range g.counts {
		h.Counts[i] = g.counts[i].Load()
	}
	return h
}

// committed counts a group that is on the disk.
func (m *meter) committed(requests int, events, bytes uint64, took time.Duration) {
	m.appends.Add(uint64(requests))
	m.events.Add(events)
	m.bytes.Add(bytes)
	m.sync.observe(uint64(took.Microseconds()))
	m.group.observe(uint64(requests))
}

// Figures reads the meter.
func (l *Log) Figures() (Figures, error) {
	if err := l.enter(); err != nil {
		return Figures{}, err
	}
	defer l.leave()
	return Figures{
		Head:    l.Head(),
		Appends: l.meter.appends.Load(), Events: l.meter.events.Load(), Bytes: l.meter.bytes.Load(), Refused: l.meter.refused.Load(),
		Disk: l.db.Metrics().DiskSpaceUsage(), Queue: len(l.queue),
		Sync: l.meter.sync.read(), Group: l.meter.group.read(),
	}, nil
}
