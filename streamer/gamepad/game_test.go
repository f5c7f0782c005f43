package gamepad

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/playcast/playcast/streamer/gamepad/padtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rumbled is what a session was told of its pads' motors.
type rumbled struct {
	pad int
	Rumble
}

// open opens pads, and returns where their rumbles come.
func open(t *testing.T, library []byte) (*preloaded, chan rumbled) {
	t.Helper()
	told := make(chan rumbled, 1000)
	deep := filepath.Join(t.TempDir(), strings.Repeat("deep-", 20))
	must(t, os.Mkdir(deep, 0o700))
	pads, err := openPreloaded(filepath.Join(deep, "pads"), library,
		func(pad int, r Rumble) { told <- rumbled{pad, r} })
	if err == nil {
		t.Cleanup(func() {
			if err := pads.Close(); err != nil {
				t.Error(err)
			}
		})
		return pads, told
	}
	t.Fatal(err)
	return nil, nil
}

// startGame runs the test game with the pads, without a sandbox.
func startGame(t *testing.T, pads Pads) *padtest.Lines {
	t.Helper()
	launch := pads.Launch(false)
	command := exec.Command(padtest.Game(t))
	command.Env = append(os.Environ(), "SDL_VIDEODRIVER=dummy", "LD_PRELOAD="+launch.Preload)
	for name, value := range launch.Environment {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stderr = t.Output()
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	lines := padtest.Read(output)
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended, which the test has seen
		_ = command.Wait()
	})
	lines.Expect(t, "0 ready")
	return lines
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// buttonNames are SDL's for the W3C's buttons; the triggers are axes.
var buttonNames = map[int]string{
	0: "a", 1: "b", 2: "x", 3: "y", 4: "leftshoulder", 5: "rightshoulder", 8: "back", 9: "start", 10: "leftstick",
	11: "rightstick", 12: "dpup", 13: "dpdown", 14: "dpleft", 15: "dpright", 16: "guide",
}

// SDL finds an ordinary Xbox 360 pad in each of the four, and its own mapping
// of one is right.
func TestStandardMapping(t *testing.T) {
	pads, _ := open(t, padtest.Library(t))
	must(t, pads.Plug(2)) // before the game has started
	lines := startGame(t, pads)
	added := lines.Await(t, "a pad", func(l padtest.Line) bool { return l.Event == "added" })
	if added.Pad != 2 || added.Vendor != 0x045e || added.Product != 0x028e || !added.Rumble || !strings.Contains(added.Name, "360") {
		t.Errorf("SDL found %+v", added)
	}
	for _, pad := range []int{0, 1, 3} {
		must(t, pads.Plug(pad))
		lines.Expect(t, fmt.Sprintf("%d added", pad))
	}
	for pad := range Count {
		for button, name := range buttonNames {
			must(t, pads.Play(pad, State{Buttons: 1 << button}))
			lines.Expect(t, fmt.Sprintf("%d %s true", pad, name))
			must(t, pads.Play(pad, State{}))
			lines.Expect(t, fmt.Sprintf("%d %s false", pad, name))
		}
		for axis, name := range []string{"leftx", "lefty", "rightx", "righty"} {
			for _, value := range []int16{-32768, 32767, 4000} {
				state := State{}
				state.Axes[axis] = value
				must(t, pads.Play(pad, state))
				lines.Expect(t, fmt.Sprintf("%d %s %d", pad, name, value))
			}
			must(t, pads.Play(pad, State{}))
		}
		for trigger, name := range []string{"lefttrigger", "righttrigger"} {
			state := State{}
			state.Triggers[trigger] = 255
			must(t, pads.Play(pad, state))
			lines.Expect(t, fmt.Sprintf("%d %s 32767", pad, name))
			must(t, pads.Play(pad, State{}))
			lines.Expect(t, fmt.Sprintf("%d %s 0", pad, name))
		}
	}
}

func TestHotPlug(t *testing.T) {
	pads, _ := open(t, padtest.Library(t))
	lines := startGame(t, pads)
	for range 5 {
		must(t, pads.Plug(1))
		lines.Expect(t, "1 added")
		must(t, pads.Play(1, State{Buttons: 1}))
		lines.Expect(t, "1 a true")
		must(t, pads.Unplug(1))
		lines.Expect(t, "1 removed")
		must(t, pads.Play(1, State{Buttons: 2}))
	}
	// What was held when a pad went is not when another one comes.
	must(t, pads.Plug(1))
	lines.Expect(t, "1 added")
	must(t, pads.Play(1, State{Buttons: 2}))
	lines.Expect(t, "1 b true")
}

func TestRumble(t *testing.T) {
	pads, told := open(t, padtest.Library(t))
	must(t, pads.Plug(0))
	must(t, pads.Plug(3))
	lines := startGame(t, pads)
	lines.Expect(t, "0 added")
	lines.Expect(t, "3 added")
	press := func(pad, button int) {
		t.Helper()
		must(t, pads.Play(pad, State{Buttons: 1 << button}))
		must(t, pads.Play(pad, State{}))
	}
	expect := func(pad int, strong, weak float64) Rumble {
		t.Helper()
		select {
		case r := <-told:
			if r.pad != pad || r.Strong != strong || r.Weak < weak-0.001 || r.Weak > weak+0.001 {
				t.Fatalf("told %+v, want pad %d with %v, %v", r, pad, strong, weak)
			}
			return r.Rumble
		case <-time.After(20 * time.Second):
			t.Fatalf("no rumble of pad %d", pad)
			return Rumble{}
		}
	}
	press(3, 8)
	if r := expect(3, 1, 0.25); r.For != rumbleFor {
		t.Errorf("for %v", r.For) // SDL counts the second itself
	}
	expect(3, 0, 0)
	press(0, 9)
	expect(0, float64(0x8000)/0xffff, 0)
	press(0, 2)
	expect(0, 0, 0)
}

// A game that is stopped misses what is played, and has the state right when it
// goes on.
func TestGameThatDoesNotRead(t *testing.T) {
	pads, _ := open(t, padtest.Library(t))
	must(t, pads.Plug(0))
	launch := pads.Launch(false)
	reader, err := os.Open(filepath.Join(launch.Environment["PLAYCAST_INPUT"], "event0"))
	if err == nil {
		t.Fatalf("a socket was opened: %v", reader.Close())
	}
	conn := welcomed(t, connect(t, pads, "event0"))
	for i := range 5000 {
		must(t, pads.Play(0, State{Axes: [4]int16{int16(i)}, Buttons: uint32(i % 2)}))
	}
	must(t, pads.Play(0, State{Buttons: 1 << 3}))
	var last report
	dropped := false
	for last != (State{Buttons: 1 << 3}).report() {
		var event [eventSize]byte
		must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		if n, err := conn.Read(event[:]); err != nil || n != eventSize {
			t.Fatalf("read %d bytes: %v; dropped %v, state %+v", n, err, dropped, last)
		}
		dropped = follow(&last, event) || dropped
	}
	if !dropped {
		t.Error("a reader who missed events was not told")
	}
}
