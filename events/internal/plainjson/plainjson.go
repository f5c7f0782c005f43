// Package plainjson reads JSON in the plain form in which encoding/json writes
// the values of one type: nothing between the tokens, the fields of a struct in
// its order, no escape in a string. It does so several times faster than
// encoding/json, and refuses whatever else there is, which encoding/json may
// well read: ask that one then.
//
// What it reads, it reads as encoding/json does with DisallowUnknownFields, and
// nothing after the value; a fuzz test holds the two against each other.
package plainjson

import (
	"encoding"
	"reflect"
	"strings"
	"time"
)

// Reader reads values of one type.
type Reader struct{ read reader }

// For returns the reader of a type, which is not one that holds itself. Where it
// has what this package does not know (maps, embedded structs, interfaces, types
// that read their own JSON), data that has a value for that is refused.
func For(t reflect.Type) Reader { return Reader{readerOf(t)} }

// Read sets a value of the type, which can be set and is zero. When it returns
// false, the data is of another form, and the value may have something of it.
func (r Reader) Read(data []byte, value reflect.Value) bool {
	t := text{data}
	return r.read(&t, value) && len(t.rest) == 0
}

// reader takes one value off the text and sets v, which can be set, to it.
type reader func(t *text, v reflect.Value) bool

func unknown(*text, reflect.Value) bool { return false }

var (
	timeType = reflect.TypeFor[time.Time]()
	ownText  = reflect.TypeFor[encoding.TextUnmarshaler]()
	ownJSON  = reflect.TypeFor[interface{ UnmarshalJSON([]byte) error }]()
)

func readerOf(t reflect.Type) reader {
	switch pointer := reflect.PointerTo(t); {
	case t == timeType:
		return readTime
	case pointer.Implements(ownJSON):
		return unknown
	case pointer.Implements(ownText):
		return readText
	}
	switch t.Kind() {
	case reflect.String:
		return readString
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return readInt
	case reflect.Float64:
		return readFloat
	case reflect.Pointer:
		return pointerReader(t.Elem())
	case reflect.Slice:
		return sliceReader(t.Elem())
	case reflect.Struct:
		return structReader(t)
	}
	return unknown
}

func pointerReader(of reflect.Type) reader {
	read := readerOf(of)
	return func(t *text, v reflect.Value) bool {
		if t.take("null") {
			return true
		}
		p := reflect.New(of)
		v.Set(p)
		return read(t, p.Elem())
	}
}

func sliceReader(of reflect.Type) reader {
	if of.Kind() == reflect.Uint8 {
		return readBytes
	}
	read := readerOf(of)
	return func(t *text, v reflect.Value) bool {
		if t.take("null") {
			return true
		}
		if !t.take("[") {
			return false
		}
		if t.take("]") {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return true
		}
		for n := 0; ; n++ {
			v.Grow(1)
			v.SetLen(n + 1)
			if !read(t, v.Index(n)) {
				return false
			}
			if !t.take(",") {
				return t.take("]")
			}
		}
	}
}

// field is one of a struct.
type field struct {
	key   string // as it stands in the text, with its colon
	index int
	read  reader
}

func structReader(of reflect.Type) reader {
	var fields []field
	seen := map[string]bool{}
	for i := range of.NumField() {
		f := of.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		switch {
		case f.Anonymous || options == "string" || seen[name]:
			return unknown
		case !f.IsExported() || name == "-":
			continue
		}
		seen[name] = true
		fields = append(fields, field{key: `"` + name + `":`, index: i, read: readerOf(f.Type)})
	}
	return func(t *text, v reflect.Value) bool {
		if !t.take("{") {
			return false
		}
		if t.take("}") {
			return true
		}
		for i := range fields {
			f := &fields[i]
			switch {
			case !t.take(f.key): // it may have been left out
				continue
			case !f.read(t, v.Field(f.index)):
				return false
			case t.take("}"):
				return true
			case !t.take(","):
				return false
			}
		}
		return false
	}
}
