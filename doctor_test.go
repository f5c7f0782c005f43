package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoctor: what is there is said, what is missing too, and how to get it.
func TestDoctor(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	ports := []string{"--listen", freeAddress(t), "--media-port", "0", "--store-port", "0"}
	catalog := withGames(t)

	t.Run("all there", func(t *testing.T) {
		code, lines := doctor(t, append(ports, catalog...)...)
		if code != 0 {
			t.Errorf("it ended with %d", code)
		}
		wantLine(t, lines, "ok", "X server", "Xvfb")
		wantLine(t, lines, "ok", "PostgreSQL", "version ")
		wantLine(t, lines, "ok", "encoder openh264")
		wantLine(t, lines, "ok", "gateway port", "is free")
		wantLine(t, lines, "ok", "game saver")
		wantLine(t, lines, "ok", "saves", "--saves")
		// A game that is not installed keeps nobody from playing another.
		wantLine(t, lines, "without", "game absent", "apt-get install no-such-package")
	})
	t.Run("a worker's machine", func(t *testing.T) {
		code, lines := doctor(t, append(append(ports, catalog...), "--role", "streamer", "--store-port", port)...)
		if said := strings.Join(lines, "\n"); code != 0 || strings.Contains(said, "PostgreSQL") || strings.Contains(said, "event store") {
			t.Errorf("it ended with %d and said:\n%s\nwant nothing of what a worker does not need", code, said)
		}
		wantLine(t, lines, "ok", "X server", "Xvfb")
	})
	t.Run("port in use", func(t *testing.T) {
		code, lines := doctor(t, append(append(ports, catalog...), "--store-port", port)...)
		if code != 1 {
			t.Errorf("it ended with %d, want 1", code)
		}
		wantLine(t, lines, "MISSING", "event store port", port, "in use", "--store-port")
	})
	t.Run("no store of saves", func(t *testing.T) {
		code, lines := doctor(t, append(append(ports, catalog...), "--saves", "s3://key:hidden-word@"+freeAddress(t)+"/bucket?region=here&tls=off")...)
		if code != 1 || strings.Contains(strings.Join(lines, "\n"), "hidden-word") {
			t.Errorf("it ended with %d, want 1 and no secret", code)
		}
		wantLine(t, lines, "MISSING", "saves", "bucket", "--saves")
	})
	t.Run("no X server", func(t *testing.T) {
		t.Setenv("PATH", "")
		code, lines := doctor(t, append(ports, catalog...)...)
		if code != 1 {
			t.Errorf("it ended with %d, want 1", code)
		}
		wantLine(t, lines, "MISSING", "X server", "apt-get install xvfb")
	})
	t.Run("no catalog", func(t *testing.T) {
		refused(t, append([]string{"doctor", "--games", filepath.Join(os.TempDir(), "no-such.yaml")}, ports...), []string{"catalog", "no-such.yaml"})
	})
}

func doctor(t *testing.T, arguments ...string) (code int, lines []string) {
	t.Helper()
	p := launch(t, append([]string{"doctor"}, arguments...)...)
	code = p.exit()
	for line := range p.lines {
		lines = append(lines, line)
	}
	return code, lines
}

// wantLine wants a line with this mark that has these parts.
func wantLine(t *testing.T, lines []string, mark string, parts ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.HasPrefix(line, mark+" ") {
			continue
		}
		has := true
		for _, part := range parts {
			has = has && strings.Contains(line, part)
		}
		if has {
			return
		}
	}
	t.Errorf("no line is %s with %q, in\n%s", mark, parts, strings.Join(lines, "\n"))
}
