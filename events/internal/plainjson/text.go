package plainjson

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// text is what is left to be read.
type text struct{ rest []byte }

// take takes the token off, if it is what comes next.
func (t *text) take(token string) bool {
	if len(t.rest) < len(token) || string(t.rest[:len(token)]) != token {
		return false
	}
	t.rest = t.rest[len(token):]
	return true
}

// quoted takes a string off, with its quotes.
func (t *text) quoted() ([]byte, bool) {
	if len(t.rest) < 2 || t.rest[0] != '"' {
		return nil, false
	}
	end := bytes.IndexByte(t.rest[1:], '"') + 1
	if end == 0 || !plain(t.rest[1:end]) {
		return nil, false
	}
	found := t.rest[:end+1]
	t.rest = t.rest[end+1:]
	return found, true
}

// plain says that a string means itself.
func plain(content []byte) bool {
	ascii := true
	for _, b := range content {
		if b < ' ' || b == '\\' {
			return false
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	return ascii || utf8.Valid(content)
}

// number takes a number off as JSON has it.
func (t *text) number() (number []byte, whole bool) {
	rest, whole := t.rest, true
	digits := func() (count int) {
		for count < len(rest) && rest[count] >= '0' && rest[count] <= '9' {
			count++
		}
		rest = rest[count:]
		return count
	}
	is := func(either string) bool {
		if len(rest) == 0 || rest[0] != either[0] && rest[0] != either[len(either)-1] {
			return false
		}
		rest = rest[1:]
		return true
	}
	is("-")
	if before := rest; digits() == 0 || before[0] == '0' && len(before)-len(rest) > 1 {
		return nil, false
	}
	if is(".") {
		if whole = false; digits() == 0 {
			return nil, false
		}
	}
	if is("eE") {
		whole = false
		is("+-")
		if digits() == 0 {
			return nil, false
		}
	}
	number = t.rest[:len(t.rest)-len(rest)]
	t.rest = rest
	return number, whole
}

func readString(t *text, v reflect.Value) bool {
	found, ok := t.quoted()
	if ok {
		v.SetString(string(found[1 : len(found)-1]))
	}
	return ok
}

func readText(t *text, v reflect.Value) bool {
	found, ok := t.quoted()
	return ok && v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(found[1:len(found)-1]) == nil
}

func readTime(t *text, v reflect.Value) bool {
	found, ok := t.quoted()
	return ok && v.Addr().Interface().(*time.Time).UnmarshalJSON(found) == nil
}

// readBytes reads base64.
func readBytes(t *text, v reflect.Value) bool {
	if t.take("null") {
		return true
	}
	found, ok := t.quoted()
	if !ok {
		return false
	}
	content, err := base64.StdEncoding.AppendDecode([]byte{}, found[1:len(found)-1])
	v.SetBytes(content)
	return err == nil
}

func readBool(t *text, v reflect.Value) bool {
	if t.take("true") {
		v.SetBool(true)
		return true
	}
	return t.take("false")
}

func readInt(t *text, v reflect.Value) bool {
	number, whole := t.number()
	if !whole {
		return false
	}
	n, err := strconv.ParseInt(string(number), 10, v.Type().Bits())
	v.SetInt(n)
	return err == nil
}

func readFloat(t *text, v reflect.Value) bool {
	number, _ := t.number()
	if number == nil {
		return false
	}
	f, err := strconv.ParseFloat(string(number), 64)
	v.SetFloat(f)
	return err == nil
}
