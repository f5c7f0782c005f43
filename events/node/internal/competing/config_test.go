package competing

import (
	"reflect"
	"testing"
	"time"
)

var good = definition{
	key: Key{Source: "orders", Group: "shipping"},
	settings: Settings{Start: End, ResolveLinks: true, Latencies: true, Strategy: Pinned, Subscribers: 3,
		Retry: Retry{Max: 4, Timeout: 5 * time.Second}, Checkpoint: Checkpoint{After: 2 * time.Second, Min: 1, Max: 9},
		Buffer: Buffer{Live: 50, History: 60, Batch: 7}},
	begin: 17,
}

func TestConfigRoundTrip(t *testing.T) {
	filtered := good
	filtered.key = Key{Source: All, Group: "filtered"}
	filtered.settings.Filter = &Filter{ByType: true, Prefixes: []string{"Order", "Invoice"}}
	want := []definition{good, filtered}
	data, err := encodeConfig(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeConfig(data)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestConfigIsRefused(t *testing.T) {
	twice, err := encodeConfig([]definition{good, good})
	if err != nil {
		t.Fatal(err)
	}
	bad := good
	bad.settings.Buffer.Batch = 61
	invalid, err := encodeConfig([]definition{bad})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"not JSON": "{", "a newer version": `{"version":2}`, "no version": "{}",
		"a group twice": string(twice), "settings that can't be": string(invalid),
		"another form": `{"version":1,"groups":{}}`,
	} {
		if got, err := decodeConfig([]byte(data)); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// FuzzDecodeConfig: whatever is taken can be stored and read again.
func FuzzDecodeConfig(f *testing.F) {
	data, err := encodeConfig([]definition{good})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version":1,"groups":[{"source":"$all","group":"g","filter":{"pattern":"("}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decodeConfig(data)
		if err != nil {
			return
		}
		again, err := encodeConfig(got)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := decodeConfig(again); err != nil || !reflect.DeepEqual(got, same) {
			t.Errorf("%+v became %+v, %v", got, same, err)
		}
	})
}

// FuzzDecodeCheckpoint: a checkpoint that is taken is a place, and is written
// as it was read.
func FuzzDecodeCheckpoint(f *testing.F) {
	for _, seed := range []string{`"0"`, `"17"`, `"C:3/P:3"`, `"C:3/P:4"`, `"-1"`, `17`, `"9223372036854775807"`, `"C:1/P:1x"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, s := range []source{&streamSource{}, &allSource{}} {
			place, err := decodeCheckpoint(s, data)
			if err != nil {
				continue
			}
			if again, err := s.parse(s.format(place)); err != nil || again != place || place < 0 {
				t.Errorf("%q is place %d, then %d, %v", data, place, again, err)
			}
		}
	})
}
