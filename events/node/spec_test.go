package node_test

import (
	"flag"
	"os"
	"testing"

	"github.com/playcast/playcast/events/storetest/spec"
)

// specTarget names a further store for the specification.
const specTarget = "PLAYCAST_SPEC_ESDB"

// TestSpec tries the specification on a node for each group of cases, and on
// the store that PLAYCAST_SPEC_ESDB names.
func TestSpec(t *testing.T) {
	t.Parallel()
	stores := map[string]spec.Store{"node": func(t testing.TB) string { return open(t, t.TempDir()).ConnectionString() }}
	if target := os.Getenv(specTarget); target != "" {
		stores["other"] = func(testing.TB) string { return target }
	}
	const least = 120
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			n := spec.Run(t, store)
			t.Logf("the specification has %d cases", n)
			if all := flag.Lookup("test.run").Value.String() == ""; all && n < least {
				t.Errorf("%d cases ran, want at least %d", n, least)
			}
		})
	}
}
