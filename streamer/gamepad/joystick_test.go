package gamepad

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/playcast/playcast/streamer/gamepad/padtest"
)

// jstest, of Debian's package joystick, asks the joystick API what there is to
// ask, and tells what comes: this is what games see who know nothing newer.
func TestJoystickProgram(t *testing.T) {
	pads, _ := open(t, padtest.Library(t))
	must(t, pads.Plug(1))
	launch := pads.Launch(false)
	command := exec.Command("stdbuf", "-oL", "jstest", "--event", "/dev/input/js1")
	command.Env = append(os.Environ(), "LD_PRELOAD="+launch.Preload)
	for name, value := range launch.Environment {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stderr = t.Output()
	output, err := command.StdoutPipe()
	must(t, err)
	if err := command.Start(); err != nil {
		t.Fatalf("%v (deploy/setup.sh test)", err)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it may have ended, which the test has seen
		for range lines {
		}
		_ = command.Wait()
	})
	expect := func(text string) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		var seen []string
		for {
			select {
			case line, more := <-lines:
				if seen = append(seen, line); strings.Contains(line, text) {
					return
				} else if !more {
					t.Fatalf("%q did not come before the end; seen: %q", text, seen)
				}
			case <-deadline:
				t.Fatalf("%q did not come; seen: %q", text, seen)
			}
		}
	}
	expect("Driver version is 2.1.0")
	expect("has 8 axes (X, Y, Z, Rx, Ry, Rz, Hat0X, Hat0Y)")
	expect("and 11 buttons (BtnA, BtnB, BtnX, BtnY, BtnTL, BtnTR, BtnSelect, BtnStart, BtnMode, BtnThumbL, BtnThumbR)")
	for _, first := range []string{"type 130, time", "number 7, value 0", "type 129, time", "number 10, value 0"} {
		expect(first) // what holds as it is opened: axes, then buttons
	}
	must(t, pads.Play(1, State{Buttons: 1 << 2}))
	expect("number 2, value 1")
	must(t, pads.Play(1, State{Axes: [4]int16{-32768}}))
	expect("number 0, value -32767")
	expect("number 2, value 0")
}
