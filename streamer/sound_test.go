package streamer

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/audio/audiotest"
)

func TestThePlayerHearsTheGame(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	audiotest.Play(t, h.soundOf(session), 440, 1000)
	b := h.join(t, session)
	decoder, err := audiotest.NewDecoder()
	must(t, err)
	eventually(t, "the tones are heard", func() bool {
		samples := b.hear(t, decoder)
		return audiotest.Tone(samples, 0, 440) > 0.9 && audiotest.Tone(samples, 1, 1000) > 0.9
	})
	// Another session is silent.
	other := h.join(t, h.draw(t, "draws"))
	decoder, err = audiotest.NewDecoder()
	must(t, err)
	if loudness := audiotest.Loudness(other.hear(t, decoder)); loudness > 1 {
		t.Errorf("another session hears it, at %.0f", loudness)
	}
}

// The lab beeps when it is pressed, and not before.
func TestAPressIsHeard(t *testing.T) {
	h := newHouse(t)
	b := h.join(t, h.draw(t, "draws"))
	decoder, err := audiotest.NewDecoder()
	must(t, err)
	if loudness := audiotest.Loudness(b.hear(t, decoder)); loudness > 1 {
		t.Errorf("it sounds at %.0f before it is pressed", loudness)
	}
	// On a busy machine a beep can be lost in a gap.
	eventually(t, "the beep is heard", func() bool {
		b.hold(t, "KeyA")
		defer b.hold(t)
		return audiotest.Tone(b.hear(t, decoder), 0, 880) > 0.05 // 60 ms of 500
	})
}

// hear takes the next half second of sound.
func (b *browser) hear(t *testing.T, decoder *audiotest.Decoder) (samples []int16) {
	t.Helper()
	for range 50 {
		heard, err := decoder.Decode(soon(t, "sound", b.sound))
		must(t, err)
		samples = append(samples, heard...)
	}
	return samples
}

func TestWithoutSoundTheGameGoesOn(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	soon(t, "sound", b.sound)
	h.signal(t, session, "sound", syscall.SIGKILL)
	s := h.screen(t, session)
	b.hold(t, "KeyA")
	s.inputs(t, 1)
	b.frame(t)
	h.reports.none(t)
}

// soundOf is the address of a session's PulseAudio.
func (h *house) soundOf(session events.SessionID) string {
	return "unix:" + filepath.Join(h.run, session.String()+"-sound", "native")
}
