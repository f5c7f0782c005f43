package keyboard

import (
	"bufio"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
	"go.uber.org/goleak"
	"golang.org/x/time/rate"

	"github.com/playcast/playcast/streamer/xconn/xvfbtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) (*Keyboard, *xvfbtest.Server) {
	t.Helper()
	server := xvfbtest.Start(t, 320, 240)
	k, err := Open(server.Display, server.Authority)
	must(t, err)
	t.Cleanup(k.Close)
	return k, server
}

// witness is xev, a client of Xlib, which tells what it makes of each key.
type witness struct {
	t       *testing.T
	process *os.Process
	keys    chan seenKey
}

type seenKey struct {
	sym  uint64
	name string
}

var seen = regexp.MustCompile(`keycode \d+ \(keysym 0x([0-9a-f]+), (\S+)\)`)

// watch starts xev, and returns when it has the focus.
func watch(t *testing.T, k *Keyboard, server *xvfbtest.Server) *witness {
	t.Helper()
	readCodes(t)
	cmd := exec.CommandContext(t.Context(), "stdbuf", "-oL", "xev", "-event", "keyboard", "-geometry", "320x240+0+0")
	cmd.Env = append(os.Environ(), "DISPLAY="+server.Display, "XAUTHORITY="+server.Authority)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	w := &witness{t: t, process: cmd.Process, keys: make(chan seenKey, 4096)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		pressed := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			line := lines.Text()
			if found := seen.FindStringSubmatch(line); found != nil && pressed {
				sym, _ := strconv.ParseUint(found[1], 16, 32) // as the pattern has it
				w.keys <- seenKey{sym, found[2]}
			}
			if strings.HasPrefix(line, "Key") { // what kind of event it is comes first
				pressed = strings.HasPrefix(line, "KeyPress")
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait() // it was killed
	})
	w.focus(k)
	return w
}

// focus presses a key until xev tells of it.
func (w *witness) focus(k *Keyboard) {
	w.t.Helper()
	for range 100 {
		tap(w.t, k, codes["Space"])
		select {
		case <-w.keys:
			for { // those before it had the focus
				select {
				case <-w.keys:
				case <-time.After(300 * time.Millisecond):
					return
				}
			}
		case <-time.After(100 * time.Millisecond):
		}
	}
	w.t.Fatal("xev tells of no key")
}

func (w *witness) next() seenKey {
	w.t.Helper()
	select {
	case key := <-w.keys:
		return key
	case <-time.After(10 * time.Second):
		w.t.Fatal("xev tells of no key")
		return seenKey{}
	}
}

// tap presses codes in their order, and releases them.
func tap(t *testing.T, k *Keyboard, codes ...byte) {
	t.Helper()
	for _, code := range codes {
		must(t, xtest.FakeInputChecked(k.conn, xproto.KeyPress, code, 0, k.root, 0, 0, 0).Check())
	}
	for _, code := range slices.Backward(codes) {
		must(t, xtest.FakeInputChecked(k.conn, xproto.KeyRelease, code, 0, k.root, 0, 0, 0).Check())
	}
}

// codes are X's of the keys, by the names that browsers have for them.
var codes = map[string]byte{}

// readCodes reads what the page sends for each key.
func readCodes(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "input", "testdata", "keys.json"))
	must(t, err)
	var table map[string]byte
	must(t, json.Unmarshal(text, &table))
	for name, code := range table {
		codes[name] = code + 8
	}
}

// legends are what is printed on the keys: plain, with Shift, with AltGr; and
// on the keypad what counts with NumLock.
func legends(t *testing.T, layout string) (plain, numlock map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/legends.json")
	must(t, err)
	var all map[string]map[string][]string
	must(t, json.Unmarshal(text, &all))
	maps.Copy(all["common"], all[layout])
	maps.Copy(all["numlock"], all[layout+" numlock"])
	return all["common"], all["numlock"]
}

// means says whether a keysym is what a legend says: a character, or X's name.
func (s seenKey) means(legend string) bool {
	if c, size := utf8.DecodeRuneInString(legend); size == len(legend) {
		sym, _ := keysym(c)
		return uint64(sym) == s.sym
	}
	return s.name == legend
}

