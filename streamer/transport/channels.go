package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/pion/webrtc/v4"
)

// The data channels a client may open.
const (
	// ChannelInput is unordered and never resends (maxRetransmits 0): each
	// message holds a sequence number and the full state.
	ChannelInput = "input"
	// ChannelControl is reliable and ordered.
	ChannelControl = "control"
)

// channelOpened wires a channel to the event loop, and closes one that has
// another name.
func (p *Peer) channelOpened(dc *webrtc.DataChannel) {
	switch dc.Label() {
	case ChannelInput:
		dc.OnMessage(p.taking(p.events.pushInput))
	case ChannelControl:
		dc.OnMessage(p.taking(func(msg []byte) { p.events.pushControl(p.quit, msg) }))
		dc.OnOpen(func() { p.control.Store(dc) })
	default:
		dc.OnOpen(func() { _ = dc.Close() })
	}
}

func (p *Peer) taking(push func([]byte)) func(webrtc.DataChannelMessage) {
	return func(msg webrtc.DataChannelMessage) {
		if len(msg.Data) > maxMessage {
			p.events.oversize.Add(1)
			return
		}
		push(msg.Data)
	}
}

// ErrNoControl says that the client has no control channel open.
var ErrNoControl = errors.New("the client has no control channel open")

// SendControl sends a text on the control channel, and waits until the client
// has acknowledged it. It is for the little that a client is told, one text at
// a time. Errors: ErrNoControl, ErrPeerClosed, or the context's.
func (p *Peer) SendControl(ctx context.Context, text string) error {
	dc := p.control.Load()
	if dc == nil {
		return ErrNoControl
	}
	taken := make(chan struct{}, 1)
	dc.OnBufferedAmountLow(func() {
		select {
		case taken <- struct{}{}:
		default:
		}
	})
	if err := dc.SendText(text); err != nil {
		return fmt.Errorf("send on the control channel: %w", err)
	}
	if dc.BufferedAmount() == 0 {
		return nil
	}
	select {
	case <-taken:
		return nil
	case <-p.quit:
		return ErrPeerClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
