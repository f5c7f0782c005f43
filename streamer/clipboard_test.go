package streamer

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
	"github.com/playcast/playcast/streamer/clipboard"
)

// xclip is a game of the session's that copies or pastes.
func (h *house) xclip(t *testing.T, session events.SessionID, input string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	_, display := h.process(t, session, "display")
	cmd := exec.CommandContext(ctx, "xclip", append([]string{"-selection", "clipboard"}, args...)...)
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "XAUTHORITY="+filepath.Join(h.run, session.String()+"-display", "Xauthority"))
	cmd.Stdin = strings.NewReader(input)
	if input != "" {
		must(t, cmd.Run())
		return ""
	}
	out, err := cmd.Output()
	must(t, err)
	return string(out)
}

// paste says a text in parts.
func (b *browser) paste(t *testing.T, text string) {
	t.Helper()
	for runes := []rune(text); ; {
		n := min(copyPart, len(runes))
		message, err := json.Marshal(map[string]any{"type": "clipboard", "text": string(runes[:n]), "more": n < len(runes)})
		must(t, err)
		b.say(t, string(message))
		if runes = runes[n:]; len(runes) == 0 {
			return
		}
	}
}

// Text goes both ways, whole.
func TestClipboard(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	b := h.join(t, session)
	const few = "Grüße \"€\"\r\n日本語 שלום e\u0301 😀👩\u200d🚀"
	for _, text := range []string{few, strings.Repeat(few, clipboard.Longest/len(few))} {
		b.paste(t, text)
		b.hears(t, `{"type":"clipboard","taken":"taken"}`)
		if got := h.xclip(t, session, "", "-o", "-t", "UTF8_STRING"); got != text {
			t.Errorf("pasted %d bytes, want %d", len(got), len(text))
		}
		text += "!"
		h.xclip(t, session, text, "-i")
		var got strings.Builder
		for more := true; more; {
			var part struct {
				Text string
				More bool
			}
			must(t, json.Unmarshal([]byte(b.hears(t, `{"type":"clipboard","text"`)), &part))
			got.WriteString(part.Text)
			more = part.More
		}
		if got.String() != text {
			t.Errorf("copied %d bytes, want %d", got.Len(), len(text))
		}
	}
	b.paste(t, strings.Repeat("x", clipboard.Longest+1))
	b.hears(t, `{"type":"clipboard","taken":"too-long"}`)
	h.xclip(t, session, strings.Repeat("x", clipboard.Longest+1), "-i")
	b.hears(t, `{"type":"clipboard","copied":"too-long"}`)
}
