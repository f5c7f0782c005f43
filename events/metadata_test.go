package events

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
)

// FuzzMetadata: whichever way it is read, metadata comes to the same.
func FuzzMetadata(f *testing.F) {
	for _, m := range []Metadata{
		{},
		{Correlation: "c", Causation: "d", Actor: "player:anna", Command: CommandID(uuid.UUID{1}), SchemaVersion: 2},
		{Correlation: "ü\"\\<>", Actor: "a", SchemaVersion: 12, TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
	} {
		data, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		if read, err := readMetadata(data); err != nil || read != m {
			f.Errorf("%s is read as %+v, %v", data, read, err)
		}
	}
	for _, text := range []string{``, `{}`, `null`, `{"actor":"x"}`, `{"$correlationId":"","$causationId":"","actor":"","commandId":"","schemaVersion":1}`,
		`{"$correlationId":"","$causationId":"","actor":"","commandId":"00000000-0000-0000-0000-000000000000","schemaVersion":01}`,
		`{"$correlationId":"","$causationId":"","actor":"","commandId":"00000000-0000-0000-0000-000000000000","schemaVersion":1,"traceparent":""}}`,
		`{"$correlationId":"","$causationId":"","actor":"","commandId":"00000000-0000-0000-0000-000000000000","schemaVersion":`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want Metadata
		wrong := json.Unmarshal(data, &want)
		got, err := readMetadata(data)
		if (err == nil) != (wrong == nil) || err == nil && got != want {
			t.Fatalf("%q is read as %+v, %v; encoding/json reads %+v, %v", data, got, err, want, wrong)
		}
	})
}

func TestMetadataIsReadInOnePass(t *testing.T) {
	data, err := json.Marshal(Metadata{Correlation: "c", Causation: "d", Actor: "player:anna", Command: CommandID(uuid.UUID{1}), SchemaVersion: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := ownMetadata(data); !ok {
		t.Errorf("%s is read by encoding/json", data)
	}
}
