package keyboard

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
)

// typeAll types a text to its end.
func typeAll(t *testing.T, k *Keyboard, text string) {
	t.Helper()
	for rest := []rune(text); ; {
		typed, wait, err := k.Type(rest)
		must(t, err)
		if rest = rest[typed:]; len(rest) == 0 {
			return
		}
		time.Sleep(wait)
	}
}

// reads wants the witness to see a text, whatever it takes to type it.
func (w *witness) reads(text string) {
	w.t.Helper()
	var got []rune
	want := []rune(text)
	for len(got) < len(want) {
		key := w.next()
		switch {
		case key.name == "Shift_L" || key.name == "ISO_Level3_Shift":
		case key.sym == symReturn:
			got = append(got, '\n')
		case key.sym == symTab:
			got = append(got, '\t')
		case key.sym >= symUnicode:
			got = append(got, rune(key.sym-symUnicode))
		default:
			got = append(got, rune(key.sym))
		}
	}
	if string(got) != text {
		w.t.Errorf("typed %q, want %q", string(got), text)
	}
}

// what is typed in every test: of the layout with each of its levels, and not.
const sample = "Grüße an @lle: {1+1}≠3, 5 € ~ ß!\n\tна здоровье, 日本語, שלום עולם, e\u0301 😀👩\u200d🚀"

func TestType(t *testing.T) {
	for _, layout := range []string{"us", "de", "ru", "gr"} {
		t.Run(layout, func(t *testing.T) {
			k, server := open(t)
			must(t, k.Load(Layout{Name: layout}))
			w := watch(t, k, server)
			must(t, k.Lock(Locks{Caps: true, Num: true}))
			typeAll(t, k, sample)
			w.reads(sample)
			if layout == "us" {
				tap(t, k, codes["KeyA"])
				w.reads("A") // the lock is on again
			}
			typeAll(t, k, "a\x00\x1bb")
			w.reads("ab")
		})
	}
}

// A client that has not come to its keys finds them as they were meant.
func TestTypeToSlowClient(t *testing.T) {
	k, server := open(t)
	w := watch(t, k, server)
	must(t, w.process.Signal(syscall.SIGSTOP))
	typeAll(t, k, sample)
	time.Sleep(patience / 2)
	must(t, w.process.Signal(syscall.SIGCONT))
	w.reads(sample)
}

// Of more characters than there are keys to spare some have to wait.
func TestTypeManyCharacters(t *testing.T) {
	k, server := open(t)
	w := watch(t, k, server)
	var text []rune
	for c := '一'; c < '一'+150; c++ {
		text = append(text, c)
	}
	plain, begun := k.meanings(t), time.Now()
	typeAll(t, k, string(text))
	t.Logf("%d keys to spare; %d characters in %v", len(k.typing.spare), len(text), time.Since(begun))
	w.reads(string(text))

	bound := k.meanings(t)
	must(t, k.Forget())
	if now := k.meanings(t); bound == plain || now != plain {
		t.Error("the keys do not mean what they did")
	}
}

// meanings are those of all keys, with the columns that count.
func (k *Keyboard) meanings(t *testing.T) string {
	t.Helper()
	reply, err := xproto.GetKeyboardMapping(k.conn, 8, 248).Reply()
	must(t, err)
	var text strings.Builder
	for row := range slices.Chunk(reply.Keysyms, int(reply.KeysymsPerKeycode)) {
		fmt.Fprintln(&text, row[:2])
	}
	return text.String()
}
