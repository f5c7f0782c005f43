package node_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/playcast/playcast/events/node"
)

// notApplicable are the cases of the client's own suite that the node is not
// asked to pass, by name, and why.
var notApplicable = map[string]string{
	"TestProjections":  "JavaScript projections are not part of the node",
	"TestPlugins":      "client certificates are a plugin that is sold",
	"TestExpectations": "compares with a history that exists in a Docker image only",
	"TestStreams/ReadStreamTests/readStreamEventsForwardsFromZeroPosition":         "the same image",
	"TestStreams/ReadStreamTests/readStreamEventsBackwardsFromEndPosition":         "the same image",
	"TestStreams/SubscriptionTests/allSubscriptionWithFilterDeliversCorrectEvents": "the same image",
}

// TestClientSuite runs the tests that EventStore-Client-Go was published with:
// its test files as they are, but for the one that starts Docker containers,
// for which clientsuite/containers_test.go stands in.
func TestClientSuite(t *testing.T) {
	t.Parallel()
	cert, key := certificate(t)
	stranger, _ := certificate(t)
	binary := buildSuite(t, map[string]string{"certs/node/node.crt": cert, "certs/untrusted-ca/ca.crt": stranger})
	t.Run("without TLS", func(t *testing.T) {
		t.Parallel()
		empty, populated := open(t, t.TempDir()), open(t, t.TempDir())
		runSuite(t, binary, 94, "EVENTSTORE_INSECURE=true",
			"SUITE_ENDPOINT="+empty.Addr(), "SUITE_POPULATED_ENDPOINT="+populated.Addr())
	})
	t.Run("with TLS and users", func(t *testing.T) {
		t.Parallel()
		hash, err := bcrypt.GenerateFromPassword([]byte("changeit"), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		access := node.Access{CertFile: cert, KeyFile: key, Users: []node.User{
			{Name: "admin", Hash: string(hash), Roles: []string{node.RoleAdmins}}}}
		secured := func() string {
			n, err := node.Open(node.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Access: access})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := n.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			return n.Addr()
		}
		runSuite(t, binary, 106, "EVENTSTORE_INSECURE=false",
			"SUITE_ENDPOINT="+secured(), "SUITE_POPULATED_ENDPOINT="+secured())
	})
}

// runSuite runs the client's tests and wants at least so many cases to pass,
// so that a suite that shrinks is noticed.
func runSuite(t *testing.T, binary string, least int, environment ...string) {
	t.Helper()
	test := exec.CommandContext(t.Context(), binary, "-test.v", "-test.skip="+skipped(), "-test.timeout=3m")
	test.Dir = filepath.Dir(binary)
	test.Env = append(os.Environ(), environment...)
	out, err := test.CombinedOutput()
	passed := bytes.Count(out, []byte("--- PASS: "))
	if err != nil {
		t.Fatalf("%v\n%s", err, failures(out))
	}
	if passed < least {
		t.Errorf("%d cases passed, want at least %d", passed, least)
	}
	t.Logf("%d cases passed, %d skipped themselves", passed, bytes.Count(out, []byte("--- SKIP: ")))
}

// skipped is the pattern of the cases that do not apply. A slash parts the
// levels of a pattern, so each name is one alternative as a whole.
func skipped() string {
	var patterns []string
	for _, name := range slices.Sorted(maps.Keys(notApplicable)) {
		levels := strings.Split(name, "/")
		for i := range levels {
			levels[i] = "^" + regexp.QuoteMeta(levels[i]) + "$"
		}
		patterns = append(patterns, strings.Join(levels, "/"))
	}
	return strings.Join(patterns, "|")
}

// failures is what the output says from the first failure on, and all of it
// where there is none.
func failures(out []byte) []byte {
	if at := bytes.Index(out, []byte("--- FAIL")); at >= 0 {
		return out[max(0, at-4000):]
	}
	return out
}

// buildSuite makes a module of the client's tests in a directory of its own,
// with further files beside them that they read, and returns the test binary.
func buildSuite(t *testing.T, copies map[string]string) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/EventStore/EventStore-Client-Go/v4")
	published, err := list.Output()
	if err != nil {
		t.Fatalf("find the client's module: %v", err)
	}
	dir, client := t.TempDir(), strings.TrimSpace(string(published))
	tests, err := filepath.Glob(filepath.Join(client, "esdb", "*_test.go"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("the client's tests are not in %s: %v", client, err)
	}
	for _, name := range tests {
		copies["esdb/"+filepath.Base(name)] = name
	}
	copies["esdb/containers_test.go"] = "clientsuite/containers_test.go"
	copies["go.mod"], copies["go.sum"] = "clientsuite/go.mod", "clientsuite/go.sum"
	for to, from := range copies {
		text, err := os.ReadFile(from)
		if err == nil {
			to = filepath.Join(dir, to)
			if err = os.MkdirAll(filepath.Dir(to), 0o700); err == nil {
				err = os.WriteFile(to, text, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "esdb", "suite.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-trimpath", "-o", binary, "./esdb")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the client's tests: %v\n%s", err, out)
	}
	return binary
}
