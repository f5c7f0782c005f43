package xconn

import (
	"encoding/binary"
	"testing"
)

func entry(display, name, key string) []byte {
	data := binary.BigEndian.AppendUint16(nil, 256)
	for _, field := range []string{"somewhere", display, name, key} {
		data = binary.BigEndian.AppendUint16(data, uint16(len(field)))
		data = append(data, field...)
	}
	return data
}

func TestFindCookie(t *testing.T) {
	data := append(entry("1", cookieName, "one"), entry("2", "XDM-AUTHORIZATION-1", "no")...)
	data = append(data, entry("2", cookieName, "two")...)
	for number, want := range map[string]string{"1": "one", "2": "two", "12": ""} {
		got, err := findCookie(data, number)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("display %s: got %q, %v; want %q", number, got, err, want)
		}
	}
}

func FuzzFindCookie(f *testing.F) {
	f.Add(entry("1", cookieName, "one"))
	f.Add([]byte{0, 0, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, err := findCookie(data, "1"); err == nil && len(key) > len(data) {
			t.Errorf("key of %d bytes out of %d", len(key), len(data))
		}
	})
}
