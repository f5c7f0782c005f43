package transport

import "github.com/pion/webrtc/v4"

// The data channels a client may open.
const (
	// ChannelInput is unordered and never resends (maxRetransmits 0): each
	// message holds a sequence number and the full state.
	ChannelInput = "input"
	// ChannelControl is reliable and ordered.
	ChannelControl = "control"
)

// maxChannels is how many channels a client may have opened in all: two, and
// again when one was closed. One that opens more is given up: the library keeps
// a buffer and a goroutine for each.
const maxChannels = 16

// channelOpened wires a channel to the event loop, and closes one that has
// another name.
func (p *Peer) channelOpened(dc *webrtc.DataChannel) {
	if p.events.channels.Add(1) > maxChannels {
		p.events.ended("the client opens more channels than there are", 0)
		return
	}
	switch dc.Label() {
	case ChannelInput:
		dc.OnMessage(p.taking(maxInput, p.events.pushInput))
	case ChannelControl:
		dc.OnMessage(p.taking(maxControl, func(msg []byte) { p.events.pushControl(p.quit, msg) }))
		dc.OnOpen(func() { p.teller.use(dc) })
	default:
		dc.OnOpen(func() { _ = dc.Close() })
	}
}

// taking pushes messages that are not too long.
func (p *Peer) taking(longest int, push func([]byte)) func(webrtc.DataChannelMessage) {
	return func(msg webrtc.DataChannelMessage) {
		if len(msg.Data) > longest {
			p.events.oversize.Add(1)
			return
		}
		push(msg.Data)
	}
}
