package transport

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// voicePause is the silence after which the client is taken to speak no more.
const voicePause = 3 * time.Second

// trackOpened reads the first track of Opus that a client sends: its voice.
// Others, and all where nobody listens, are left unread.
func (p *Peer) trackOpened(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	p.life.tracks.Lock()
	defer p.life.tracks.Unlock()
	if p.ending() || p.events.h.Voice == nil || p.life.speaks || !strings.EqualFold(track.Codec().MimeType, webrtc.MimeTypeOpus) {
		return
	}
	p.life.speaks = true
	p.life.wg.Go(func() { p.readVoice(track) })
}

// readVoice hands on packet after packet until the peer ends, and that there
// are none when they stop coming.
func (p *Peer) readVoice(track *webrtc.TrackRemote) {
	speaking := false
	for {
		if err := track.SetReadDeadline(time.Now().Add(voicePause)); err != nil {
			return
		}
		packet, _, err := track.ReadRTP()
		switch {
		case err == nil && len(packet.Payload) > 0:
			speaking = true
			p.events.h.Voice(packet.SequenceNumber, packet.Payload)
		case errors.Is(err, os.ErrDeadlineExceeded) && speaking:
			speaking = false
			p.events.h.Voice(0, nil)
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return
		}
		if p.ending() {
			return
		}
	}
}
