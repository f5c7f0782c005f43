package signalling

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/playcast/playcast/events"
)

func TestWhatIsNoQuestion(t *testing.T) {
	for _, text := range []string{"", "{", "[]", "null null", `{"session":"x"}`, `{"colour":"red"}`, `{}{}`, strings.Repeat("[", 1000)} {
		if q, err := read(strings.NewReader(text)); err == nil || q != (question{}) {
			t.Errorf("%.20q is read as %+v, %v", text, q, err)
		}
	}
}

// FuzzQuestion: what is read is what its own JSON says, and nothing else is.
func FuzzQuestion(f *testing.F) {
	whole, err := json.Marshal(question{Session: events.NewSessionID(), Seat: events.HostSeat("anna"), Peer: "p", ICE: "i", Fragment: "f", Offer: "o"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"session":"01970000-0000-7000-8000-00000000000a"}`))
	f.Add([]byte(`{"seat":{"role":"king"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := read(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		if second, err := read(bytes.NewReader(again)); err != nil || !cmp.Equal(q, second) {
			t.Errorf("%s is read as %+v and then as %+v, %v", data, q, second, err)
		}
	})
}
