// Package xvfbtest starts X servers for tests. It needs the program Xvfb
// (Debian package xvfb).
package xvfbtest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Server is a running Xvfb, depth 24, with access control by cookie.
type Server struct {
	Display   string // such as ":7"
	Authority string // file that holds the cookie

	cmd *exec.Cmd
}

// Start runs an Xvfb with a screen of the given size on a display number that
// is free, waits until it takes connections, and ends it with the test.
func Start(t testing.TB, width, height int) *Server {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// The number is the server's to choose, so the cookie is written for any.
	s := &Server{Authority: filepath.Join(t.TempDir(), "Xauthority")}
	if err := os.WriteFile(s.Authority, authority(), 0o600); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command("Xvfb", "-displayfd", "3", "-auth", s.Authority, "-nolisten", "tcp", "-noreset",
		"-screen", "0", fmt.Sprintf("%dx%dx24", width, height))
	s.cmd.ExtraFiles = []*os.File{w}
	// The thread that starts it may end before the test does, and would take
	// the server with it: no Pdeathsig here.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start Xvfb: %v", err)
	}
	w.Close()
	t.Cleanup(s.stop)
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb ended before it was ready: %v", err)
	}
	s.Display = ":" + strings.TrimSpace(number)
	return s
}

// stop ends the server and waits for it. It may hang or have ended already.
func (s *Server) stop() {
	if s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	s.cmd.Process.Signal(syscall.SIGCONT)
	s.cmd.Wait()
}

// Kill ends the server at once, as a crash would, and waits for it. It may be
// called again.
func (s *Server) Kill() {
	if s.cmd.ProcessState != nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	// What a killed server leaves behind, unless another has the number by now.
	number := strings.TrimPrefix(s.Display, ":")
	lock := "/tmp/.X" + number + "-lock"
	if pid, err := os.ReadFile(lock); err == nil && strings.TrimSpace(string(pid)) == strconv.Itoa(s.cmd.Process.Pid) {
		os.Remove("/tmp/.X11-unix/X" + number)
		os.Remove(lock)
	}
}

// authority is an Xauthority file with one entry, for every address (family
// 65535) and every display.
func authority() []byte {
	data := binary.BigEndian.AppendUint16(nil, 0xffff)
	for _, field := range []string{"", "", "MIT-MAGIC-COOKIE-1", "playcast-tests-0"} {
		data = binary.BigEndian.AppendUint16(data, uint16(len(field)))
		data = append(data, field...)
	}
	return data
}

// Signal sends a signal to the server, such as SIGSTOP to make it hang.
func (s *Server) Signal(signal syscall.Signal) error { return s.cmd.Process.Signal(signal) }
