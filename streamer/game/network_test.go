package game

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
)

// TestNetwork has games look for a way out: who may not has none, and who may
// does not reach what listens on this machine's loopback.
func TestNetwork(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	l := newLauncher(t, Config{})
	look := func(t *testing.T, may bool) string {
		entry := shell(`tail -n +3 /proc/net/dev | cut -d: -f1
			for host in 127.0.0.1 10.0.2.2 10.0.2.3; do
				timeout 5 bash -c "exec 3<>/dev/tcp/$host/` + port + `" 2>/dev/null && echo "reached $host"
			done
			cat /etc/resolv.conf`)
		entry.Network = may
		p, err := l.StartGame(Launch{Session: events.NewSessionID(), Player: "ann", Entry: entry, Display: noDisplay})
		if err != nil {
			t.Fatal(err)
		}
		awaitDone(t, p.Done())
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		said, err := os.ReadFile(filepath.Join(l.cfg.DataDir, "ann", "shell.log"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(said), "reached") {
			t.Errorf("the game has found a service of this machine:\n%s", said)
		}
		return string(said)
	}
	if said := look(t, false); strings.Contains(said, "tap0") {
		t.Errorf("a game that may not use the network has one:\n%s", said)
	}
	if l.works.Network != nil { // the machine lets nobody, or not this user
		t.Logf("no game may use the network here: %v", l.works.Network)
	} else if said := look(t, true); !strings.Contains(said, "tap0") || !strings.Contains(said, "nameserver "+nameserver) {
		t.Errorf("a game that may use the network has none:\n%s", said)
	}
	l.works.Network = errNoNetwork
	entry := shell("")
	entry.Network = true
	_, err = l.StartGame(Launch{Session: events.NewSessionID(), Player: "ann", Entry: entry, Display: noDisplay})
	if err == nil || !strings.Contains(err.Error(), "slirp4netns is not installed") {
		t.Errorf("without slirp4netns: %v", err)
	}
}