// Every key of a US and of a German keyboard means what is printed on it.
func TestLegends(t *testing.T) {
	for _, layout := range []string{"us", "de"} {
		t.Run(layout, func(t *testing.T) {
			k, server := open(t)
			must(t, k.Load(Layout{Name: layout}))
			w := watch(t, k, server)
			plain, numlock := legends(t, layout)
			must(t, k.Lock(Locks{}))
			checked := w.check(k, plain)
			must(t, k.Lock(Locks{Num: true}))
			t.Logf("%d meanings are right", checked+w.check(k, numlock))
		})
	}
}

// check taps every key with each of its modifiers, and returns how many times.
func (w *witness) check(k *Keyboard, keys map[string][]string) (checked int) {
	w.t.Helper()
	for key, printed := range keys {
		for level, legend := range printed {
			held := [][]byte{{}, {codes["ShiftLeft"]}, {codes["AltRight"]}}[level]
			tap(w.t, k, append(slices.Clone(held), codes[key])...)
			for range held {
				w.next()
			}
			if got := w.next(); !got.means(legend) {
				w.t.Errorf("%s with %d held is %+v, want %s", key, len(held), got, legend)
			}
			must(w.t, k.Relock())
			checked++
		}
	}
	return checked
}

func TestLoadRefuses(t *testing.T) {
	k, _ := open(t)
	for _, layout := range []Layout{{}, {Name: "nonesuch"}, {"de", "nonesuch"}, {Name: "../../etc/passwd"}, {Name: `us" };`}, {Name: "custom"}} {
		if err := k.Load(layout); !errors.Is(err, ErrUnknown) {
			t.Errorf("%v: got %v", layout, err)
		}
	}
	for i := range loadBurst {
		must(t, k.Load([]Layout{{Name: "de"}, {Name: "us"}}[i%2]))
	}
	must(t, k.Load(k.Layout()))
	if err := k.Load(Layout{Name: "fr"}); !errors.Is(err, ErrTooOften) {
		t.Errorf("too many: got %v", err)
	}
}

// Every layout that is listed can be loaded.
func TestEveryLayoutLoads(t *testing.T) {
	k, _ := open(t)
	k.loads.SetLimit(rate.Inf)
	begun := time.Now()
	for layout := range k.known {
		if err := k.Load(layout); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d layouts, %v each", len(k.known), time.Since(begun)/time.Duration(len(k.known)))
}

func TestLocks(t *testing.T) {
	k, server := open(t)
	must(t, k.Load(Layout{Name: "us"}))
	w := watch(t, k, server)
	expect := func(key, legend string) {
		t.Helper()
		tap(t, k, codes[key])
		if got := w.next(); !got.means(legend) {
			t.Errorf("%s is %+v, want %s", key, got, legend)
		}
	}
	must(t, k.Relock())
	expect("KeyA", "a")
	must(t, k.Lock(Locks{Caps: true, Num: true}))
	expect("KeyA", "A")
	expect("Numpad7", "KP_7")
	tap(t, k, codes["CapsLock"])
	w.next()
	expect("KeyA", "a")
	must(t, k.Relock())
	expect("KeyA", "A")
	must(t, k.Load(Layout{Name: "de"}))
	expect("KeyY", "Z")
	must(t, k.Lock(Locks{}))
	expect("KeyY", "z")
	expect("Numpad7", "KP_Home")
}

func FuzzReadLayouts(f *testing.F) {
	f.Add("! layout\n  us  English (US)\n  de  German\n\n! variant\n  neo  de: German (Neo 2)\n! option\n  grp:x  y\n")
	f.Add("! layout\n  ../x y\n! variant\n a b\n")
	f.Fuzz(func(t *testing.T, text string) {
		layouts, err := readLayouts(strings.NewReader(text))
		for layout := range layouts {
			if err == nil && strings.ContainsAny(layout.Name+layout.Variant, "()+:\"/. \n") {
				t.Errorf("%q is a layout", layout)
			}
		}
	})
}
