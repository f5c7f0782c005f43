package streamer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/playcast/playcast/streamer/transport"
)

// What a client sends in vain is counted, and the session goes on.
func TestRefused(t *testing.T) {
	h := newHouse(t)
	session := h.draw(t, "draws")
	s := h.screen(t, session)
	b := h.join(t, session)
	b.frame(t)
	wrong := []string{
		"", "null", "[]", "{", `"report"`, `{"type":7}`, `{"type":"unheard-of"}`, `{"type":"report","totals":{"presented":-1}}`,
		`{"type":"report","totals":{"decode_ns":-1}}`, strings.Repeat("x", 65_537),
	}
	for _, text := range wrong {
		must(t, b.control.SendText(text))
	}
	for _, data := range [][]byte{{}, {1}, make([]byte, 32), make([]byte, 5000)} {
		must(t, b.input.Send(data))
		wrong = append(wrong, string(data))
	}
	b.hold(t, "KeyA")
	s.inputs(t, 1)
	for refused := 0; refused != len(wrong); {
		refused += report[Measured](t, h.reports, session).Window.Quality.Refused
		if refused > len(wrong) {
			t.Fatalf("%d messages were refused, want %d", refused, len(wrong))
		}
	}
	h.reports.none(t)
}

func TestRefusedSince(t *testing.T) {
	var r refused
	r.input.Add(2)
	r.control.Add(1)
	if got, want := r.since(transport.ChannelStats{Oversize: 4, Overflow: 1, Flooded: 5}), (refusals{3, 4, 6}); got != want || got.all() != 13 {
		t.Errorf("refused %+v, want %+v", got, want)
	}
	r.control.Add(1)
	if got, want := r.since(transport.ChannelStats{Oversize: 4, Overflow: 1, Flooded: 7}), (refusals{1, 0, 2}); got != want {
		t.Errorf("refused since %+v, want %+v", got, want)
	}
}

func FuzzControl(f *testing.F) {
	for _, text := range []string{
		`{"type":"report","totals":{"presented":1}}`, `{"type":"keyboard","layout":"de","variant":"neo"}`, `{"type":"locks","caps":true}`,
		`{"type":"text","text":"a"}`, `{"type":"clipboard","text":"a","more":true}`, `{"type":[]}`, `null`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		said, err := readControl(message)
		if err != nil {
			return
		}
		switch said := said.(type) {
		case *saidText:
			if !utf8.ValidString(said.Text) {
				t.Errorf("%q is no text", said.Text)
			}
		case *saidClipboard:
			if !utf8.ValidString(said.Text) {
				t.Errorf("%q is no text", said.Text)
			}
		case nil:
			t.Error("nothing, and no error")
		}
	})
}
