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
)

// notApplicable are the cases of the client's own suite that the node is not
// asked to pass, by name, and why.
var notApplicable = map[string]string{
	"TestProjections":                 "JavaScript projections are not part of the node",
	"TestPlugins":                     "client certificates are a plugin that is sold",
	"TestExpectations":                "compares with a history that exists in a Docker image only",
	"TestPersistentSubscriptions":     "the node has none yet",
	"TestStreams/AuthenticationTests": "creates persistent subscriptions",
	"TestStreams/ReadStreamTests/readStreamEventsForwardsFromZeroPosition":         "the same image",
	"TestStreams/ReadStreamTests/readStreamEventsBackwardsFromEndPosition":         "the same image",
	"TestStreams/SubscriptionTests/allSubscriptionWithFilterDeliversCorrectEvents": "the same image",
}

// TestClientSuite runs the tests that EventStore-Client-Go was published with:
// its test files as they are, but for the one that starts Docker containers,
// for which clientsuite/containers_test.go stands in.
func TestClientSuite(t *testing.T) {
	t.Parallel()
	t.Run("without TLS", func(t *testing.T) {
		t.Parallel()
		suite(t, 52, "SUITE_ENDPOINT="+open(t, t.TempDir()).Addr(), "SUITE_POPULATED_ENDPOINT="+open(t, t.TempDir()).Addr())
	})
}

// suite runs the client's tests and wants at least so many cases to pass, so
// that a suite that shrinks is noticed.
func suite(t *testing.T, least int, environment ...string) {
	t.Helper()
	test := exec.CommandContext(t.Context(), "go", "test", "-trimpath", "-count=1", "-v",
		"-skip", skipped(), "-timeout=3m", "./esdb")
	test.Dir = suiteModule(t)
	test.Env = append(os.Environ(), append(environment, "GOFLAGS=-mod=readonly", "GOWORK=off")...)
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

// suiteModule makes a module of the client's tests in a directory of its own.
// They read their data from a folder beside theirs.
func suiteModule(t *testing.T) string {
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
	copies := map[string]string{}
	for _, name := range tests {
		copies[filepath.Join("esdb", filepath.Base(name))] = name
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
	return dir
}
