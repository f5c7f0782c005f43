package events

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/playcast/playcast/events/internal/plainjson"
)

// goldens calls with the wire forms in testdata and their types.
func goldens(t testing.TB, call func(kind string, data []byte)) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < len(registry) {
		t.Fatalf("%d golden files: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(filepath.Base(file), ".")
		call(kind, bytes.TrimSpace(data))
	}
}

// TestEventsArePlain holds that what is written is read without encoding/json,
// which takes several times as long. Games have a map, plans an embedded struct,
// poison a reference, and these are few.
func TestEventsArePlain(t *testing.T) {
	goldens(t, func(kind string, data []byte) {
		event, err := registry[kind].decode(data)
		few := kind == "GamePublished" || kind == "GameChanged" || kind == "PlanPublished" ||
			kind == "EventPoisoned" || kind == "PoisonReplayAsked"
		if few || err != nil { // of an earlier version
			return
		}
		of := reflect.TypeOf(event)
		if !plainjson.For(of).Read(data, reflect.New(of).Elem()) {
			t.Errorf("%s is read by encoding/json: %s", kind, data)
		}
	})
}

// FuzzDecodeExactly: whichever way it is read, an event comes to the same.
func FuzzDecodeExactly(f *testing.F) {
	goldens(f, func(kind string, data []byte) { f.Add(kind, data) })
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		schema, ok := registry[kind]
		if !ok {
			return
		}
		got, err := schema.decode(data)
		if err != nil {
			return // what encoding/json says
		}
		want := reflect.New(reflect.TypeOf(got))
		if err := unmarshalExactly(data, want.Interface()); err != nil || !reflect.DeepEqual(got, want.Elem().Interface()) {
			t.Fatalf("%s is read as %+v; encoding/json reads %+v, %v", data, got, want.Elem(), err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	var all []Recorded
	goldens(b, func(kind string, data []byte) {
		r := Recorded{Type: kind, Data: data,
			Metadata: []byte(`{"$correlationId":"01980000-0000-7000-8000-000000000001","$causationId":"01980000-0000-7000-8000-000000000002","actor":"player:anna","commandId":"01980000-0000-7000-8000-000000000003","schemaVersion":9}`)}
		r.Metadata = bytes.Replace(r.Metadata, []byte("9}"), []byte{byte('0' + registry[kind].version), '}'}, 1)
		if _, _, err := Decode(r); err == nil {
			all = append(all, r)
		} else if !errors.Is(err, ErrMalformed) { // of an earlier version
			b.Fatal(err)
		}
	})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, _, err := Decode(all[i%len(all)]); err != nil {
			b.Fatal(err)
		}
	}
}
