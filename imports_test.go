package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/playcast/playcast"

// An edge lets the packages that match from import those that match to. A name
// is one package; "x/*" is every package directly below x; "x/..." is x and all
// below it; "." is main.
type edge struct{ from, to, why string }

// allowed is the whole lattice: what is not here must not be. A package may
// always import the ones below it in its own "internal".
var allowed = []edge{
	{".", "./...", "main joins the parts, so that they need not know each other"},

	{"events/*", "events", "the stores and the feed carry what the ground defines"},
	{"events/node", "events/history", "a history leaves and enters a directory in this form"},
	{"events/storetest/spec", "events/storetest/esdbtest", "the specification speaks to a store in few words"},
	{"schema/schematest", "schema", "a database for a test has the schema"},
	{"schema/schematest", "schema/local", "and lives on a private PostgreSQL"},
	{"schema/vault", "events", "a key is a player's, and seals what events hold of them"},
	{"commands/...", "events", "a command decides on events and appends them"},
	{"commands", "events/feed", "a policy takes events as messages"},
	{"commands/*", "commands", "an aggregate's commands are run by the one handler"},
	{"commands/session", "commands/worker", "placing a session reserves a slot of a worker"},
	{"commands/lobby", "commands/session", "a lobby that starts requests a session, and seats its members"},
	{"commands/recording", "commands/session", "a recording that ends of itself is over for its session too"},
	{"commands/player", "commands/session", "a player whose time is up plays no more"},
	{"commands/simulation", "commands/...", "a simulation lives through all of the write side"},
	{"commands/simulation", "events/memstore", "on a store in memory"},
	{"commands/invoice", "commands/numbering", "an approved document is issued under the number that its series assigns"},
	{"projections/ledger", "events", "the books are kept of events"},
	{"projections", "events", "a view is folded from events"},
	{"projections", "projections/ledger", "the books are a view as well"},
	{"projections", "events/feed", "which are delivered in batches, with a checkpoint"},
	{"queries", "events", "an answer names its ids, states and positions"},
	{"streamer/...", "events", "a worker reacts to events"},
	{"streamer", "events/feed", "which are delivered as messages"},
	{"streamer", "streamer/*", "a slot is made of the leaves"},
	{"streamer/*", "streamer/xconn", "several leaves speak to the X server of their session"},
	{"streamer/*", "streamer/storage", "what outlives a session is kept where every worker finds it"},
	{"streamer/storage/storagetest", "streamer/storage", "the contract of a store is a suite for every implementation"},
	{"streamer/transport", "streamer/transport/congestion", "a peer sends at the rate that congestion control finds"},
	{"gateway/...", "events", "the gateway's answers name ids and positions"},
	{"gateway/...", "commands/...", "a request becomes a command"},
	{"gateway/...", "queries", "a page is the answer to a query"},
	{"gateway/...", "gateway/...", "its inner packages are its own business"},
	{"bench/...", "events", "the load generators name ids"},
	{"bench/...", "bench/player", "a measurement plays as a player does"},
	{"bench/...", "bench/internal/...", "and has what it shares with the others"},
}

// forTests are edges that only test files may use, beside the allowed ones.
var forTests = []edge{
	{"./...", "events/...", "a test runs against a store in memory, or the embedded node"},
	{"./...", "schema/...", "a test of a view needs the private PostgreSQL"},
	{"commands", "commands/*", "the handler and the reactor are tested with real aggregates"},
	{"commands/...", "commands/decidetest", "the tests of deciders and policies read as sentences"},
	{"commands/invoice", "projections/ledger", "the books balance whatever is decided on invoices"},
	{"commands/invoice", "commands/billing", "and what accounts are charged is followed to the last cent"},
	{"projections", "commands/simulation", "views are tested on histories as players make them"},
	{"queries", "projections", "a question is tested on the tables of the views"},
	{"gateway", "projections", "the gateway is tested with views that follow the log, so that a position means what it says"},
	{"streamer/...", "streamer/...", "a test joins leaves as a worker does, on an X server of its own"},
}

// TestImports holds the rule of who may import whom. Before adding an edge:
// could the thing be an interface of the importing package, which main fills?
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		check := func(imported string, edges []edge) {
			to, ours := relative(imported)
			if from, _ := relative(p.ImportPath); ours && !permitted(edges, from, to) {
				t.Errorf("%s imports %s, which no rule in imports_test.go allows. "+
					"Report through a small interface of the importing package, which main joins to the other.", from, to)
			}
		}
		for _, imported := range p.Imports {
			check(imported, allowed)
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			// A test in the package's own folder may import the package.
			if imported != p.ImportPath {
				check(imported, slices.Concat(allowed, forTests))
			}
		}
	}
}

func TestPermitted(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{".", "events/node", true},
		{".", "schema/local", true},
		{"commands/session", "commands/worker", true},
		{"commands/worker", "commands/session", false},
		{"commands", "commands/session", false},
		{"commands/billing", "events", true},
		{"events", "schema", false},
		{"events/esdb", "events/node", false},
		{"projections", "schema/local", false},
		{"projections", "projections/internal/db", true},
		{"queries", "projections", false},
		{"streamer", "commands", false},
		{"streamer/encode", "streamer/xconn", true},
		{"streamer/encode", "streamer/capture", false},
		{"gateway", "commands/session", true},
		{"gateway", "projections", false},
		{"gateway/auth", "queries", true},
		{"bench", "gateway", false},
	} {
		if got := permitted(allowed, c.from, c.to); got != c.want {
			t.Errorf("permitted(%s, %s) = %t, want %t", c.from, c.to, got, c.want)
		}
	}
}

func permitted(edges []edge, from, to string) bool {
	if parent, _, found := strings.Cut(to, "/internal/"); found && (from == parent || strings.HasPrefix(from, parent+"/")) {
		return true
	}
	return slices.ContainsFunc(edges, func(e edge) bool { return match(e.from, from) && match(e.to, to) })
}

func match(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return tree == "." || pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	if parent, ok := strings.CutSuffix(pattern, "/*"); ok {
		return path.Dir(pkg) == parent
	}
	return pattern == pkg
}

// relative is a package's folder; false for a package of somebody else.
func relative(importPath string) (string, bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// packages lists the module, with the default build tags.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e",
		"-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, said.String())
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}
