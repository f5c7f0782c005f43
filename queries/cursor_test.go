package queries

import (
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/playcast/playcast/events"
)

// byRank has a part of each kind.
type byRank struct {
	rank float64
	at   time.Time
	id   uuid.UUID
	size int64
	text string
}

func (k *byRank) code(c *coder) {
	c.real(&k.rank)
	c.time(&k.at)
	c.id(&k.id)
	c.number(&k.size)
	c.text(&k.text)
}

var someKeys = []key{
	&byTime{at: time.Date(2026, 1, 2, 15, 4, 5, 678901000, time.UTC), id: uuid.Max},
	&byTime{at: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)},
	&byPosition{position: math.MaxInt64}, &byPosition{position: -1},
	&byText{text: "Zwölf 🎮 \u202eElf", id: "zwoelf"}, &byText{},
	&byNumber{number: math.MinInt64, text: "doom"},
	&byRank{rank: -0.25, at: time.Unix(0, 0).UTC(), id: uuid.Max, size: 3, text: strings.Repeat("x", 1000)},
}

// fresh is an empty key of the kind of another one.
func fresh(k key) key { return reflect.New(reflect.TypeOf(k).Elem()).Interface().(key) }

func TestACursorKeepsItsKey(t *testing.T) {
	of := listOf("sessions", events.PlayerID("anna"))
	for _, want := range someKeys {
		got := fresh(want)
		if err := of.after(of.cursor(want), got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v is read as %+v, %v", want, got, err)
		}
	}
	first := newest()
	if err := of.after("", &first); err != nil || first != newest() {
		t.Errorf("the first page begins after %+v, %v", first, err)
	}
}

func TestACursorIsOfOneList(t *testing.T) {
	of, place := listOf("sessions", events.PlayerID("anna"), 18), newest()
	given := of.cursor(&place)
	for name, other := range map[string]list{
		"another question": listOf("recordings", events.PlayerID("anna"), 18),
		"another player":   listOf("sessions", events.PlayerID("bert"), 18),
		"another filter":   listOf("sessions", events.PlayerID("anna"), 1, 8),
		"no filter":        listOf("sessions", events.PlayerID("anna18")),
	} {
		if err := other.after(given, &byTime{}); !errors.Is(err, ErrCursor) {
			t.Errorf("a cursor for %s: %v", name, err)
		}
	}
	for _, k := range someKeys {
		if _, same := k.(*byTime); !same && !errors.Is(of.after(given, fresh(k)), ErrCursor) {
			t.Errorf("it is read as a %T", k)
		}
	}
}

func TestADamagedCursorIsRefused(t *testing.T) {
	of := listOf("sessions")
	for _, k := range someKeys {
		given := of.cursor(k)
		for i := range len(given) {
			flipped := []byte(given)
			if flipped[i] ^= 1; of.after(string(flipped), fresh(k)) == nil {
				t.Errorf("%q, where %d is flipped, is taken", given, i)
			}
			if i > 0 && of.after(given[:i], fresh(k)) == nil {
				t.Errorf("%q, cut at %d, is taken", given, i)
			}
		}
		for _, forged := range []string{given + "A", given + "=", given + "\n", given[:4] + "\r\n" + given[4:], "\x00", "' OR 1=1--", strings.Repeat("A", 10_000)} {
			if of.after(forged, fresh(k)) == nil {
				t.Errorf("%q is taken", forged)
			}
		}
	}
}

// signed is a cursor as somebody makes it by hand who knows how.
func signed(l list, body []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(body, l.sum(body)...))
}

func TestAKeyThatTheDatabaseCantTakeIsRefused(t *testing.T) {
	of := listOf("library")
	for name, bad := range map[string]key{
		"NUL": &byText{text: "a\x00"}, "not UTF-8": &byText{id: "\xff"}, "year 0": &byTime{at: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
		"year 10000": &byTime{at: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}, "not a number": &byRank{rank: math.NaN()}, "endless": &byRank{rank: math.Inf(1)},
	} {
		if err := of.after(of.cursor(bad), fresh(bad)); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	newer := append([]byte{cursorVersion + 1}, make([]byte, 8)...)
	if err := of.after(signed(of, newer), &byPosition{}); !errors.Is(err, ErrCursor) {
		t.Errorf("of a newer version: %v", err)
	}
	if err := of.after(signed(of, append([]byte{cursorVersion}, 0xff, 0xff, 0xff, 0xff)), &byText{}); !errors.Is(err, ErrCursor) {
		t.Errorf("a text without an end: %v", err)
	}
}

// FuzzCursor: whatever is taken is written the same way, as a person gave it
// and as one who knows the checksum would.
func FuzzCursor(f *testing.F) {
	of := listOf("fuzz")
	for _, k := range someKeys {
		f.Add(of.cursor(k))
	}
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		for _, cursor := range []string{text, signed(of, []byte(text)), signed(of, append([]byte{cursorVersion}, text...))} {
			for _, k := range someKeys {
				got := fresh(k)
				err := of.after(cursor, got)
				if err != nil && !errors.Is(err, ErrCursor) {
					t.Fatalf("%q: %v", cursor, err)
				}
				if again := of.cursor(got); err == nil && cursor != "" && again != cursor {
					t.Fatalf("%q reads as %+v, which is written %q", cursor, got, again)
				}
			}
		}
	})
}

func TestOnePage(t *testing.T) {
	for have, want := range map[int]bool{0: false, 2: false, 3: true} {
		rows, more := onePage(make([]int, have), 2)
		if more != want || len(rows) != min(have, 2) {
			t.Errorf("of %d: %d and %v", have, len(rows), more)
		}
	}
	for size, want := range map[int]int{math.MinInt: 1, 0: 1, 100: 100, 101: 100} {
		if got := pageSize(size); got != want {
			t.Errorf("a page of %d has %d", size, got)
		}
	}
}
