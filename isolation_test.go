package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWithoutIsolation runs playcast where there is no bubblewrap: for that it
// is put into one in which bwrap is no program, and cgroups can't be written.
func TestWithoutIsolation(t *testing.T) {
	bwrap, err := exec.LookPath("bwrap")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(arguments ...string) string {
		command := exec.Command(bwrap, append([]string{"--dev-bind", "/", "/", "--ro-bind", "/dev/null", bwrap,
			"--tmpfs", "/sys/fs/cgroup", "--remount-ro", "/sys/fs/cgroup", "--die-with-parent", "--", program}, arguments...)...)
		command.WaitDelay = time.Second
		var out bytes.Buffer
		command.Stdout, command.Stderr = &out, &out
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(bound, func() { command.Process.Kill() })
		defer timer.Stop()
		command.Wait() // what it says is what counts
		return out.String()
	}
	if said := run("doctor", "--listen", freeAddress(t), "--media-port", "0", "--store-port", "0"); !strings.Contains(said, "without  sandbox of games") ||
		!strings.Contains(said, "apt-get install bubblewrap") || !strings.Contains(said, "without  limits of games") {
		t.Errorf("doctor says\n%s", said)
	}
	arguments := []string{"up", "--data", filepath.Join(t.TempDir(), "data"), "--listen", freeAddress(t), "--store-port", "0",
		"--media-port", "0", "--public-url", "https://play.example.org", "--oidc-issuer", "https://issuer.example.org"}
	if said := run(arguments...); !strings.Contains(said, "no sandbox of games on this machine") || !strings.Contains(said, "--unsafe-without-isolation") {
		t.Errorf("with a public address it says\n%s", said)
	}
}
