package plainjson_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events/internal/plainjson"
)

// hash reads its own text.
type hash [2]byte

func (h hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

func (h *hash) UnmarshalText(content []byte) error {
	if len(content) != 4 {
		return errors.New("want 4 digits")
	}
	_, err := hex.Decode(h[:], content)
	return err
}

type name string

type inner struct {
	Low    int8            `json:"low"`
	Share  float64         `json:"share,omitempty"`
	Took   time.Duration   `json:"took"`
	Unlike map[string]bool `json:"unlike,omitempty"`
}

type outer struct {
	Name    name      `json:"name"`
	ID      uuid.UUID `json:"id"`
	At      time.Time `json:"at,omitzero"`
	On      bool      `json:"on"`
	Inner   inner     `json:"inner"`
	Pointer *inner    `json:"pointer,omitempty"`
	Sealed  []byte    `json:"sealed"`
	Hashes  []hash    `json:"hashes"`
	Inners  []*inner  `json:"inners,omitempty"`
	Hidden  string    `json:"-"`
	Bare    int
}

// exactly reads as Read is documented to.
func exactly(data []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows")
	}
	return nil
}

var full = outer{
	Name: "Müller", ID: uuid.UUID{1, 2, 3}, At: time.Date(2026, 11, 29, 12, 0, 0, 1e6, time.UTC), On: true,
	Inner: inner{Low: -128, Share: 0.25, Took: time.Hour}, Pointer: &inner{Share: -1e-9}, Sealed: []byte("sealed"),
	Hashes: []hash{{1}, {255, 255}}, Inners: []*inner{{Low: 1}, nil, {Share: 1e300}}, Bare: 7,
}

func TestReadsWhatEncodingJSONWrites(t *testing.T) {
	for _, want := range []outer{{}, full, {Hashes: []hash{}, Sealed: []byte{}, Inners: []*inner{{}}}} {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got outer
		if !plainjson.For(reflect.TypeFor[outer]()).Read(data, reflect.ValueOf(&got).Elem()) {
			t.Errorf("%s is refused", data)
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v", data, got)
		}
	}
}

// other is of values that are of another form.
var other = []string{
	``, ` {}`, `{} `, `{}{}`, `null`, `[]`, `{"on":true,}`, `{"on":true "Bare":1}`, `{"on"`, `{"on":}`, `{"on":tru`, `{`, `{"`, `{,}`,
	`{"Bare":1,"on":true}`, `{"on":true,"on":false}`, `{"ON":true}`, `{"colour":1}`, `{"on":true,"colour":1}`, `{"Hidden":"x"}`, `{"-":"x"}`,
	`{"name":"a\u0062"}`, `{"name":"a\"b"}`, "{\"name\":\"a\nb\"}", "{\"name\":\"\xff\"}", `{"name":"a}`, `{"name":null}`, `{"name":1}`, `{"name":"`,
	`{"id":"x"}`, `{"id":null}`, `{"at":"2026-11-29"}`, `{"at":null}`, `{"on":null}`, `{"on":"true"}`,
	`{"Bare":01}`, `{"Bare":-}`, `{"Bare":+1}`, `{"Bare":1.0}`, `{"Bare":1e2}`, `{"Bare":9223372036854775808}`, `{"Bare":""}`, `{"Bare":0x1}`, `{"Bare":1_0}`,
	`{"inner":{"low":128}}`, `{"inner":{"low":1}`, `{"inner":{"share":.5}}`, `{"inner":{"share":1.}}`, `{"inner":{"share":1e}}`, `{"inner":{"share":1e999}}`,
	`{"inner":{"share":NaN}}`, `{"inner":{"share":Inf}}`, `{"inner":{"share":00}}`, `{"inner":{"unlike":{}}}`, `{"inner":null}`,
	`{"sealed":"a"}`, `{"sealed":"YQ=="x}`, `{"sealed":[1]}`, `{"hashes":["0102",]}`, `{"hashes":["0102"}`, `{"hashes":["01"]}`, `{"hashes":[null]}`, `{"hashes":{}}`,
}

func TestRefusesAnyOtherForm(t *testing.T) {
	for _, data := range other {
		if plainjson.For(reflect.TypeFor[outer]()).Read([]byte(data), reflect.New(reflect.TypeFor[outer]()).Elem()) {
			t.Errorf("%s is read", data)
		}
	}
}

func TestRefusesTypesItDoesNotKnow(t *testing.T) {
	type embedded struct{ inner }
	type quoted struct {
		N int `json:"n,string"`
	}
	type twice struct {
		A int
		B int `json:"A"`
	}
	for _, value := range []any{&embedded{}, &quoted{}, &twice{}, &map[string]int{}, new(any), new(uint), new(json.RawMessage), new([2]int), new(float32)} {
		v := reflect.ValueOf(value).Elem()
		for _, data := range []string{`{}`, `1`, `[1,1]`, `null`} {
			if plainjson.For(v.Type()).Read([]byte(data), v) {
				t.Errorf("%s is read into a %T", data, value)
			}
		}
	}
}

// FuzzRead: what is read, encoding/json reads as the same.
func FuzzRead(f *testing.F) {
	data, err := json.Marshal(full)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for i := range data {
		f.Add(append(data[:i:i], data[i+1:]...))
	}
	for _, data := range other {
		f.Add([]byte(data))
		f.Add([]byte(strings.Replace(string(data), "{", `{"inner":{"low":5},`, 1)))
	}
	reader := plainjson.For(reflect.TypeFor[outer]())
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want outer
		if !reader.Read(data, reflect.ValueOf(&got).Elem()) {
			return
		}
		if err := exactly(data, &want); err != nil {
			t.Fatalf("%q is read, and encoding/json refuses it: %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %+v, encoding/json reads %+v", data, got, want)
		}
	})
}
