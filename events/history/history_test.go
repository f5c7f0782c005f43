package history

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func written(t testing.TB, all ...Event) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, e := range all {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestContentComesBack byte for byte, whatever it is.
func TestContentComesBack(t *testing.T) {
	for _, content := range []string{
		"", "{}", "null", "1", "1.0", "1e400", `"text"`, `{"a":1,"b":[true,null]}`, `{"a":  1}`, " {}", "{}\n", `{"b":1,"a":2}`, `{"a":1,"a":2}`,
		`"<&>"`, `"\u003c"`, "\"\u2028\"", `"ü"`, "not json", "\x00\x01", "\xff\xfe", "{\"a\":\"\xff\"}", "line\nbreak", "[1,\n2]", `{"base64":"AA=="}`,
	} {
		e := Event{Stream: "s", Revision: 7, Position: 9, ID: uuid.New(), Type: "T", JSON: true,
			Created: time.Date(2026, 1, 2, 3, 4, 5, 678901200, time.UTC), Data: []byte(content), Metadata: []byte(content)}
		text := written(t, e)
		if n := strings.Count(text, "\n"); n != 1 {
			t.Errorf("%q takes %d lines", content, n)
		}
		got, err := NewReader(strings.NewReader(text)).Next()
		if err != nil {
			t.Fatalf("%q: %v", content, err)
		}
		if string(got.Data) != content || string(got.Metadata) != content {
			t.Errorf("%q comes back as %q and %q, from %s", content, got.Data, got.Metadata, text)
		}
		got.Data, got.Metadata = e.Data, e.Metadata
		if !reflect.DeepEqual(got, e) {
			t.Errorf("got %+v, want %+v", got, e)
		}
	}
}

// TestBadLines are refused with their number.
func TestBadLines(t *testing.T) {
	good := strings.TrimSpace(written(t, Event{Stream: "s", ID: uuid.New(), Type: "T", Created: time.Now()}))
	for _, c := range []struct{ line, says string }{
		{"nonsense", "line 2"},
		{`{"stream":"s"}`, "type"},
		{good[:len(good)-4], "line 2"},
		{strings.Replace(good, `"stream":"s"`, `"stream":""`, 1), "stream"},
		{strings.Replace(good, `"revision":0`, `"revision":-1`, 1), "revision -1"},
		{strings.Replace(good, `"revision":0`, `"revision":0.5`, 1), "line 2"},
		{strings.Replace(good, `"type":"T"`, `"type":"$streamDeleted"`, 1), "$streamDeleted"},
		{strings.Replace(good, `"json":false`, `"json":false,"data":1,"dataBase64":"AA=="`, 1), "not both"},
		{strings.Replace(good, `"json":false`, `"json":false,"extra":1`, 1), "extra"},
		{strings.Replace(good, `"created":"2`, `"created":"1`, 1), "creation time"},
	} {
		r := NewReader(strings.NewReader(good + "\n" + c.line + "\n"))
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Next(); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v, want one that says %q", c.line, err, c.says)
		}
	}
	r := NewReader(strings.NewReader("\n" + good + "\n\n" + good))
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

// FuzzReader: whatever is read is written and read again as the same event.
func FuzzReader(f *testing.F) {
	f.Add(written(f, Event{Stream: "s", ID: uuid.New(), Type: "T", JSON: true, Created: time.Now(), Data: []byte(`{"a":1}`), Metadata: []byte{0}}))
	f.Fuzz(func(t *testing.T, text string) {
		e, err := NewReader(strings.NewReader(text)).Next()
		if err != nil {
			return
		}
		again, err := NewReader(strings.NewReader(written(t, e))).Next()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Data, e.Data) || !bytes.Equal(again.Metadata, e.Metadata) || !again.Created.Equal(e.Created) || again.Stream != e.Stream {
			t.Errorf("%+v became %+v", e, again)
		}
	})
}
