package queries

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

func FuzzParseCursor(f *testing.F) {
	f.Add(pageKey{at: time.Date(2026, 1, 2, 15, 4, 5, 678000, time.UTC), id: uuid.Max}.cursor())
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := parseCursor(text)
		if err != nil {
			if !errors.Is(err, ErrCursor) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if key.cursor() != text {
			t.Fatalf("%q reads as %v, which is written %q", text, key, key.cursor())
		}
	})
}

func FuzzParsePositionCursor(f *testing.F) {
	f.Add(positionCursor(42))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		position, err := parsePositionCursor(text)
		switch {
		case err != nil && !errors.Is(err, ErrCursor):
			t.Fatalf("%q: %v", text, err)
		case err == nil && text != "" && positionCursor(position) != text:
			t.Fatalf("%q reads as %d, which is written %q", text, position, positionCursor(position))
		}
	})
}
