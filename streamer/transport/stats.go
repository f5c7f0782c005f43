package transport

import "time"

// Stats are a peer's counters since it began, and the client's last report.
type Stats struct {
	Sent     SentStats
	Remote   RemoteStats
	Feedback FeedbackStats
	Channels ChannelStats
	Estimate int // bits a second that the path carries, less what repairs take
	// QueueDelay is how long packets stand in the queue of the path, as far
	// as is known.
	QueueDelay time.Duration
	// Loss is the part of the packets that was lost of late, 0 to 1.
	Loss float64
}

// SentStats count what went out.
type SentStats struct {
	Packets   uint64 // RTP, retransmissions included
	Bytes     uint64 // of RTP, headers included
	Resent    uint64 // packets sent again on a NACK
	Repairs   uint64 // packets of forward error correction
	Frames    uint64
	KeyFrames uint64
	Dropped   uint64 // frames given up: the queue was full, or a key frame was awaited
	Failed    uint64 // frames the socket refused in part
}

// FeedbackStats count what the client asked for.
type FeedbackStats struct {
	NACKs   uint64 // messages; each may name several packets
	PLIs    uint64
	FIRs    uint64
	Invalid uint64 // RTCP that could not be read or could not be true
	Dropped uint64 // RTCP that came faster than it was read
}

// ChannelStats count the data channels' messages.
type ChannelStats struct {
	Messages uint64 // handed to the handlers
	Oversize uint64 // longer than a channel takes, dropped
	Overflow uint64 // input that newer input pushed out of the queue
	Flooded  uint64 // input that came too fast to be taken, and control that had to wait
}

// Stats reads the counters; it may be called after the end too.
func (p *Peer) Stats() Stats {
	sent, remote := &p.bwe.sent, p.rtcp.lastReport()
	path := p.bwe.path()
	return Stats{
		Sent: SentStats{
			Packets:   sent.packets.Load(),
			Bytes:     sent.bytes.Load(),
			Resent:    sent.again.Load(),
			Repairs:   p.track.fec.made.Load(),
			Frames:    p.out.frames.Load(),
			KeyFrames: p.out.keys.Load(),
			Dropped:   p.out.dropped.Load(),
			Failed:    p.out.failed.Load(),
		},
		Remote: remote,
		Feedback: FeedbackStats{
			NACKs:   p.rtcp.nacks.Load(),
			PLIs:    p.rtcp.plis.Load(),
			FIRs:    p.rtcp.firs.Load(),
			Invalid: p.rtcp.invalid.Load() + path.lies,
			Dropped: p.rtcp.in.full.Load(),
		},
		Channels: ChannelStats{
			Messages: p.events.messages.Load(),
			Oversize: p.events.oversize.Load(),
			Overflow: p.events.overflow.Load(),
			Flooded:  p.events.flooded.Load(),
		},
		Estimate:   p.guard.carries(p.bwe.rate()),
		QueueDelay: path.queue,
		Loss:       path.loss,
	}
}
