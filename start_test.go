package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events"
)

// TestRefusedStarts: what is wrong is said, with the flag that helps, and
// nothing is left behind.
func TestRefusedStarts(t *testing.T) {
	t.Parallel() // it waits most of the time
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	_, tcpPort, _ := net.SplitHostPort(tcp.Addr().String())
	_, udpPort, _ := net.SplitHostPort(udp.LocalAddr().String())
	badGames := filepath.Join(t.TempDir(), "games.yaml")
	if err := os.WriteFile(badGames, []byte("games:\n  - id: Not A Slug\n    colour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for _, c := range []struct {
		name      string
		arguments []string
		words     []string
	}{
		{"gateway's port in use", []string{"--listen", tcp.Addr().String()}, []string{tcpPort, "in use", "--listen"}},
		{"store's port in use", []string{"--store-port", tcpPort}, []string{tcpPort, "taken", "--store-port"}},
		{"media port in use", []string{"--media-port", udpPort}, []string{udpPort, "used by another program", "--media-port"}},
		{"no port", []string{"--listen", "localhost"}, []string{"--listen", "host:port"}},
		{"any port", []string{"--listen", "localhost:0"}, []string{"--listen", "needs a port"}},
		{"open to others", []string{"--listen", "0.0.0.0:" + tcpPort}, []string{"--public-url"}},
		{"development sign-in open to others", []string{"--listen", "0.0.0.0:" + tcpPort, "--public-url", "https://play.example.org"},
			[]string{"development sign-in", "this machine only"}},
		{"no origin", []string{"--public-url", "play.example.org/games"}, []string{"--public-url", "origin"}},
		{"unknown flag", []string{"--colour", "red"}, []string{"unknown flag --colour", "--help"}},
		{"no number", []string{"--slots", "many"}, []string{"--slots"}},
		{"no slots", []string{"--slots", "0"}, []string{"--slots", "1 to 64"}},
		{"a region in two ways of writing", []string{"--region", "EU West"}, []string{"--region", "eu-west"}},
		{"media's TCP port in use", []string{"--media-tcp-port", tcpPort}, []string{tcpPort, "used by another program", "--media-tcp-port"}},
		{"no such relay's ports", []string{"--turn-listen", "127.0.0.1:0", "--turn-ports", "many"}, []string{"--turn-ports", "49160-49959"}},
		{"relay's ports in no order", []string{"--turn-listen", "127.0.0.1:0", "--turn-ports", "9-8"}, []string{"relay", "in order"}},
		{"no relay's address", []string{"--turn-listen", "3478"}, []string{"--turn-listen", "host:port"}},
		{"no public address", []string{"--media-ip", "example.org"}, []string{"--media-ip", "IP address"}},
		{"relay's port in use", []string{"--turn-listen", "127.0.0.1:" + udpPort}, []string{udpPort, "used by another program", "--turn-listen"}},
		{"no store of saves", []string{"--saves", "ftp://key:hidden-word@example.org/saves"}, []string{"--saves", "ftp"}},
		{"saves in a file", []string{"--saves", badGames}, []string{"folder", "--saves"}},
		{"saves where nobody answers", []string{"--saves", "s3://key:hidden-word@127.0.0.1:" + udpPort + "/bucket?tls=off"}, []string{"bucket", "can't be reached", "--saves"}},
		{"no version kept", []string{"--saves-keep", "0"}, []string{"--saves-keep"}},
		{"no such port", []string{"--media-port", "65536"}, []string{"port"}},
		{"no sensible rate", []string{"--media-max-mbps", "NaN"}, []string{"--media-max-mbps", "0.5 to 200"}},
		{"no such TCP port", []string{"--media-tcp-port", "none"}, []string{"--media-tcp-port", "same", "off"}},
		{"no worker's name", []string{"--worker", "The Worker"}, []string{"--worker", "a-z"}},
		{"no such role", []string{"--role", "cook"}, []string{"--role", "streamer"}},
		{"a worker without a log", []string{"--role", "streamer", "--worker", "b"}, []string{"--role streamer", "--eventstore"}},
		{"a worker without a name", []string{"--role", "streamer", "--eventstore", "esdb://127.0.0.1:1?tls=false"}, []string{"--role streamer", "--worker"}},
		{"a worker without the secret", []string{"--role", "streamer", "--worker", "b", "--eventstore", "esdb://127.0.0.1:1?tls=false"}, []string{"--worker-secret-file"}},
		{"a gateway without the database", []string{"--role", "gateway", "--eventstore", "esdb://127.0.0.1:1?tls=false"}, []string{"--role gateway", "--postgres"}},
		{"two event stores", []string{"--role", "node", "--eventstore", "esdb://127.0.0.1:1?tls=false"}, []string{"--role node", "--eventstore"}},
		{"a secret that can be guessed", []string{"--worker-secret", "hunter2"}, []string{"--worker-secret", "24"}},
		{"two secrets", []string{"--worker-secret", strings.Repeat("x", 24), "--worker-secret-file", "f"}, []string{"--worker-secret", "--worker-secret-file"}},
		{"a worker at every address", []string{"--worker-listen", "0.0.0.0:0"}, []string{"--worker-listen", "--worker-address"}},
		{"a worker at no address", []string{"--worker-listen", "8189"}, []string{"--worker-listen", "host:port"}},
		{"worker's port in use", []string{"--worker-listen", tcp.Addr().String()}, []string{tcpPort, "in use", "--worker-listen"}},
		{"a node for everybody", []string{"--store-host", "0.0.0.0"}, []string{"TLS and users", "--store-cert", "--store-users"}},
		{"no catalog", []string{"--games", badGames + ".txt"}, []string{"catalog", badGames + ".txt", "no such file"}},
		{"store that does not answer", []string{"--eventstore", "esdb://127.0.0.1:" + udpPort + "?tls=false"}, []string{"event store", "--eventstore"}},
		{"no store's name", []string{"--eventstore", "localhost"}, []string{"connection string"}},
		{"database that does not answer", []string{"--postgres", "postgres://nobody:hidden-word@127.0.0.1:" + udpPort + "/none"}, []string{"database", "refused", "--postgres"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := dataIn(t)
			t.Cleanup(func() { nothingLeft(t, data) })
			standard := []string{"up", "--data", data, "--media-port", "0", "--store-port", "0"}
			if c.arguments[0] != "--listen" {
				standard = append(standard, "--listen", freeAddress(t))
			}
			if p := refused(t, append(standard, c.arguments...), c.words); p.stderr.has("hidden-word") {
				t.Error("it told the password")
			}
			if strings.HasSuffix(c.name, "port in use") {
				nothingRecorded(t, data)
			}
		})
	}
	t.Run("bad catalog", func(t *testing.T) {
		data := dataIn(t)
		t.Cleanup(func() { nothingLeft(t, data) })
		p := launch(t, "up", "--data", data, "--listen", freeAddress(t), "--media-port", "0", "--store-port", "0", "--games", badGames)
		if code := p.exit(); code != 1 || !p.stderr.has(badGames) || !p.stderr.has("colour") {
			t.Errorf("it ended with %d and said %s, want 1 and what is wrong where", code, p.stderr.tail(10))
		}
	})
}

// nothingRecorded starts playcast where a start was refused: its worker is the
// first that the log tells of.
func nothingRecorded(t *testing.T, data string) {
	t.Helper()
	p := up(t, data)
	if n := len(find[events.WorkerRegistered](facts(t, p.log()), "worker-worker-1")); n != 1 {
		t.Errorf("the log holds %d registrations, want the one of this start", n)
	}
	p.stop()
}

// TestDataDirectory: one playcast at a time has a data directory, and it is of
// the version that it knows.
func TestDataDirectory(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	start := func() []string {
		return []string{"up", "--data", data, "--listen", freeAddress(t), "--media-port", "0", "--store-port", "0"}
	}
	p := up(t, data, withGames(t)...)
	refused(t, start(), []string{data, "in use by another playcast", "--data"})
	before := p.log()
	p.signIn("player1") // it is none the worse for it
	p.stop()

	for file, words := range map[string][]string{
		"VERSION":                     {"data directory", `"playcast data 0"`, "start the playcast that wrote it", "--data"},
		"events/VERSION":              {"events", "another version", `"playcast data 0"`},
		"postgres/cluster/PG_VERSION": {"PostgreSQL"},
	} {
		path := filepath.Join(data, file)
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		other := "playcast data 0\n"
		if filepath.Base(file) == "PG_VERSION" {
			other = "9.6\n"
		}
		if err := os.WriteFile(path, []byte(other), info.Mode()); err != nil {
			t.Fatal(err)
		}
		refused(t, start(), words)
		if err := os.WriteFile(path, was, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	p = up(t, data, withGames(t)...)
	if after := p.log(); len(after) < len(before) {
		t.Errorf("the log has %d events after the refusals, and had %d", len(after), len(before))
	}
	p.stop()
}
