package input

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is one entry of testdata/messages.json.
type golden struct {
	Name    string  `json:"name"`
	Hex     string  `json:"hex"`
	Message Message `json:"message"`
}

func examples() []golden {
	tap := []Change{{30, true}, {30, false}}
	return []golden{
		{Name: "nothing yet", Message: Message{Sequence: 1}},
		{Name: "W and the left button held, pointer in the middle", Message: Message{
			Sequence: 2, X: 32768, Y: 32768, Changes: 2,
			Held: []Code{17, ButtonLeft}, Recent: []Change{{17, true}, {ButtonLeft, true}}}},
		{Name: "A tapped, pointer moved left and down", Message: Message{
			Mode: Relative, Sequence: 70000, DX: -300, DY: 41, Changes: 2, Recent: tap}},
		{Name: "wheel turned two notches down and one left", Message: Message{
			Sequence: 5, X: 65535, Y: 1, WheelX: -120, WheelY: 240}},
		{Name: "more changes than fit", Message: Message{
			Sequence: 4294967295, Changes: 14, Held: []Code{103},
			Recent: append(append(append(tap[:2:2], tap...), tap...), Change{57, false}, Change{103, true})}},
		{Name: "a pad that rests", Message: Message{Sequence: 3, Pads: [MaxPads]Pad{{Connected: true}}}},
		{Name: "two pads, one with its stick left and up, a trigger half and A held", Message: Message{
			Sequence: 4, Changes: 1, Held: []Code{PadButton(2, 0)}, Recent: []Change{{PadButton(2, 0), true}},
			Pads: [MaxPads]Pad{1: {Connected: true}, 2: {Connected: true, Axes: [4]int16{-32768, -1, 2, 32767}, Triggers: [2]uint8{127, 255}}}}},
	}
}

func TestMessageGolden(t *testing.T) {
	const file = "testdata/messages.json"
	if *update {
		list := examples()
		for i := range list {
			data, err := list[i].Message.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			list[i].Hex = hex.EncodeToString(data)
		}
		writeJSON(t, file, list)
	}
	var list []golden
	readJSON(t, file, &list)
	if want := examples(); len(list) != len(want) {
		t.Fatalf("%d messages in %s, want %d", len(list), file, len(want))
	}
	for _, g := range list {
		t.Run(g.Name, func(t *testing.T) {
			data, err := g.Message.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(data); got != g.Hex {
				t.Errorf("got %s, want %s", got, g.Hex)
			}
			var m Message
			if err := m.Decode(data); err != nil {
				t.Fatal(err)
			}
			again, err := m.Append(nil)
			if err != nil || hex.EncodeToString(again) != g.Hex {
				t.Errorf("decoded %+v, %v", m, err)
			}
		})
	}
}

func TestKeysGolden(t *testing.T) {
	const file = "testdata/keys.json"
	if *update {
		writeJSON(t, file, keys)
	}
	var table map[string]Code
	readJSON(t, file, &table)
	if !reflect.DeepEqual(table, keys) {
		t.Errorf("%s is not the table of KeyCode", file)
	}
	seen := map[Code]string{}
	for name, code := range table {
		if other := seen[code]; other != "" || !code.valid() || code.button() != 0 {
			t.Errorf("%s: code %d (also %q)", name, code, other)
		}
		seen[code] = name
	}
}

func TestDecodeRejects(t *testing.T) {
	good, err := (&Message{Sequence: 1, Changes: 1, Held: []Code{30, 31}, Recent: []Change{{30, true}}}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	with := func(at int, value byte) []byte {
		data := append([]byte(nil), good...)
		data[at] = value
		return data
	}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "0 bytes"},
		{"short", good[:32], "32 bytes"},
		{"cut", good[:len(good)-1], "want 39 for 2 held and 1 recent codes and 0 pads"},
		{"long", append(good[:len(good):len(good)], 0), "40 bytes"},
		{"version", with(0, 1), "version 1, want 2"},
		{"mode", with(1, 2), "pointer mode 2"},
		{"too many held", append(with(30, 101), make([]byte, 198)...), "101 codes held"},
		{"changes and ring differ", with(26, 2), "1 recent changes of 2"},
		{"key 0", with(33, 0), "held code 0"},
		{"key beyond X", with(33, 248), "held code 248"},
		{"not ascending", with(35, 30), "held code 30 after 30"},
		{"unknown change", with(38, 0x87), "changed code 1822"},
		{"no axes", with(32, 1), "want 49 for 2 held and 1 recent codes and 1 pads"},
		{"a fifth pad", append(with(32, 16), make([]byte, 10)...), "pads 0x10"},
		{"a button of no pad", with(36, 2), "held code 543"},
		{"a pad that is not there", func() []byte {
			data := with(36, 2)
			data[35] = 0
			return data
		}(), "held code 512 is of a pad that is not connected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m Message
			err := m.Decode(c.data)
			if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to say %q", err, c.want)
			}
		})
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	data, err := examples()[6].Message.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	var m Message
	if n := testing.AllocsPerRun(100, func() { err = m.Decode(data) }); n > 0 || err != nil {
		t.Errorf("%v allocations a message, %v", n, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, g := range examples() {
		data, err := g.Message.Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte{Version})
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Message
		if m.Decode(data) != nil {
			return
		}
		if len(data) > MaxMessage {
			t.Errorf("took a message of %d bytes", len(data))
		}
		if again, err := m.Append(nil); err != nil || string(again) != string(data) {
			t.Errorf("decoded %+v, which encodes as %x, %v", m, again, err)
		}
		// Whatever it says after another one, it can be played.
		p := newPlayer()
		p.m.Pads[3].Connected = true
		p.change(PadButton(3, 5), true)
		p.expect(t, "3:20 [0 0] [0 0]")
		if p.tracker.isNew(&m) {
			p.pads.next(&m, p.tracker.next(&m, nil))
		}
	})
}

func writeJSON(t *testing.T, file string, value any) {
	t.Helper()
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readJSON(t *testing.T, file string, value any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		t.Fatal(err)
	}
}
