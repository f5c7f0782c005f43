package main_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playcast/playcast/events/node"
)

// ran runs the program to its end, wants that to be a good one, and returns
// what it wrote.
func ran(t *testing.T, arguments ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], arguments...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("playcast %s: %v: %s", strings.Join(arguments, " "), err, said.String())
	}
	return out.String()
}

// TestStoreCare does to a playcast's event store what an operator does: with
// it running, stopped, damaged, and moved.
func TestStoreCare(t *testing.T) {
	t.Parallel() // it waits most of the time
	data := dataIn(t)
	store := func(arguments ...string) []string {
		return append([]string{"store", "--data", data}, arguments...)
	}
	refused(t, store("verify"), []string{"no event store", "--data"})
	refused(t, store("backup", "--to", "x.tar"), []string{"no event store", "--data"})
	refused(t, store("export", "--at", "http://127.0.0.1:1"), []string{"--eventstore"})
	refused(t, store("import", "--at", "http://127.0.0.1:1", "--from", os.DevNull), []string{"--eventstore"})
	p := up(t, data, append(withGames(t), "--metrics-listen", "127.0.0.1:0")...)
	one := p.signIn("player1")
	id := one.request("saver")

	var stats node.Stats
	if err := json.Unmarshal([]byte(ran(t, store("stats")...)), &stats); err != nil || stats.Events == 0 || stats.Reading.Subscriptions == 0 {
		t.Errorf("stats: %+v, %v", stats, err)
	}
	address, err := os.ReadFile(filepath.Join(data, "eventstore-watch"))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(strings.TrimSpace(string(address)) + "/health/live")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("health: %v %v", answer, err)
	} else if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	elsewhere := t.TempDir()
	inDir, inTar := filepath.Join(elsewhere, "backup"), filepath.Join(elsewhere, "backup.tar")
	ran(t, store("backup", "--to", inDir)...)
	ran(t, store("backup", "--to", inTar)...)
	refused(t, store("backup", "--to", inTar), []string{"there already"})
	if said := ran(t, store("verify", inDir)...); !strings.Contains(said, "read ") {
		t.Errorf("verify: %s", said)
	}
	refused(t, store("verify"), []string{"in use", "backup"})
	if said := ran(t, store("scavenge")...); !strings.Contains(said, "scavenged ") {
		t.Errorf("scavenge: %s", said)
	}
	live := ran(t, store("export")...)
	if !strings.Contains(live, id) || !strings.Contains(live, "SessionRequested") {
		t.Errorf("the export of the running store has no session %s", id)
	}
	p.stop()

	refused(t, store("stats"), []string{"ask the running store"})
	ran(t, store("verify")...)
	stopped := ran(t, store("export")...)
	if strings.Count(stopped, "\n") < strings.Count(live, "\n") {
		t.Error("the stopped store exports less than the running one did")
	}
	lines := filepath.Join(elsewhere, "history.jsonl")
	if err := os.WriteFile(lines, []byte(stopped), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{inDir, inTar} {
		to := t.TempDir()
		if said := ran(t, "store", "--data", to, "restore", "--from", from); !strings.Contains(said, "restored ") {
			t.Errorf("restore: %s", said)
		}
		refused(t, []string{"store", "--data", to, "restore", "--from", from}, []string{"not empty"})
		if said := ran(t, "store", "--data", to, "export"); !strings.Contains(said, id) {
			t.Error("the restored store has no session")
		}
		if said := ran(t, "store", "--data", to, "import", "--from", lines); !strings.Contains(said, "were there") {
			t.Errorf("import: %s", said)
		}
	}
	moved := t.TempDir()
	ran(t, "store", "--data", moved, "import", "--from", lines)
	ran(t, "store", "--data", moved, "verify")
	damaged := filepath.Join(data, "events", "VERSION")
	if err := os.WriteFile(damaged, []byte("playcast-node 2"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, store("verify"), []string{"faults", "restore a backup"})
}

// TestStoreUser makes a line for a file of users.
func TestStoreUser(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "store", "user", "alice", "reader", "$ops")
	cmd.Stdin = strings.NewReader("secret\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	users, err := node.ReadUsers(bytes.NewReader(out))
	if err != nil || len(users) != 1 || users[0].Name != "alice" || strings.Join(users[0].Roles, " ") != "reader $ops" || strings.Contains(string(out), "secret") {
		t.Errorf("%s: %+v, %v", out, users, err)
	}
	refused(t, []string{"store", "user", "$alice"}, []string{"password"})
}
