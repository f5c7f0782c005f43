package streamer

import (
	"log/slog"

	"github.com/playcast/playcast/streamer/audio"
)

// voice is what a viewer says on its way to the game's microphone. It is open
// while they speak. One goroutine, that of the peer's voice, owns it.
type voice struct {
	sound *sound // nil: the session is silent
	open  *audio.Voice
	deaf  bool // the microphone could not be opened; said once
	log   *slog.Logger
}

// push plays the next packet. A nil one says that nobody speaks any more.
func (v *voice) push(sequence uint16, packet []byte) {
	if v.sound == nil || v.deaf { // or it is not the host who speaks
		return
	}
	if packet == nil {
		v.close()
		return
	}
	if v.open == nil {
		var err error
		if v.open, err = audio.OpenVoice(v.sound.daemon.Server()); err != nil {
			v.deaf = true
			v.log.Warn("the game hears no microphone", "error", err)
			return
		}
	}
	if err := v.open.Push(sequence, packet); err != nil {
		v.log.Debug("a packet of the microphone was not played", "error", err)
	}
}

// close frees it. After the peer has ended anybody may call it.
func (v *voice) close() {
	if v.open == nil {
		return
	}
	if err := v.open.Close(); err != nil {
		v.log.Debug("close the microphone", "error", err)
	}
	v.open = nil
}
