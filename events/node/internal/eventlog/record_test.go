package eventlog

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func encoded(at place, stream string, e *Event) []byte {
	stored := make([]byte, recordSize(stream, e))
	encodeRecord(stored, at, stream, e)
	return stored
}

var sample = Event{ID: ID{1, 2, 3}, Type: "Sampled", JSON: true, Metadata: []byte(`{"by":"test"}`), Data: []byte(`{"n":1}`)}

func TestRecordComesBack(t *testing.T) {
	long := strings.Repeat("s", MaxName)
	for _, c := range []struct {
		name, stream string
		event        Event
	}{
		{"all fields", "stream-1", sample},
		{"nothing in it", "s", Event{}},
		{"long names", long, Event{Type: long, Data: bytes.Repeat([]byte{255}, 1<<20)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := place{position: 42, revision: 7, created: 1234567}
			r, err := decodeRecord(at.position, encoded(at, c.stream, &c.event))
			if err != nil {
				t.Fatal(err)
			}
			if r.Position != at.position || r.Revision != at.revision || r.Created != at.created ||
				r.ID != c.event.ID || r.JSON != c.event.JSON || string(r.Stream) != c.stream || string(r.Type) != c.event.Type ||
				!bytes.Equal(r.Metadata, c.event.Metadata) || !bytes.Equal(r.Data, c.event.Data) {
				t.Fatalf("came back as %+v", r)
			}
			if r.size() != recordSize(c.stream, &c.event) {
				t.Errorf("size %d", r.size())
			}
		})
	}
}

// TestDamagedRecord: no change of a single bit, no other length and no other
// place passes for the record.
func TestDamagedRecord(t *testing.T) {
	at := place{position: 42, revision: 7}
	good := encoded(at, "stream-1", &sample)
	refused := func(what string, position uint64, stored []byte) {
		t.Helper()
		if _, err := decodeRecord(position, stored); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		refused("a bit flipped", at.position, bad)
	}
	for n := range good {
		refused("cut short", at.position, good[:n])
	}
	refused("longer", at.position, append(bytes.Clone(good), 0))
	refused("at another position", at.position+1, good)
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(uint64(42), encoded(place{position: 42, revision: 7}, "stream-1", &sample))
	f.Add(uint64(1), encoded(place{position: 1}, "s", &Event{}))
	f.Add(uint64(0), []byte{})
	f.Fuzz(func(t *testing.T, position uint64, stored []byte) {
		if len(stored) >= recordHeader { // let the fuzzer past the sum
			stored = bytes.Clone(stored)
			sum := recordSum(position, stored)
			stored[0], stored[1], stored[2], stored[3] = byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)
		}
		r, err := decodeRecord(position, stored)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		e := Event{ID: r.ID, Type: string(r.Type), JSON: r.JSON, Metadata: r.Metadata, Data: r.Data}
		again := encoded(place{position: position, revision: r.Revision, created: r.Created}, string(r.Stream), &e)
		if !bytes.Equal(again, stored) {
			t.Fatalf("%x decodes, but is written %x", stored, again)
		}
	})
}
